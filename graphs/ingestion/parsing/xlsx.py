"""Excel workbooks (ECMA-376), streamed: values as computed, a section per row of each sheet."""

from __future__ import annotations

import datetime as dt
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol, cast
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from graphs.ingestion.parsing import containers, rows
from graphs.ingestion.parsing.errors import ParsingError
from graphs.ingestion.parsing.sections import Parts, Title


class _Cell(Protocol):
    """What is read of a cell; openpyxl's own read-only types do not fit each other's stubs."""

    @property
    def value(self) -> object: ...

    @property
    def number_format(self) -> str | None: ...


class _Sheet(Protocol):
    title: str

    def reset_dimensions(self) -> None: ...

    def iter_rows(self) -> Iterator[tuple[_Cell, ...]]: ...


_MAX_COLUMNS: Final = 16_384


def read(path: Path) -> Parts:
    """Yield the title of the workbook, then an atomic section per row, located by sheet and row."""
    containers.check(path, "xl/")
    try:
        with warnings.catch_warnings():
            # openpyxl warns of styles and extensions that it leaves out: none of them is text.
            warnings.simplefilter("ignore")
            book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
            try:
                yield Title(book.properties.title or "")
                for sheet in cast("list[_Sheet]", book.worksheets):
                    yield from rows.sections(_numbered(sheet), f"sheet {sheet.title}, ")
            finally:
                book.close()
    except (InvalidFileException, KeyError, ParseError, zipfile.BadZipFile, ValueError, IndexError) as error:
        raise ParsingError("corrupt", f"{type(error).__name__}: {error}") from error


def _numbered(sheet: _Sheet) -> Iterator[tuple[int, list[str]]]:
    """The rows of a sheet as text, numbered from 1; the size that the file announces is not believed."""
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        yield number, [_shown(cell) for cell in cells[:_MAX_COLUMNS]]


def _shown(cell: _Cell) -> str:
    """A value as a person sees it: dates as ISO 8601, whole numbers without ".0", shares in percent."""
    match value := cell.value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case int() | float():
            percent = "%" in (cell.number_format or "")
            return f"{value * 100:.10g} %" if percent else f"{value:.15g}"
        case dt.datetime() if value.time() == dt.time():
            return value.date().isoformat()
        case dt.datetime():
            return value.isoformat(sep=" ", timespec="minutes")
    return str(value)
