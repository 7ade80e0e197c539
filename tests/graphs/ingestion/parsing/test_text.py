"""Plain text: where its paragraphs are, and every encoding that people's files come in."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.ingestion.parsing.encoding import decode
from tests.graphs.ingestion.parsing.files import parsed, places, written

FRENCH = "L'été dernier, Zoé a dîné à Noël : « ça coûte 30 € », dit-elle. Où êtes-vous ?\n"


def test_paragraphs_are_located_by_their_lines(tmp_path: Path) -> None:
    """Short paragraphs share a section; its locator says from which line to which, as an editor counts."""
    path = written(tmp_path / "notes_de-juin 2024.txt", "un\ndeux\n\n\ntrois\n\n" + "x" * 999 + "\n\nfin\n")
    assert places(path) == [("lines 1-5", "un\ndeux\n\ntrois"), ("line 7", "x" * 999), ("line 9", "fin")]
    assert parsed(path).title == "notes de juin 2024"
    assert parsed(path).media_type == "text/plain"


def test_a_text_without_blank_lines_keeps_precise_places(tmp_path: Path) -> None:
    """A log of 300 lines does not become one section."""
    path = written(tmp_path / "log.txt", "\n".join(f"event number {n} came in" for n in range(300)))
    sections = parsed(path).sections
    assert len(sections) > 5
    assert sections[-1].locator.endswith("300")
    assert "\n".join(section.text for section in sections).count("event") == 300


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_every_usual_encoding_of_french_is_read(encoding: str) -> None:
    """The same sentence comes out of each encoding, with or without a byte order mark."""
    assert decode((FRENCH * 5).encode(encoding)) == FRENCH * 5


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "Съешь же ещё этих мягких французских булок, да выпей чаю. " * 4),
        ("cp932", "いろはにほへと ちりぬるを。わかよたれそ つねならむ。" * 4),
    ],
)
def test_other_scripts_are_guessed(encoding: str, text: str) -> None:
    """Old Russian and Japanese files are not read as Western ones."""
    assert decode(text.encode(encoding)) == text


def test_one_bad_byte_does_not_spoil_the_accents() -> None:
    """A UTF-8 text with an invalid byte stays UTF-8; only that byte is lost."""
    assert decode(FRENCH.encode() * 3 + b"\xff") == FRENCH * 3 + "\ufffd"


@given(st.binary(max_size=400))
def test_any_bytes_decode(data: bytes) -> None:
    """No byte sequence makes a text fail, and line ends come out as line feeds."""
    assert "\r" not in decode(data)
    assert "\r" not in decode(codecs.BOM_UTF16_LE + data)


def test_invalid_utf8_in_a_file_is_read(tmp_path: Path) -> None:
    """The words around invalid bytes are kept, control characters are not."""
    path = written(tmp_path / "odd.txt", b"caf\xe9 \xff\xfe\x00 fin\x07 du texte, encore un peu de texte")
    [section] = parsed(path).sections
    assert "fin du texte" in section.text
    assert "\x00" not in section.text
