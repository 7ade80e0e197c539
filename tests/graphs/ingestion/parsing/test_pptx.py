"""PowerPoint: a section per slide, with all that its audience sees, and what its speaker notes."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from pathlib import Path

import pptx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from graphs.ingestion.parsing import charts, drawings
from graphs.ingestion.parsing.errors import ParsingError
from tests.graphs.ingestion.parsing.files import parsed, places, written
from tests.graphs.ingestion.parsing.slides import WIDE, presentation, rewritten, with_everything

DRAWING = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
NEWER = f"""
<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"
    xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" {DRAWING}>
  <mc:Choice Requires="a14"><p:sp><p:txBody><a:p>
    <a:r><a:t>nouvelle forme</a:t></a:r><a:br/><a:fld><a:t>suite</a:t></a:fld></a:p></p:txBody></p:sp>
  </mc:Choice>
  <mc:Fallback><p:sp><p:txBody><a:p><a:r><a:t>ancienne forme</a:t></a:r></a:p></p:txBody></p:sp></mc:Fallback>
</mc:AlternateContent>
"""
DIAGRAM = f"""
<dgm:dataModel xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" {DRAWING}><dgm:ptLst>
  <dgm:pt><dgm:t><a:p><a:r><a:t>Étudier</a:t></a:r></a:p></dgm:t></dgm:pt>
  <dgm:pt type="sibTrans"><dgm:t><a:p><a:r><a:t>flèche</a:t></a:r></a:p></dgm:t></dgm:pt>
  <dgm:pt type="node"><dgm:t><a:p><a:r><a:t>Décider</a:t></a:r></a:p></dgm:t></dgm:pt>
</dgm:ptLst></dgm:dataModel>
"""


def test_slides_with_all_that_they_show(tmp_path: Path) -> None:
    """Title first, shapes and groups, tables and charts by row, notes apart, hidden slides too."""
    path = with_everything(tmp_path / "a.pptx")
    assert places(path) == [
        ("slide 1", "Bilan 2024\n\nPremier point\nDeuxième point\n\ndans un groupe"),
        ("slide 1, notes", "Remercier Zoé."),
        (
            "slide 2",
            "Ventes\n\nMois: mai; Total: 12\nMois: juin; Total: 30\n\n"
            "Chiffre d'affaires\nT1; Lyon: 1.1; Nice: 3\nT2; Lyon: 2.2",
        ),
    ]
    assert parsed(path).title == "Bilan 2024"


def test_titles(tmp_path: Path) -> None:
    """Without the title of a slide, that of the properties; a program's placeholder is none."""
    assert parsed(presentation(tmp_path / "a.pptx", ("", "texte"), title="Feuille de route")).title == (
        "Feuille de route"
    )
    path = presentation(tmp_path / "plan_2025.pptx", ("", "texte"), title="PowerPoint Presentation")
    assert parsed(path).title == "plan 2025"


def test_empty_slides_count(tmp_path: Path) -> None:
    """A slide without text is left out, and those after it keep the number that people see."""
    path = presentation(tmp_path / "a.pptx", ("Un", ""), ("", ""), ("Trois", "fin"))
    assert places(path) == [("slide 1", "Un"), ("slide 3", "Trois\n\nfin")]
    with pytest.raises(ParsingError, match="no_text"):
        parsed(presentation(tmp_path / "b.pptx", ("", "")))


def test_shapes_of_newer_programs(tmp_path: Path) -> None:
    """What is written in two forms, for newer and for older programs, is read once."""
    made = pptx.Presentation()
    slide = made.slides.add_slide(made.slide_layouts[6])
    slide.shapes._spTree.append(etree.fromstring(NEWER))
    made.save(str(tmp_path / "a.pptx"))
    assert places(tmp_path / "a.pptx") == [("slide 1", "nouvelle forme\nsuite")]


def test_diagrams_say_what_was_typed_into_them() -> None:
    """The points of a SmartArt diagram, without those of its layout."""
    assert drawings.diagram(etree.fromstring(DIAGRAM)) == "Étudier\nDécider"


def test_merged_cells_are_said_once(tmp_path: Path) -> None:
    """A merged cell is not repeated, and the columns after it keep their headers."""
    made = pptx.Presentation()
    slide = made.slides.add_slide(made.slide_layouts[6])
    table = slide.shapes.add_table(2, 3, 0, 0, WIDE, WIDE).table
    for column, name in enumerate("abc"):
        table.cell(0, column).text = name
    table.cell(1, 0).merge(table.cell(1, 1))
    table.cell(1, 0).text = "large"
    table.cell(1, 2).text = "fin"
    made.save(str(tmp_path / "a.pptx"))
    assert places(tmp_path / "a.pptx") == [("slide 1", "a: large; c: fin")]


def test_a_damaged_chart_costs_the_chart_only(tmp_path: Path) -> None:
    """A link to a chart that leads nowhere: the rest of the presentation is read."""

    def change(name: str, content: bytes) -> bytes:
        return content.replace(b'r:id="rId2"', b'r:id="rId77"') if name.endswith("slide2.xml") else content

    path = rewritten(with_everything(tmp_path / "a.pptx"), tmp_path / "b.pptx", change)
    assert dict(places(path))["slide 2"] == "Ventes\n\nMois: mai; Total: 12\nMois: juin; Total: 30"


def test_a_chart_with_odd_values_is_read() -> None:
    """Points without a number, without a value, or far apart do no harm."""
    c = 'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'
    points = '<c:pt/><c:pt idx="9"><c:v>4.300000000000001</c:v></c:pt>'
    xml = f"<c:chart {c}><c:ser><c:cat>{points}</c:cat><c:val>{points}</c:val></c:ser></c:chart>"
    assert charts.text(etree.fromstring(xml)) == "4.3; 4.3"


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    """A billion laughs in a slide: refused, or read without them."""
    laughs = b"".join(b'<!ENTITY %c "%s">' % (c, b"&%c;" % (c - 1) * 10) for c in b"bcdefghij")
    bomb = b'<!DOCTYPE p:sld [<!ENTITY a "haha">' + laughs + b"]><p:sld"

    def change(name: str, content: bytes) -> bytes:
        if name != "ppt/slides/slide1.xml":
            return content
        return content.replace(b"<p:sld", bomb, 1).replace(b"joker", b"&j; reste")

    path = rewritten(presentation(tmp_path / "a.pptx", ("Titre", "joker")), tmp_path / "b.pptx", change)
    try:
        assert "haha" not in str(places(path))
    except ParsingError as error:
        assert error.code == "corrupt"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound presentation, to be damaged."""
    return with_everything(tmp_path_factory.mktemp("whole") / "whole.pptx")


@given(at=st.floats(0, 1), noise=st.binary(max_size=40), cut=st.booleans())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_presentations_are_read_or_refused(
    tmp_path: Path, whole: Path, at: float, noise: bytes, cut: bool
) -> None:
    """Cut anywhere, or with bytes changed: sections, or a named error; never anything else."""
    content = whole.read_bytes()
    place = int(at * len(content))
    rest = b"" if cut else content[place + len(noise) :]
    damaged = written(tmp_path / "damaged.pptx", content[:place] + noise + rest)
    with suppress(ParsingError):
        assert parsed(damaged).sections


@given(part=st.floats(0, 1, exclude_max=True), noise=st.binary(min_size=1, max_size=30), at=st.floats(0, 1))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_parts_are_read_or_refused(
    tmp_path: Path, whole: Path, part: float, noise: bytes, at: float
) -> None:
    """Bytes changed inside one part, the container whole: sections, or a named error."""
    with zipfile.ZipFile(whole) as container:
        names = sorted(container.namelist())
    chosen = names[int(part * len(names))]

    def change(name: str, content: bytes) -> bytes:
        place = int(at * len(content))
        return content[:place] + noise + content[place + len(noise) :] if name == chosen else content

    with suppress(ParsingError):
        assert parsed(rewritten(whole, tmp_path / "damaged.pptx", change)).sections
