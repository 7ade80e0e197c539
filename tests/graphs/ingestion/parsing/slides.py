"""Small presentations, made with python-pptx, and damaged copies of them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pptx
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

WIDE = Inches(3)


def presentation(path: Path, *slides: tuple[str, str], title: str = "") -> Path:
    """A presentation of slides with a title and a text each; "" leaves either out."""
    made = pptx.Presentation()
    made.core_properties.title = title
    for heading, text in slides:
        slide = made.slides.add_slide(made.slide_layouts[5 if heading else 6])
        if heading:
            slide.shapes.title.text = heading
        if text:
            slide.shapes.add_textbox(0, 0, WIDE, WIDE).text_frame.text = text
    made.save(str(path))
    return path


def chart() -> CategoryChartData:
    """Two series over two quarters."""
    made: Any = CategoryChartData  # python-pptx has no types for it
    data: CategoryChartData = made()
    data.categories = ["T1", "T2"]
    for name, values in {"Lyon": (1.1, 2.2), "Nice": (3, None)}.items():
        made.add_series(data, name, values)
    return data


def with_everything(path: Path) -> Path:
    """Two slides: text, a group, notes; then, hidden, a table and a chart."""
    made = pptx.Presentation()
    first = made.slides.add_slide(made.slide_layouts[1])
    first.placeholders[1].text = "Premier point\nDeuxième point"
    first.shapes.title.text = "Bilan\n2024"
    group = first.shapes.add_group_shape().shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, WIDE, WIDE).text_frame.text = "dans un groupe"
    first.notes_slide.notes_text_frame.text = "Remercier Zoé."
    second = made.slides.add_slide(made.slide_layouts[5])
    second._element.set("show", "0")
    second.shapes.title.text = "Ventes"
    table = second.shapes.add_table(3, 2, 0, 0, WIDE, WIDE).table
    for row, cells in zip(table.rows, [("Mois", "Total"), ("mai", "12"), ("juin", "30")], strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    frame = second.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, WIDE, WIDE, chart())
    frame.chart.has_title = True
    frame.chart.chart_title.text_frame.text = "Chiffre d'affaires"
    made.save(str(path))
    return path


def rewritten(source: Path, path: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """A copy of a container, each of its entries changed, or left out when the change gives None."""
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            if (content := change(name, before.read(name))) is not None:
                after.writestr(name, content)
    return path
