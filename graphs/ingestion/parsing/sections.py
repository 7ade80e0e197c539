"""What reading a file gives: titles found on the way, and sections of text with their place in the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """A run of text that has one place in its file.

    `locator` is for people: "page 3", "Heading > Sub", "lines 1-20", "sheet Budget, row 12", "row 12",
    "00:01:20 Marie". `heading` is the path of headings above the text, outermost first; the text does not
    repeat it. An `atomic` section (a row) is not joined with its neighbours.
    """

    text: str
    locator: str
    heading: tuple[str, ...] = ()
    atomic: bool = False


@dataclass(frozen=True, slots=True)
class Title:
    """A title that the file itself gives; the first sensible one is kept."""

    text: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file that was read: its title, its media type (RFC 6838) and its sections in order."""

    title: str
    media_type: str
    sections: tuple[Section, ...]


Parts = Iterator[Section | Title]
"""What a format module yields while it reads, so that a child never holds a whole document twice."""
