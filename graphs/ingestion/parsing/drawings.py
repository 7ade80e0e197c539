"""Text in the drawings of Office (DrawingML, ECMA-376 part 1, chapters 20, 21): shapes, tables, diagrams."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from lxml import etree

_Element: TypeAlias = Any
"""An element of lxml, which has no types of its own."""

_NODES: Final = frozenset({"node", "asst", "doc"})
"""The points of a diagram that hold what its author typed; the others are its layout."""


def local(element: _Element) -> str:
    """The name of an element, without its namespace: there are two, strict and transitional."""
    return str(etree.QName(element).localname)


def text(element: _Element) -> str:
    """The paragraphs below an element, a line each."""
    lines = (_paragraph(paragraph) for paragraph in element.iter("{*}p"))
    return "\n".join(line for line in lines if line.strip())


def _paragraph(paragraph: _Element) -> str:
    """Runs, fields and formulas of a paragraph, its line breaks kept."""
    return "".join(_runs(paragraph))


def _runs(element: _Element) -> Iterator[str]:
    for part in element.iterchildren("{*}*"):
        match local(part):
            case "t":
                yield part.text or ""
            case "br":
                yield "\n"
            case "Fallback":
                pass  # an older form of what was just read
            case _:
                yield from _runs(part)


def grid(table: _Element) -> list[list[str]]:
    """The cells of a table; one that is merged into another is empty."""
    return [[_cell(cell) for cell in row.iterchildren("{*}tc")] for row in table.iterchildren("{*}tr")]


def _cell(cell: _Element) -> str:
    merged = {"1", "true"} & {cell.get("hMerge"), cell.get("vMerge")}
    return "" if merged else text(cell)


def is_slide_number(shape: _Element) -> bool:
    """Whether a shape is the placeholder of the slide's number, which is its place and not its text."""
    return any(holder.get("type") == "sldNum" for holder in shape.iter("{*}ph"))


def diagram(data: _Element) -> str:
    """What was typed into a diagram (SmartArt), a line per point, in the order of the file."""
    points = (point for point in data.iter("{*}pt") if point.get("type", "node") in _NODES)
    return "\n".join(filter(None, map(text, points)))
