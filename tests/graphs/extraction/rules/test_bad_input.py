"""Whatever a text is, reading it by rules ends, soon, and raises nothing."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.extraction.rules import Gazetteer, read_by_rules
from graphs.extraction.rules.source import MOST_CHARACTERS
from memory.knowledge.facts import DocumentFacts, Entity
from tests.graphs.extraction.rules.documents import document

KNOWN = Gazetteer([Entity("Person", "Ada Byron"), Entity("Event", "fair", "2026")])


def _read(*texts: str, lang: str = "en", locators: tuple[str, ...] = ()) -> DocumentFacts:
    return read_by_rules(*document(*texts, lang=lang, locators=locators), known=KNOWN)


def _chunks(text: str) -> list[str]:
    return [text[at : at + 700] for at in range(0, len(text), 700)]


def test_nothing_gives_nothing() -> None:
    """A document without chunks, and one of white space, say nothing."""
    assert _read().links == ()
    assert _read("", " \n ").links == ()


@pytest.mark.parametrize(
    "text",
    [
        "A" * 10_000,
        "Aa" * 5_000,
        "0123456789 " * 1_000,
        "\x00\x01\ufffd\ud800 \x7f" * 500,
        "مرحبا يا عالم، اسمي ليلى " * 100,
        "De " * 3_000,
        "A. " * 3_000,
        "Name: " * 2_000,
        "Marie de la " * 1_000,
        "Jean, " * 2_000,
        "d'A" * 3_000,
        "meeting of " * 1_000,
        "réunion du conseil de la " * 500,
        "on 3 May 2024, " * 800,
        "founded in the company " * 500,
        "((((((" * 1_000,
        "X&Y & " * 1_000,
        "Bank of " * 1_000,
        "a" * 300 + "@" + "b" * 300,
        "\n" * 5_000,
        "- " * 4_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_odd_texts_end_soon(text: str) -> None:
    """Ten thousand letters of anything take less than three seconds of the processor, in any chunks."""
    began = time.process_time()
    for lang in ("en", "fr", "ar"):
        _read(text, lang=lang)
        _read(*_chunks(text), lang=lang)
    assert time.process_time() - began < 3


def test_a_very_long_text_is_read_in_bounded_time(seed: int) -> None:
    """Five million letters are read up to a limit; a name after it is not found."""
    chance = random.Random(seed)
    words = [
        "the",
        "meeting",
        "Harbour",
        "Ltd",
        "on",
        "3",
        "May",
        "2024",
        "with",
        "Claire",
        "Dubois",
        "and",
        "réunion",
        "at",
        "Bank",
        "of",
        "Leeds",
        "pays",
        "it",
    ]
    text = " ".join(chance.choice(words) for _ in range(1_000_000))
    began = time.process_time()
    facts = _read(*_chunks(text), "The treasurer is Quillon Ashby-Vane.")
    assert time.process_time() - began < 30
    assert "Quillon Ashby-Vane" not in {link.entity.name for link in facts.links}
    assert len(text) > MOST_CHARACTERS


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text(max_size=300), max_size=4),
    st.sampled_from(["en", "fr", "de", "ar", ""]),
    st.sampled_from(["page 1", "row 3", "A > 2019 : B", "", "00:00:01 Ada"]),
)
def test_any_text_is_read(texts: list[str], lang: str, locator: str) -> None:
    """No text raises, and every link names chunks of the document."""
    facts = _read(*texts, lang=lang, locators=(locator,) * len(texts))
    known = {f"c{number}" for number in range(len(texts))}
    assert all(link.chunks and set(link.chunks) <= known for link in facts.links)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "Mme",
                "Claire",
                "Dubois,",
                "(the",
                "Ltd",
                "de",
                "la",
                "Bank",
                "of",
                "on",
                "3",
                "May",
                "2026",
                ":",
                "meeting\n",
                "réunion",
                ".",
                "–",
                ";",
                "&",
                "’",
                "»",
                "M.",
            ]
        ),
        max_size=80,
    )
)
def test_any_row_of_cues_is_read(words: list[str]) -> None:
    """The cues themselves, in any order, raise nothing."""
    for lang in ("en", "fr"):
        _read(" ".join(words), lang=lang)
