"""What is read of a document: title, headings and chunks as plain text, each with its chunk."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from memory.archive.entities import Chunk, Document
from memory.long_term.passages import is_transcript, speaker

MOST_CHARACTERS: Final = 300_000
"""Of one document; what comes after is not read by rules, so that their time is bounded."""
LONGEST_PIECE: Final = 4_000
"""Of one chunk: chunks of ours are shorter by far."""

_BEYOND: Final = 60

Kind = Literal["title", "heading", "text", "rows", "speech"]
_PLACE: Final = re.compile(
    r"(?:page|lines?|rows?|slide|sheet .*, rows?|diapositive)\s*[\d–-]+(?:-\d+)?"
    r"|\d{2,}:\d\d:\d\d(?: .*)?|\d{4}-\d\d-\d\d .*"
)
_ROWS: Final = re.compile(r"\brows? \d+(?:-\d+)?$")
_WRAPPED: Final = re.compile(
    r"(?<=[^\n]{45})(?<![.:;!?\n])\r?\n(?=[^\s\-–•*>#|])(?!\d+[.)]\s)(?![^\W\d_]+(?: [^\W\d_]+)? ?:)"
)
_NO_WORDS: Final = re.compile(r"\S{80,}")
"""Addresses, keys, garbage: they hold no names, and cost patterns dearly."""
_MARKS: Final = re.compile(r"\*\*|__|[`*_#|>](?=\S)|(?<=\S)[`*_|]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text that is read as one, and the chunk that it stands in."""

    kind: Kind
    text: str
    chunk: str


@dataclass(frozen=True, slots=True)
class Source:
    """A document as the rules read it."""

    lang: str
    pieces: tuple[Piece, ...]
    speakers: tuple[tuple[str, str], ...] = ()
    """Who speaks in a transcript, and the chunk where."""
    file_name: str = ""


def source_of(document: Document, chunks: Sequence[Chunk]) -> Source:
    """Return what the rules read of a document, bounded."""
    kept = list(_bounded(chunks))
    transcript = is_transcript(document)
    pieces: list[Piece] = []
    if kept and document.title:
        pieces.append(Piece("title", _plain(document.title), kept[0].id))
    heading = ""
    for number, chunk in enumerate(kept):
        found = "" if transcript else _heading(chunk.locator)
        if found and found != heading:
            pieces.append(Piece("heading", _plain(found), chunk.id))
        heading = found
        kind: Kind = "speech" if transcript else "rows" if _ROWS.search(chunk.locator) else "text"
        pieces.append(Piece(kind, _plain(chunk.text[:LONGEST_PIECE] + _rest(kept, number)), chunk.id))
    speakers = tuple((who, chunk.id) for chunk in kept if (who := speaker(chunk, document)))
    name = re.split(r"[/\\]", document.uri)[-1]
    return Source(document.lang, tuple(pieces), speakers, name)


def _bounded(chunks: Sequence[Chunk]) -> Iterator[Chunk]:
    left = MOST_CHARACTERS
    for chunk in chunks:
        if left <= 0:
            return
        yield chunk
        left -= min(len(chunk.text), LONGEST_PIECE) + 1


def _rest(chunks: Sequence[Chunk], number: int) -> str:
    """Return the start of the next chunk where a sentence was cut: names are cut there too."""
    if number + 1 >= len(chunks):
        return ""
    chunk, after = chunks[number], chunks[number + 1]
    cut = chunk.text.rstrip()[-1:] not in (".", "!", "?", ":", ";", "") and not _ROWS.search(chunk.locator)
    if not cut or chunk.locator != after.locator or after.text[:20] in chunk.text:
        return ""
    return " " + after.text[:_BEYOND].rpartition(" ")[0]


def _heading(locator: str) -> str:
    """Return the last heading of a place; "" where the place is a page, rows, lines or a time."""
    if _PLACE.fullmatch(locator):
        return ""
    return locator.rsplit(" > ", 1)[-1].strip()[:300]


def _plain(text: str) -> str:
    """Return the text, letter for letter as long, without marks of Markdown and with wrapped lines joined."""
    short = _NO_WORDS.sub(_blank, text.replace("\r\n", " \n"))
    unmarked = _MARKS.sub(_blank, short)
    return _WRAPPED.sub(" ", unmarked)


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])
