"""Tables as text: a section per row, "header: value; header: value", so that a row is understood alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from graphs.ingestion.parsing.sections import Section

Row = Sequence[str]
HEADER_WITHIN: Final = 10
"""How many rows are looked at to find the header: reports often start with a title."""

_VALUE: Final = re.compile(
    r"^[-+(]?[\s\d.,:/%€$£()-]*\d[\s\d.,:/%€$£()TZ-]*$|^(true|false|vrai|faux|oui|non|yes|no)$", re.I
)


def sections(rows: Iterable[tuple[int, Row]], prefix: str = "") -> Iterator[Section]:
    """Yield an atomic section per row that is not blank; rows come with their number, as a person sees it."""
    filled = ((number, row) for number, row in rows if any(cell.strip() for cell in row))
    first = list(islice(filled, HEADER_WITHIN))
    at = header_index([row for _, row in first])
    header = first[at][1] if at is not None else ()
    # The header is said again by every row; it has a section of its own only when no row follows.
    alone = at is not None and at == len(first) - 1
    for index, (number, row) in enumerate(first):
        if index != at or alone:
            yield _section(number, row, header if at is not None and index > at else (), prefix)
    for number, row in filled:
        yield _section(number, row, header, prefix)


def _section(number: int, row: Row, header: Row, prefix: str) -> Section:
    return Section(line(row, header), f"{prefix}row {number}", atomic=True)


def header_index(rows: Sequence[Row]) -> int | None:
    """The row that names the columns: the first one as wide as the table whose cells are all words."""
    width = max((_width(row) for row in rows), default=0)
    for index, row in enumerate(rows):
        if _width(row) >= max(1, width * 0.6):
            cells = [cell for cell in row if cell.strip()]
            named = not any(_VALUE.match(cell.strip()) for cell in cells) and len(set(cells)) == len(cells)
            return index if named and (width > 1 or index == 0) else None
    return None


def line(row: Row, header: Row) -> str:
    """One row as text; empty cells are left out."""
    said = []
    for column, cell in enumerate(row):
        value = " ".join(cell.split())
        if value:
            name = " ".join(header[column].split()) if column < len(header) else ""
            said.append(f"{name}: {value}" if name else value)
    return "; ".join(said)


def lines(grid: Sequence[Row]) -> list[str]:
    """A small table, already in memory, as a line per row."""
    return [section.text for section in sections(enumerate(grid, start=1))]


def _width(row: Row) -> int:
    return sum(bool(cell.strip()) for cell in row)
