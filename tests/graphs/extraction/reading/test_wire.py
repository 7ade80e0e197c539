"""What parent and child hand over: it comes back as it was, whatever a text holds."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.extraction.reading import protocol, wire
from graphs.extraction.reading.names import Names
from memory.archive.entities import Chunk, Document
from memory.knowledge.facts import DocumentFacts, Employment, Entity, Link
from memory.knowledge.keys import MOST_CHARACTERS, display, is_name
from memory.knowledge.ontology import ENTITY_LABELS, RELATIONSHIP_TYPES

# Every code point, halves of pairs included: they come out of broken files and of JSON.
TEXT = st.text(st.characters(exclude_categories=()), max_size=40)
DATES = st.datetimes(timezones=st.just(UTC))
NUMBERS = st.integers(0, 2**40)
DOCUMENTS = st.builds(
    Document, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, NUMBERS, TEXT, DATES, DATES, NUMBERS
)
CHUNKS = st.builds(Chunk, TEXT, TEXT, TEXT, NUMBERS, TEXT, TEXT, TEXT)
NAMES = TEXT.filter(is_name)
ENTITIES = st.builds(Entity, st.sampled_from(ENTITY_LABELS), NAMES, TEXT)
IDS = st.lists(TEXT, max_size=3).map(tuple)
LINKS = st.builds(Link, st.sampled_from(sorted(RELATIONSHIP_TYPES)), ENTITIES, IDS)
WORK = st.builds(Employment, ENTITIES, ENTITIES, IDS, TEXT)
FACTS = st.builds(
    DocumentFacts,
    *[TEXT] * 6,
    links=st.lists(LINKS, max_size=4).map(tuple),
    employments=st.lists(WORK, max_size=3).map(tuple),
    first_chunk=TEXT,
)
NOTHING = DocumentFacts("", "", "", "", "", "")


@given(DOCUMENTS)
def test_documents_come_back(document: Document) -> None:
    """A document is the same on the other side."""
    assert wire.to_document(wire.value_of(wire.line(wire.of_document(document)))) == document


@given(CHUNKS)
def test_chunks_come_back(chunk: Chunk) -> None:
    """A chunk is the same on the other side, on one line."""
    line = wire.line(wire.of_chunk(chunk))
    assert line.count(b"\n") == 1
    assert wire.to_chunk(wire.value_of(line)) == chunk


@given(FACTS)
def test_facts_come_back(facts: DocumentFacts) -> None:
    """Facts are the same on the other side."""
    assert protocol.facts(wire.line({"facts": wire.of_facts(facts)})) == facts


@pytest.mark.parametrize("text", ["", "\ud83d\ude00", "\ude00\ud83d", "\0\n\r\u2028", "e\u0301 É", "😀"])
def test_texts_that_are_hard_to_write_down(text: str) -> None:
    """Halves of a pair side by side stay two; line ends stay in the text."""
    chunk = Chunk("c", "d", "u", 0, text, text, "")
    assert wire.to_chunk(wire.value_of(wire.line(wire.of_chunk(chunk)))) == chunk
    assert wire.to_facts(wire.value_of(wire.line(wire.of_facts(replace(NOTHING, title=text))))).title == text


def test_a_name_that_cleaning_would_make_too_long_is_none() -> None:
    """Some letters are shown as several: who reads the name again takes it as it was."""
    assert len(display("\ufb2c" * MOST_CHARACTERS)) > MOST_CHARACTERS
    with pytest.raises(ValueError, match="no name"):
        Entity("Person", "\ufb2c" * MOST_CHARACTERS)


@given(st.lists(ENTITIES, max_size=5).map(tuple), st.integers(0, 5), TEXT)
def test_names_come_over_whole(entities: tuple[Entity, ...], version: int, user: str) -> None:
    """In however many lines, all names arrive, and then whose they are."""
    *some, last = map(wire.value_of, protocol.hands_over(Names(user, version, entities)))
    assert [one for more in some for one in wire.to_entities(more["more"])] == list(entities)
    assert last == {"keep": [user, version]}


@pytest.mark.parametrize(
    "said",
    [
        "[]",
        "{}",
        "nothing",
        '{"facts": []}',
        '{"facts": {"user": 1}}',
        json.dumps({"facts": {**wire.of_facts(NOTHING), "links": [["KNOWS", ["Person", "Ada", ""], []]]}}),
        json.dumps({"facts": {**wire.of_facts(NOTHING), "links": [["MENTIONS", ["Person", 1, ""], []]]}}),
        json.dumps({"facts": {**wire.of_facts(NOTHING), "links": 3}}),
    ],
)
def test_what_is_no_answer_is_refused(said: str) -> None:
    """A child that was led astray cannot put in what the graph does not know."""
    with pytest.raises((ValueError, TypeError, KeyError)):
        protocol.facts(said.encode() + b"\n")


def test_dates_keep_their_zone() -> None:
    """A date comes back aware."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    document = Document("", "", "", "", "", "", "", 0, "", now, now, 0)
    assert wire.to_document(wire.of_document(document)).created_at.tzinfo is not None
