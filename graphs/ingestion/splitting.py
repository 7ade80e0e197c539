"""Passages from sections: as long as allowed, never across a heading, a page or a speaker, no text lost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from graphs.ingestion.parsing.sections import Parsed, Section

if TYPE_CHECKING:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

TINY_CHARS: Final = 40
"""Rows shorter than this say too little alone: consecutive ones are joined, and so are their numbers."""
JOINED_ROWS_CHARS: Final = 400

_SEPARATORS: Final = [
    r"\n\s*\n",  # paragraphs
    r"\n",
    r"(?<=[.!?…])[^\S\u00a0\u202f]+",  # sentences
    r"(?<=[,;:])[^\S\u00a0\u202f]+",  # clauses
    r"[^\S\u00a0\u202f]+",  # words; French writes "50 %" and "Non !" with spaces that do not break
    r"\s+",
    "",
]
_ROW: Final = re.compile(r"(.*)\brow (\d+)$")


@dataclass(frozen=True, slots=True)
class Piece:
    """A passage: its text, without the heading, and where it is, for people and as a path of headings."""

    text: str
    locator: str
    heading: tuple[str, ...] = ()


def split(parsed: Parsed, *, chunk_chars: int = 700, overlap: int = 70) -> Iterator[Piece]:
    """Yield pieces of at most `chunk_chars` characters, in order; cut texts share up to `overlap` of them.

    Sections are joined only when their place is the same; rows keep their own, tiny ones "rows 12-15".
    """
    for section in _joined(parsed.sections, chunk_chars):
        if len(section.text) <= chunk_chars:
            yield Piece(section.text, section.locator, section.heading)
            continue
        for text in _splitter(chunk_chars, min(overlap, chunk_chars // 2)).split_text(section.text):
            yield Piece(text, section.locator, section.heading)


def _joined(sections: Iterable[Section], chunk_chars: int) -> Iterator[Section]:
    """The sections that hold text, neighbours joined where a reader would not notice."""
    held: Section | None = None
    for section in sections:
        text = section.text.strip()
        if not text:
            continue
        section = Section(text, section.locator, section.heading, section.atomic)
        both = _join(held, section, chunk_chars) if held else None
        if held and not both:
            yield held
        held = both or section
    if held:
        yield held


def _join(first: Section, second: Section, chunk_chars: int) -> Section | None:
    """Two neighbours as one section, or None when they must stay apart."""
    if first.heading != second.heading or first.atomic != second.atomic:
        return None
    if first.atomic:
        return _join_rows(first, second, min(JOINED_ROWS_CHARS, chunk_chars))
    if first.locator != second.locator or len(first.text) + len(second.text) + 2 > chunk_chars:
        return None
    return Section(f"{first.text}\n\n{second.text}", first.locator, first.heading)


def _join_rows(first: Section, second: Section, most: int) -> Section | None:
    lines = [*first.text.split("\n"), second.text]
    if max(map(len, lines)) >= TINY_CHARS or sum(map(len, lines)) + len(lines) > most:
        return None
    locator = _span(first.locator, second.locator)
    return Section("\n".join(lines), locator, first.heading, atomic=True) if locator else None


def _span(first: str, second: str) -> str:
    """From "row 12" or "rows 12-14" and "row 15" of one sheet, "rows 12-15"; "" when they are not of one."""
    start = re.fullmatch(r"(.*)\brows? (\d+)(?:-\d+)?", first)
    end = _ROW.fullmatch(second)
    return f"{start[1]}rows {start[2]}-{end[2]}" if start and end and start[1] == end[1] else ""


@lru_cache(maxsize=8)
def _splitter(chunk_chars: int, overlap: int) -> RecursiveCharacterTextSplitter:
    """Imported here: the library takes longer to load than most files to split."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    return RecursiveCharacterTextSplitter(
        separators=_SEPARATORS, is_separator_regex=True, chunk_size=chunk_chars, chunk_overlap=overlap
    )
