"""XLSX and CSV: a row is understood alone, and says where it is as the person's spreadsheet shows it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pytest

from graphs.ingestion.parsing.csv import delimiter_of
from tests.graphs.ingestion.parsing.files import parsed, places, written, xlsx


def test_a_row_says_its_headers_and_its_place(tmp_path: Path) -> None:
    """Sheets are named, rows are numbered as shown, blank rows count but say nothing."""
    path = xlsx(
        tmp_path / "a.xlsx",
        Budget=[
            ("Poste", "Montant", "Date"),
            ("Loyer", 1200.0, dt.datetime(2024, 3, 1)),
            (),
            ("Café", 3.5, None),
        ],
        Vide=[],
        Notes=[("Rappel : payer",)],
    )
    assert places(path) == [
        ("sheet Budget, row 2", "Poste: Loyer; Montant: 1200; Date: 2024-03-01"),
        ("sheet Budget, row 4", "Poste: Café; Montant: 3.5"),
        ("sheet Notes, row 1", "Rappel : payer"),
    ]
    assert all(section.atomic for section in parsed(path).sections)


def test_a_title_above_the_header_is_kept(tmp_path: Path) -> None:
    """A report's title row is a row of its own, and the header below it is found."""
    path = xlsx(tmp_path / "a.xlsx", S=[("Ventes 2024",), (), ("Ville", "Total"), ("Lyon", 12), ("Nice", 7)])
    assert [text for _, text in places(path)] == [
        "Ventes 2024",
        "Ville: Lyon; Total: 12",
        "Ville: Nice; Total: 7",
    ]


def test_values_are_shown_as_people_see_them(tmp_path: Path) -> None:
    """Percentages, booleans, times and fractions read as in the spreadsheet."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append([0.155, True, dt.datetime(2024, 5, 6, 7, 30), 1 / 3])
    sheet.cell(row=1, column=1).number_format = "0.0%"
    book.save(tmp_path / "a.xlsx")
    assert places(tmp_path / "a.xlsx")[0][1] == "15.5 %; TRUE; 2024-05-06 07:30; 0.333333333333333"


def test_french_csv(tmp_path: Path) -> None:
    """Semicolons, decimal commas, cp1252 and quoted line ends, as Excel writes them in France."""
    text = 'Nom;Prix;Note\r\nCafé;1,50;"bon,\r\nchaud"\r\n\r\nThé;2,00;\r\n'
    path = written(tmp_path / "prix.csv", text.encode("cp1252"))
    assert places(path) == [
        ("row 2", "Nom: Café; Prix: 1,50; Note: bon, chaud"),
        ("row 4", "Nom: Thé; Prix: 2,00"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2,5\n3,5;4,5\n", ";"),
        ("a\tb\nx, y\tz\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ("seul\nun\ndeux\n", ";"),
        ('"x;y",b\n"z;t",c\n', ","),
    ],
)
def test_the_delimiter_is_found(text: str, expected: str) -> None:
    """The one that makes the most regular table, quotes considered."""
    assert delimiter_of(text) == expected


def test_excel_s_announced_separator(tmp_path: Path) -> None:
    """The line "sep=|" is obeyed, and not counted, as in Excel."""
    assert places(written(tmp_path / "a.csv", "sep=|\nnom|âge\nZoé|7\n")) == [("row 2", "nom: Zoé; âge: 7")]


def test_csv_without_header(tmp_path: Path) -> None:
    """Figures from the first line on: no header is made up, nothing is lost."""
    assert [text for _, text in places(written(tmp_path / "a.csv", "1,2\n3,4\n"))] == ["1; 2", "3; 4"]
    assert places(written(tmp_path / "b.csv", "nom,ville\n")) == [("row 1", "nom; ville")]


def test_a_very_long_field_and_an_open_quote(tmp_path: Path) -> None:
    """A megabyte in one field is read; so is a file whose quote never closes."""
    assert len(places(written(tmp_path / "a.csv", "a,b\n" + "x" * 1_000_000 + ",y\n"))[0][1]) > 1_000_000
    assert "reste" in places(written(tmp_path / "b.csv", 'a,b\n"ouvert,1\nreste,2\n'))[0][1]
