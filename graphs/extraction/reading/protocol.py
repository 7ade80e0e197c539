"""What parent and child say to each other, one line each: four questions, and their answers.

{"has": [user, version]} asks whether the child holds those names: {"has": true}.
{"more": [names]} hands over some, {"keep": [user, version]} ends them: {"has": true}.
{"read": document, "chunks", "names": [user, version] or null} asks for the facts, and {"authors": document,
"chunks"} for those of who wrote it: {"facts": …}, or {"error": what kind of error}.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from graphs.extraction.reading.names import Names
from graphs.extraction.reading.wire import line, of_chunk, of_document, of_entity, to_facts, value_of
from memory.archive.entities import Chunk, Document
from memory.knowledge.facts import DocumentFacts

MAX_LINE_BYTES: Final = 32 * 1024 * 1024
"""Of an answer: 400 entities of each label, each with the ids of all the chunks."""
NAMES_IN_A_LINE: Final = 1000
"""To make a line of them takes the event loop about a millisecond."""


class ReadingFailed(Exception):
    """The child says that it could not read this document."""


def asks_for(names: Names) -> bytes:
    """Ask whether the child holds these names."""
    return line({"has": [names.user, names.version]})


def hands_over(names: Names) -> Iterator[bytes]:
    """Give the names, in as many requests as it takes."""
    for start in range(0, len(names.entities), NAMES_IN_A_LINE):
        some = names.entities[start : start + NAMES_IN_A_LINE]
        yield line({"more": [of_entity(one) for one in some]})
    yield line({"keep": [names.user, names.version]})


def reading(document: Document, chunks: Sequence[Chunk], names: Names | None) -> bytes:
    """Ask for the facts of a document."""
    said = {"read": of_document(document), "chunks": [of_chunk(one) for one in chunks]}
    return line({**said, "names": [names.user, names.version] if names else None})


def authors(document: Document, chunks: Sequence[Chunk]) -> bytes:
    """Ask who wrote a document, or speaks in it."""
    return line({"authors": of_document(document), "chunks": [of_chunk(one) for one in chunks]})


def has(answer: bytes) -> bool:
    """Return whether the child holds the names."""
    return bool(value_of(answer) == {"has": True})


def facts(answer: bytes) -> DocumentFacts:
    """Return the facts; raise ReadingFailed, or ValueError, TypeError or KeyError when they are none."""
    said = value_of(answer)
    if "error" in said:
        raise ReadingFailed(str(said["error"])[:100])
    return to_facts(said["facts"])
