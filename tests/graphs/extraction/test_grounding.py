"""Where a text says a name."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from graphs.extraction.grounding import grounded, words_of
from memory.knowledge.keys import key_of

NAMES = st.text(st.characters(categories=("Lu", "Ll", "Lt", "Lo", "Nd")), min_size=1, max_size=20)


def test_a_name_is_found_as_it_is_written() -> None:
    """The place is that of the very words."""
    text = "On Monday, Claire Le Bihan rang."
    found = grounded("Claire Le Bihan", text)
    assert found and text[slice(*found)] == "Claire Le Bihan"


def test_case_accents_spaces_and_apostrophes_do_not_matter() -> None:
    """What people type and what a document has are rarely the same letter for letter."""
    text = "Signé par   HÉLÈNE\n d’Ornano, et par Zoe\u0301."
    found = grounded("Helene D'Ornano", text)
    assert found and text[slice(*found)] == "HÉLÈNE\n d’Ornano"
    accent = grounded("zoé", text)
    assert accent and text[slice(*accent)] == "Zoe\u0301"


def test_a_part_of_a_word_is_no_name() -> None:
    """The name "Ann" is not in "Annual", and "Ann" further on is."""
    assert grounded("Ann", "The Annual report") is None
    assert grounded("Ann", "The Annual report of Ann") == (21, 24)


def test_what_is_not_there_is_not_found() -> None:
    """A name that a model made up, or none at all, has no place."""
    assert grounded("Bob", "Alice wrote it") is None
    assert grounded("", "Alice") is None
    assert grounded("…", "Alice …") is None
    assert grounded("Alice", "") is None


@given(before=st.text(), name=NAMES, after=st.text())
def test_a_name_between_spaces_is_always_found(before: str, name: str, after: str) -> None:
    """Whatever stands around; what is found has the key of the name."""
    if not key_of(name):
        return
    text = f"{before} {name} {after}"
    found = grounded(name, text)
    assert found is not None
    assert key_of(text[slice(*found)]) == key_of(name)


@given(name=NAMES, before=st.text())
def test_another_way_of_writing_is_found_too(name: str, before: str) -> None:
    """Capitals and decomposed accents are the same name."""
    written = unicodedata.normalize("NFD", name.upper())
    if key_of(written) != key_of(name) or not key_of(name):
        return  # Some letters have no capital that folds back.
    found = grounded(name, f"{before} {written} .")
    assert found is not None


@given(st.text())
def test_words_are_those_of_keys(text: str) -> None:
    """The words of a text are its key's, each with a place in it."""
    words = words_of(text)
    assert words.folded.split() == key_of(text).split()
    assert len(words.bounds) == len(words.folded.split())
    assert all(0 <= start < end <= len(text) for start, end in words.bounds)


@given(st.text(), st.text())
def test_nothing_raises(name: str, text: str) -> None:
    """Any name, any text: a place that says the name, or none."""
    found = grounded(name, text)
    assert found is None or key_of(text[slice(*found)]) == key_of(name)
