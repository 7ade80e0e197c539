"""PDF: a section per page."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphs.ingestion.parsing.errors import ParsingError
from tests.graphs.ingestion.parsing.files import parsed, pdf, places, written


def test_pages_are_numbered(tmp_path: Path) -> None:
    """Each page is a section that says its number, empty pages are left out but counted."""
    path = pdf(tmp_path / "a.pdf", "Le contrat est signé.", "", "Fin à Genève.", title="Contrat Atlas")
    assert places(path) == [("page 1", "Le contrat est signé."), ("page 3", "Fin à Genève.")]
    assert parsed(path).title == "Contrat Atlas"


def test_a_placeholder_is_no_title(tmp_path: Path) -> None:
    """What Word writes as title of an exported file is not one; the file's name is used."""
    path = pdf(tmp_path / "bail_2023.pdf", "texte", title="Microsoft Word - Document1")
    assert parsed(path).title == "bail 2023"


def test_a_password_is_said(tmp_path: Path) -> None:
    """A PDF that asks for a password is `encrypted`."""
    with pytest.raises(ParsingError, match="encrypted"):
        parsed(pdf(tmp_path / "a.pdf", "secret", password="sesame"))


def test_a_cut_file_is_corrupt(tmp_path: Path) -> None:
    """A download that stopped early is `corrupt`, unless PDFium can still repair it."""
    with pytest.raises(ParsingError, match="corrupt"):
        parsed(written(tmp_path / "a.pdf", pdf(tmp_path / "b.pdf", "x").read_bytes()[:200]))


def test_a_scan_has_no_text(tmp_path: Path) -> None:
    """Pages without text are `no_text`, so that the person is told of OCR."""
    with pytest.raises(ParsingError, match="no_text"):
        parsed(pdf(tmp_path / "a.pdf", "", ""))
