"""PDF (ISO 32000), page by page with PDFium: a section per page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pypdfium2 as pdfium
from pypdfium2 import raw

from graphs.ingestion.parsing.errors import ParsingError
from graphs.ingestion.parsing.sections import Parts, Section, Title

_HYPHEN: Final = re.compile(r"(?<=\w)[\x02\xad\ufffe](?:\r?\n)?")
"""PDFium's mark for a word cut at the end of a line."""


def read(path: Path) -> Parts:
    """Yield the title of the metadata, then a section per page; raise `encrypted` or `corrupt`."""
    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        encrypted = error.err_code in {raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY}
        raise ParsingError("encrypted" if encrypted else "corrupt", str(error)) from error
    try:
        yield Title(document.get_metadata_dict().get("Title", ""))
        yield from _pages(document)
    finally:
        document.close()


def _pages(document: pdfium.PdfDocument) -> Iterator[Section]:
    failed = 0
    for number in range(1, len(document) + 1):
        try:
            text = _text(document, number - 1)
        except pdfium.PdfiumError:
            # One bad page does not lose the others; a file with bad pages only is damaged.
            failed += 1
            continue
        yield Section(text, f"page {number}")
    if failed and failed == len(document):
        raise ParsingError("corrupt", f"none of the {failed} pages could be read")


def _text(document: pdfium.PdfDocument, index: int) -> str:
    page = document[index]
    try:
        textpage = page.get_textpage()
        try:
            return _HYPHEN.sub("", textpage.get_text_bounded())
        finally:
            textpage.close()
    finally:
        page.close()
