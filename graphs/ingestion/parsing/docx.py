"""Word documents (ECMA-376): headings, paragraphs and tables in the order of the document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import docx
from docx.blkcntnr import BlockItemContainer
from docx.document import Document
from docx.opc.exceptions import OpcError
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from lxml.etree import LxmlError

from graphs.ingestion.parsing import containers, rows
from graphs.ingestion.parsing.errors import ParsingError
from graphs.ingestion.parsing.headings import Outline
from graphs.ingestion.parsing.sections import Parts, Title

_HEADING: Final = re.compile(r"heading (\d)$", re.IGNORECASE)
"""Built-in styles have their English name in the file, whatever the language of Word."""
_TITLE: Final = "title"
MAX_NESTING: Final = 5


def read(path: Path) -> Parts:
    """Yield titles and a section per heading; raise `corrupt` when the package cannot be opened."""
    containers.check(path, "word/")
    document = _open(path)
    outline = Outline()
    styles = {style.style_id: style.name or "" for style in document.styles}
    for block in document.iter_inner_content():
        if isinstance(block, Paragraph):
            yield from _paragraph(block, outline, styles)
        else:
            outline.add(_table(block))
    if last := outline.close():
        yield last
    yield Title(document.core_properties.title or "")


def _open(path: Path) -> Document:
    try:
        return docx.Document(str(path))
    except (OpcError, LxmlError, KeyError, ValueError, AttributeError) as error:
        # python-docx has no exception of its own for a package with missing or foreign parts.
        raise ParsingError("corrupt", f"{type(error).__name__}: {error}") from error


def _paragraph(paragraph: Paragraph, outline: Outline, styles: dict[str, str]) -> Parts:
    text = paragraph.text.strip()
    if not text:
        return
    # `paragraph.style` searches all the styles each time: 6 s on 6,000 paragraphs, against .5.
    style = styles.get(paragraph._p.style or "", "")
    found = _HEADING.match(style)
    if found or style.lower() == _TITLE:
        if ended := outline.enter(int(found[1]) if found else 0, " ".join(text.split())):
            yield ended
        yield Title(text)
    else:
        outline.add(f"- {text}" if style.startswith("List") else text)


def _table(table: Table, depth: int = 0) -> str:
    """A line per row; merged cells are said once."""
    grid = [[_cell(cell, depth) for cell in _distinct(row.cells)] for row in table.rows]
    return "\n".join(rows.lines(grid))


def _distinct(cells: tuple[_Cell, ...]) -> Iterator[_Cell]:
    previous = None
    for cell in cells:
        if cell._tc is not previous:
            yield cell
        previous = cell._tc


def _cell(cell: BlockItemContainer, depth: int) -> str:
    if depth >= MAX_NESTING:
        return ""
    said = []
    for block in cell.iter_inner_content():
        said.append(block.text if isinstance(block, Paragraph) else _table(block, depth + 1))
    return "\n".join(said)
