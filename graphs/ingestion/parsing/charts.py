"""Charts (DrawingML, ECMA-376 part 1, chapter 21.2): titles, then a line per category with its values."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final, TypeAlias

from graphs.ingestion.parsing import drawings, rows

_Element: TypeAlias = Any
"""An element of lxml, which has no types of its own."""

MAX_SERIES: Final = 50
MAX_LINES: Final = 2000
"""More is measurements, whose place is a table."""


def text(chart: _Element) -> str:
    """A chart from the values that its file keeps: "Q1; Sales: 12; Costs: 7"."""
    titles = [drawings.text(title) for title in chart.iter("{*}title")]
    names = [""]
    lines: dict[int, list[str]] = defaultdict(list)
    for series in list(chart.iter("{*}ser"))[:MAX_SERIES]:
        names.append(_name(series))
        categories = _points(series, "cat", "xVal")
        for index, value in _points(series, "val", "yVal").items():
            line = lines[index]
            line.extend([""] * (len(names) - len(line)))
            line[0] = line[0] or categories.get(index, "")
            line[-1] = value
        for index in categories.keys() - lines.keys():
            lines[index] = [categories[index]]
    said = (rows.line(lines[index], names) for index in sorted(lines)[:MAX_LINES])
    return "\n".join(filter(None, [*titles, *said]))


def _name(series: _Element) -> str:
    return next((value.text or "" for tx in series.iterchildren("{*}tx") for value in tx.iter("{*}v")), "")


def _points(series: _Element, *names: str) -> dict[int, str]:
    """The points of the first of the parts `names` that a series has; several levels are joined."""
    found: dict[int, str] = {}
    for part in series.iterchildren(*(f"{{*}}{name}" for name in names)):
        for point in part.iter("{*}pt"):
            value = next((_shown(child.text or "") for child in point.iterchildren("{*}v")), "")
            index = int(point.get("idx", "0"))
            found[index] = f"{value} {found[index]}" if index in found else value
    return found


def _shown(value: str) -> str:
    """A number without the last digits of its binary form."""
    try:
        return f"{float(value):.15g}"
    except ValueError:
        return value
