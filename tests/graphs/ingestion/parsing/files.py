"""Small real files of every format, written with the libraries that people's programs use too."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import docx
import fpdf
import openpyxl

from graphs.ingestion.parsing.reading import Reading
from graphs.ingestion.parsing.sections import Parsed

Grid = Sequence[Sequence[object]]
OLE = bytes.fromhex("D0CF11E0A1B11AE1")
PNG = bytes.fromhex("89504E470D0A1A0A0000000D49484452")


def parsed(path: Path) -> Parsed:
    """Read a file in this process, as the child does in its own."""
    reading = Reading(path)
    sections = tuple(reading)
    return Parsed(reading.title, reading.media_type, sections)


def places(path: Path) -> list[tuple[str, str]]:
    """Locator and text of each section."""
    return [(section.locator, section.text) for section in parsed(path).sections]


def written(path: Path, content: str | bytes) -> Path:
    """A file with this content."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def pdf(path: Path, *pages: str, title: str = "", password: str = "") -> Path:
    """A PDF with a text per page."""
    document = fpdf.FPDF()
    document.set_font("helvetica", size=12)
    if title:
        document.set_title(title)
    if password:
        document.set_encryption(owner_password=f"{password}-owner", user_password=password)
    for page in pages:
        document.add_page()
        document.multi_cell(0, 6, page)
    document.output(str(path))
    return path


def xlsx(path: Path, **sheets: Grid) -> Path:
    """A workbook; cells that start with "=" are formulas without a computed value."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def docx_with(path: Path, *paragraphs: tuple[str, str]) -> Path:
    """A Word document of (style, text) paragraphs."""
    document = docx.Document()
    for style, text in paragraphs:
        document.add_paragraph(text, style=style)
    document.save(str(path))
    return path


def zip_bomb(path: Path, megabytes: int = 64, folder: str = "xl") -> Path:
    """A container with the `folder` of a workbook, or of another format, that unpacks a thousandfold."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as container:
        container.writestr("[Content_Types].xml", "<Types/>")
        container.writestr(f"{folder}/workbook.xml", "<workbook/>")
        container.writestr(f"{folder}/worksheets/sheet1.xml", bytes(megabytes * 1024 * 1024))
    return path
