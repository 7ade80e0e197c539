"""Make the binary samples (PDF, DOCX, XLSX) from the texts in `sources/`.

Run `python samples/build.py` from anywhere: the same sources give the same bytes. The Markdown of the sources
is a small part of it: headings of three levels, items, pipe tables and paragraphs of one line each.
"""

import csv
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal, NamedTuple

import docx
import openpyxl
from fpdf import FPDF
from openpyxl.styles import Font

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "sources"
DOCUMENTS = HERE / "documents"
MOMENT = datetime(2026, 5, 11, 8, 0, tzinfo=UTC)  # written in every file, in place of the time of the build
COMPANY = "Cyclerie Valombre"
HEADING_POINTS = {1: 20, 2: 14, 3: 12}


class Block(NamedTuple):
    """One piece of a source: `level` is that of a heading (1 to 3), `rows` the cells of a table."""

    kind: Literal["heading", "item", "table", "paragraph"]
    text: str = ""
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()


def blocks(source: str) -> Iterator[Block]:
    """Cut the Markdown of a source into its blocks, in order."""
    table: list[tuple[str, ...]] = []
    for line in [*source.splitlines(), ""]:
        if line.startswith("|"):
            if not line.startswith("|---"):
                table.append(tuple(cell.strip() for cell in line.strip("|").split("|")))
            continue
        if table:
            yield Block("table", rows=tuple(table))
            table = []
        if heading := re.match(r"(#{1,3}) (.+)", line):
            yield Block("heading", heading[2], level=len(heading[1]))
        elif line.startswith("- "):
            yield Block("item", line[2:])
        elif line:
            yield Block("paragraph", line)


class Paper(FPDF):
    """A4 pages in Helvetica, with the company's name and the page number at the foot of each."""

    def footer(self) -> None:
        """Write the foot of the page; fpdf2 calls it at each page break."""
        self.set_y(-15)
        self.set_font("helvetica", size=8)
        self.cell(0, 10, f"{COMPANY} · page {self.page_no()}", align="C")


def make_pdf(source: Path, target: Path) -> None:
    """Lay a Markdown source out as a PDF."""
    paper = Paper(format="A4")
    # Windows-1252 has the euro, the oe ligature and curly quotes; fpdf2 stops at Latin-1 unless told.
    paper.core_fonts_encoding = "windows-1252"
    paper.set_creation_date(MOMENT)
    paper.set_author(COMPANY)
    paper.set_margins(25, 22)
    paper.set_auto_page_break(True, margin=22)
    paper.add_page()
    for block in blocks(source.read_text(encoding="utf-8")):
        if block.level == 1:
            paper.set_title(block.text)
        paper.set_font("helvetica", "B" if block.level else "", HEADING_POINTS.get(block.level, 11))
        paper.ln(4 if block.level else 1)
        text = f"• {block.text}" if block.kind == "item" else block.text
        paper.multi_cell(0, None if block.level else 5.6, text, align="L", new_x="LMARGIN", new_y="NEXT")
    paper.output(str(target))


def make_docx(source: Path, target: Path) -> None:
    """Lay a Markdown source out as a Word document, with its styles of headings, lists and tables."""
    document = docx.Document()
    properties = document.core_properties
    properties.author, properties.comments = COMPANY, ""
    properties.created = properties.modified = MOMENT
    for block in blocks(source.read_text(encoding="utf-8")):
        if block.kind == "heading":
            document.add_heading(block.text, level=block.level)
            properties.title = properties.title or block.text
        elif block.kind == "table":
            table = document.add_table(rows=0, cols=len(block.rows[0]), style="Table Grid")
            for row in block.rows:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
        else:
            document.add_paragraph(block.text, style="List Bullet" if block.kind == "item" else None)
    document.save(str(target))
    freeze(target)


def typed(cell: str) -> str | int | date | None:
    """Give a cell of a CSV source the type that a spreadsheet would."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", cell):
        return date.fromisoformat(cell)
    return int(cell) if cell.isdecimal() else cell or None


def make_xlsx(source: Path, target: Path) -> None:
    """Make a workbook of a folder of CSV files, one sheet each, in the order of their names."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator, book.properties.title = COMPANY, target.stem
    book.properties.created = MOMENT.replace(tzinfo=None)  # openpyxl writes naive times as UTC
    for part in sorted(source.glob("*.csv")):
        sheet = book.create_sheet(part.stem)
        with part.open(encoding="utf-8", newline="") as lines:
            for row in csv.reader(lines, delimiter=";"):
                sheet.append([typed(cell) for cell in row])
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        sheet.freeze_panes = "A2"
    book.save(target)
    freeze(target)


def freeze(path: Path) -> None:
    """Write an Office file again with fixed times, since the libraries stamp it with those of the build."""
    with zipfile.ZipFile(path) as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist()]
    modified = rb"\g<1>" + MOMENT.strftime("%Y-%m-%dT%H:%M:%SZ").encode() + rb"\g<2>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*(<)", modified, content)
            info = zipfile.ZipInfo(name, date_time=MOMENT.timetuple()[:6])
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)


RECIPES: dict[str, tuple[str, Callable[[Path, Path], None]]] = {
    "rapport-annuel-2025.pdf": ("rapport-annuel-2025.md", make_pdf),
    "harbourside-supply-agreement.pdf": ("harbourside-supply-agreement.md", make_pdf),
    "margelle-cahier-des-charges.docx": ("margelle-cahier-des-charges.md", make_docx),
    "new-member-handbook.docx": ("new-member-handbook.md", make_docx),
    "budget-2026.xlsx": ("budget-2026", make_xlsx),
}


def main() -> None:
    """Make every binary sample."""
    for name, (source, make) in RECIPES.items():
        make(SOURCES / source, DOCUMENTS / name)


if __name__ == "__main__":
    main()
