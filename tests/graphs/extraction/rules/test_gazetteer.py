"""Names that the graph knows, found again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.extraction.rules import Gazetteer, read_by_rules
from memory.knowledge.facts import Entity
from tests.graphs.extraction.rules.documents import document

PERSON = Entity("Person", "Zdeňka Ohlsen")
COMPANY = Entity("Organization", "Ohlsen Ferry")


def test_names_are_found_whatever_their_writing() -> None:
    """Case, accents and line breaks do not matter; the place is that of the words in the text."""
    text = "Hier zdenka\nOHLSEN a téléphoné."
    (hit,) = Gazetteer([PERSON]).find(text)
    assert hit.entity == PERSON
    assert text[hit.start : hit.end] == "zdenka\nOHLSEN"


def test_only_whole_words_count() -> None:
    """The name "Rim" is not in "Rimini"."""
    assert Gazetteer([Entity("Organization", "Rim")]).find("Rimini, Trimmed, brim") == []


def test_the_longest_name_wins() -> None:
    """A name inside a longer one is not found there, and is found elsewhere."""
    short, long = Entity("Organization", "Severn Bank"), Entity("Organization", "Severn Bank Trust")
    hits = Gazetteer([short, long]).find("Severn Bank Trust, then Severn Bank.")
    assert [hit.entity for hit in hits] == [long, short]


def test_neighbouring_names_are_both_found() -> None:
    """Two names with one space between them share nothing."""
    one, two = Entity("Person", "Ada"), Entity("Person", "Bob")
    assert [hit.entity for hit in Gazetteer([one, two]).find("Ada Bob")] == [one, two]


def test_an_empty_one_finds_nothing() -> None:
    """A new graph knows no names."""
    assert Gazetteer([]).find("Ada") == []
    assert len(Gazetteer([])) == 0


@given(st.lists(st.text(min_size=1, max_size=12), max_size=8), st.text())
def test_whatever_is_found_stands_there(names: list[str], text: str) -> None:
    """A hit has the key of its entity, and hits come in the order of the text."""
    entities = []
    for name in names:
        try:
            entities.append(Entity("Person", name))
        except ValueError:
            continue  # It is no name.
    hits = Gazetteer(entities).find(text)
    assert [hit.start for hit in hits] == sorted(hit.start for hit in hits)
    for hit in hits:
        assert Entity("Person", text[hit.start : hit.end]).key == hit.entity.key


@pytest.mark.parametrize("known", [None, Gazetteer([PERSON, COMPANY])])
def test_a_known_name_without_any_cue_is_read(known: Gazetteer | None) -> None:
    """What no rule could tell is read where the graph knows it."""
    facts = read_by_rules(*document("yesterday Zdeňka Ohlsen was on the Ohlsen Ferry boat"), known=known)
    found = {link.entity for link in facts.links}
    assert found == ({PERSON, COMPANY} if known else set())


def test_a_known_name_in_small_letters_is_no_name() -> None:
    """Somebody called Hope is not every hope."""
    known = Gazetteer([Entity("Person", "Hope"), Entity("Organization", "Common Ground")])
    assert read_by_rules(*document("we hope to find common ground"), known=known).links == ()
