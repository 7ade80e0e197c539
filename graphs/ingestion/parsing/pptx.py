"""PowerPoint presentations (ECMA-376): a section per slide, hidden ones too, and one for its speaker notes.

The title comes first, then the shapes in the order of the file, which is the reading order that PowerPoint
lets the author set. python-pptx opens the package; the shapes are read from their XML, because it passes over
those of newer programs (mc:AlternateContent) and has no way to diagrams.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias

import pptx
from lxml.etree import LxmlError
from pptx.exc import PythonPptxError
from pptx.opc.package import Part
from pptx.oxml import parse_xml
from pptx.slide import Slide

from graphs.ingestion.parsing import charts, containers, drawings, rows
from graphs.ingestion.parsing.drawings import local
from graphs.ingestion.parsing.errors import ParsingError
from graphs.ingestion.parsing.sections import Parts, Section, Title

_Element: TypeAlias = Any
"""An element of lxml, which has no types of its own."""

_RELATIONSHIP: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_REFUSALS: Final = (
    PythonPptxError,
    LxmlError,
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    ValueError,
    AttributeError,
    TypeError,
    IndexError,
    NotImplementedError,
)
"""python-pptx has few exceptions of its own for a package with missing or foreign parts."""


def read(path: Path) -> Parts:
    """Yield titles, and a section per slide and per notes; raise `corrupt` when the package is damaged."""
    containers.check(path, "ppt/")
    try:
        presentation = pptx.Presentation(str(path))
        for number, slide in enumerate(presentation.slides, start=1):
            yield from _slide(slide, number)
        yield Title(presentation.core_properties.title or "")
    except _REFUSALS as error:
        raise ParsingError("corrupt", f"{type(error).__name__}: {error}") from error


def _slide(slide: Slide, number: int) -> Parts:
    """The slide, with its title as first line, then its notes."""
    place = f"slide {number}"
    title = slide.shapes.title
    heading = " ".join(title.text_frame.text.split()) if title is not None else ""
    yield Title(heading)
    skipped = title._element if title is not None else None
    body = _shapes(slide._element.cSld.spTree, skipped, partial(_related, slide))
    yield Section("\n\n".join(filter(None, [heading, *body])), place)
    if slide.has_notes_slide and (notes := slide.notes_slide.notes_text_frame):
        yield Section(drawings.text(notes._txBody), f"{place}, notes")


def _shapes(tree: _Element, skipped: _Element, related: Callable[[str], _Element]) -> Iterator[str]:
    """The text of each shape of a tree or a group. lxml refuses a file whose groups are 256 deep."""
    for shape in tree.iterchildren("{*}*"):
        if shape is skipped:
            continue
        match local(shape):
            case "sp" | "cxnSp" if not drawings.is_slide_number(shape):
                yield drawings.text(shape)
            case "grpSp" | "Choice":
                yield from _shapes(shape, skipped, related)
            case "graphicFrame":
                yield _graphic(shape, related)
            case "AlternateContent":
                yield from _alternative(shape, skipped, related)


def _alternative(shape: _Element, skipped: _Element, related: Callable[[str], _Element]) -> Iterator[str]:
    """A shape in the form of a newer program, or in the older one when the newer says nothing."""
    for form in shape.iterchildren("{*}Choice", "{*}Fallback"):
        if said := [text for text in _shapes(form, skipped, related) if text]:
            yield from said
            return


def _graphic(frame: _Element, related: Callable[[str], _Element]) -> str:
    """A table, a chart or a diagram (SmartArt) as lines."""
    for element in frame.iter("{*}tbl", "{*}chart", "{*}relIds"):
        if local(element) == "tbl":
            return "\n".join(rows.lines(drawings.grid(element)))
        of_chart, of_diagram = (element.get(f"{_RELATIONSHIP}{name}", "") for name in ("id", "dm"))
        if (found := related(of_chart or of_diagram)) is not None:
            return charts.text(found) if of_chart else drawings.diagram(found)
    return ""


def _related(slide: Slide, key: str) -> _Element | None:
    """The XML of another part of the package; None when it is not there: that costs one graphic."""
    try:
        part: Part = slide.part.related_part(key)
        return parse_xml(part.blob)
    except (KeyError, ValueError, LxmlError):
        return None
