"""CSV (RFC 4180, and the dialects that spreadsheets really write, ';' in France): a section per row."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from graphs.ingestion.parsing import rows
from graphs.ingestion.parsing.encoding import read_text
from graphs.ingestion.parsing.errors import ParsingError
from graphs.ingestion.parsing.sections import Parts

DELIMITERS: Final = ";\t|,"
"""In the order in which equally regular ones are preferred: a comma is also a decimal mark."""
SAMPLE_ROWS: Final = 50
SAMPLE_CHARS: Final = 100_000
MAX_FIELD_CHARS: Final = 20_000_000


def read(path: Path) -> Parts:
    """Yield an atomic section per row, located by the number that a spreadsheet shows."""
    text = read_text(path)
    separator = _announced(text)
    body = text.partition("\n")[2] if separator else text
    csv.field_size_limit(MAX_FIELD_CHARS)
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=separator or delimiter_of(body))
    try:
        yield from rows.sections(_numbered(reader))
    except csv.Error as error:
        raise ParsingError("corrupt", str(error)) from error


def _announced(text: str) -> str:
    """The separator of a first line "sep=;", which Excel writes and does not show."""
    first = text[:8].partition("\n")[0].strip()
    return first[4] if len(first) == 5 and first.lower().startswith("sep=") else ""


def _numbered(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    return enumerate(reader, start=1)


def delimiter_of(text: str) -> str:
    """The delimiter that gives the most regular table over the first rows; "," when there is none."""
    sample = text[:SAMPLE_CHARS]
    return max(DELIMITERS, key=lambda delimiter: _regularity(sample, delimiter)) if sample else ","


def _regularity(sample: str, delimiter: str) -> tuple[float, bool]:
    """The share of rows with the usual number of columns (0 for one column); whether the first row has it."""
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    try:
        found = [row for row in islice(reader, SAMPLE_ROWS) if row]
    except csv.Error:
        return 0.0, False
    widths = Counter(len(row) for row in found)
    if not widths:
        return 0.0, False
    usual, times = max(widths.items(), key=lambda item: (item[0] > 1, item[1]))
    return (times / len(found) if usual > 1 else 0.0), len(found[0]) == usual
