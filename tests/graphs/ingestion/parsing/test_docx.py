"""Word documents: headings, paragraphs and tables in the order of the document."""

from __future__ import annotations

from pathlib import Path

import docx

from tests.graphs.ingestion.parsing.files import docx_with, parsed, places


def test_headings_paragraphs_and_tables_in_order(tmp_path: Path) -> None:
    """A table stays between the paragraphs around it, and says its headers in every row."""
    document = docx.Document()
    document.add_paragraph("Rapport annuel", style="Title")
    document.add_paragraph("Résumé.")
    document.add_heading("Ventes", level=1)
    document.add_paragraph("Avant.")
    table = document.add_table(rows=3, cols=2)
    for row, cells in zip(table.rows, [("Mois", "Total"), ("mai", "12"), ("juin", "30")], strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    document.add_paragraph("Après.")
    document.add_paragraph("un point", style="List Bullet")
    document.save(str(tmp_path / "a.docx"))
    assert places(tmp_path / "a.docx") == [
        ("Rapport annuel", "Résumé."),
        (
            "Rapport annuel > Ventes",
            "Avant.\n\nMois: mai; Total: 12\nMois: juin; Total: 30\n\nAprès.\n\n- un point",
        ),
    ]
    assert parsed(tmp_path / "a.docx").title == "Rapport annuel"


def test_merged_and_nested_cells_are_said_once(tmp_path: Path) -> None:
    """A merged cell is not repeated, a table in a cell is not lost."""
    document = docx.Document()
    table = document.add_table(rows=2, cols=2)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "large"
    table.cell(1, 0).text = "gauche"
    table.cell(1, 1).add_table(rows=1, cols=1).cell(0, 0).text = "dedans"
    document.save(str(tmp_path / "a.docx"))
    [(_, text)] = places(tmp_path / "a.docx")
    assert text.count("large") == 1
    assert "dedans" in text


def test_the_metadata_title_comes_after_the_headings(tmp_path: Path) -> None:
    """Without any heading, the title of the properties; without it, the name of the file."""
    assert parsed(docx_with(tmp_path / "note-interne.docx", ("Normal", "texte"))).title == "note interne"
    document = docx.Document()
    document.core_properties.title = "Charte informatique"
    document.add_paragraph("texte")
    document.save(str(tmp_path / "b.docx"))
    assert parsed(tmp_path / "b.docx").title == "Charte informatique"
