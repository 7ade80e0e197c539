"""Plain text: paragraphs, grouped to about one passage, each group with its line numbers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from graphs.ingestion.parsing.encoding import read_text
from graphs.ingestion.parsing.sections import Parts, Section

GROUP_CHARS: Final = 1000


def read(path: Path) -> Parts:
    """Yield sections of whole paragraphs, located by "lines 1-12"."""
    group: list[str] = []
    size = 0
    start = end = 0
    for first, last, paragraph in _paragraphs(read_text(path)):
        if group and size + len(paragraph) > GROUP_CHARS:
            yield _section(group, start, end)
            group, size = [], 0
        start = start if group else first
        group.append(paragraph)
        size, end = size + len(paragraph) + 2, last
    if group:
        yield _section(group, start, end)


def _section(group: list[str], start: int, end: int) -> Section:
    locator = f"line {start}" if start == end else f"lines {start}-{end}"
    return Section("\n\n".join(group), locator)


def _paragraphs(text: str) -> Iterator[tuple[int, int, str]]:
    """First line, last line (from 1) and text of each run of lines that are not blank."""
    lines: list[str] = []
    number = 0
    for number, line in enumerate(text.split("\n"), start=1):
        # A run without a blank line (a log, a list) is cut too, so that its place stays precise.
        if lines and (not line.strip() or sum(map(len, lines)) > GROUP_CHARS):
            yield number - len(lines), number - 1, "\n".join(lines)
            lines = []
        if line.strip():
            lines.append(line)
    if lines:
        yield number - len(lines) + 1, number, "\n".join(lines)
