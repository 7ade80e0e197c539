"""Bad input gets a clear code, the file next to it is read all the same; each case is a real file."""

from __future__ import annotations

import os
import sys
import zipfile
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from pathlib import Path

import pytest
import pytest_asyncio

from graphs.ingestion.parsing.client import ParserPool, open_parser_pool
from graphs.ingestion.parsing.errors import CODES, ParsingError
from graphs.ingestion.parsing.messages import message
from tests.graphs.ingestion.parsing import files, slides

MEMORY = 512 * 1024 * 1024


@pytest_asyncio.fixture
async def pool() -> AsyncIterator[ParserPool]:
    """One child with ordinary limits."""
    async with open_parser_pool(workers=1, memory_bytes=MEMORY, seconds=20) as opened:
        yield opened


def folder(path: Path) -> Path:
    """A folder with the name of a document."""
    path.mkdir()
    return path


def pipe(path: Path) -> Path:
    """A named pipe: opening it would wait for ever."""
    os.mkfifo(path)
    return path


def docx_as_xlsx(path: Path) -> Path:
    """A Word document under the wrong name."""
    return files.docx_with(path, ("Normal", "x"))


def old_word(path: Path) -> Path:
    """The old binary format with the new extension."""
    return files.written(path, files.OLE + bytes(600) + "WordDocument".encode("utf-16-le") + bytes(500))


def old_powerpoint(path: Path) -> Path:
    """The old binary format with the new extension."""
    name = "PowerPoint Document".encode("utf-16-le")
    return files.written(path, files.OLE + bytes(600) + name + bytes(500))


def cut_presentation(path: Path) -> Path:
    """A download that stopped early."""
    whole = slides.presentation(path.with_name("whole.pptx"), ("Titre", "texte"))
    return files.written(path, whole.read_bytes()[:5000])


def many_entries(path: Path) -> Path:
    """A container of eleven thousand empty files."""
    with zipfile.ZipFile(path, "w") as container:
        for number in range(11_000):
            container.writestr(f"word/{number}", "")
    return path


def broken_docx(path: Path) -> Path:
    """A container with the right folder and nothing sensible in it."""
    with zipfile.ZipFile(path, "w") as container:
        container.writestr("word/document.xml", "<w:document")
    return path


def entities(path: Path) -> Path:
    """A billion laughs in the cells of a workbook."""
    laughs = "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in pairwise("abcdefghij"))
    bomb = f'<!DOCTYPE a [<!ENTITY a "ha">{laughs}]><worksheet'.encode()
    good = files.xlsx(path.with_name("good.xlsx"), S=[("joker", "b"), ("c", "d")])
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(path, "w") as container:
        for name in source.namelist():
            content = source.read(name)
            if name.endswith("sheet1.xml"):
                content = content.replace(b"<worksheet", bomb, 1).replace(b"joker", b"&j;")
            container.writestr(name, content)
    return path


CASES: dict[str, tuple[str, Callable[[Path], object]]] = {
    "absent.md": ("missing", lambda path: None),
    "empty.txt": ("empty", lambda path: files.written(path, "")),
    "folder.md": ("unreadable", folder),
    "picture.md": ("unsupported", lambda path: files.written(path, files.PNG + bytes(100))),
    "photo.png": ("unsupported", lambda path: files.written(path, files.PNG)),
    "noise.csv": ("unsupported", lambda path: files.written(path, bytes(range(256)) * 10)),
    "page.pdf": ("not_a_pdf", lambda path: files.written(path, "<!doctype html><p>404</p>")),
    "locked.pdf": ("encrypted", lambda path: files.pdf(path, "x", password="p")),
    "cut.pdf": ("corrupt", lambda path: files.written(path, "%PDF-1.7\n garbage")),
    "locked.docx": ("encrypted", lambda path: files.written(path, files.OLE + os.urandom(2000))),
    "old.docx": ("unsupported", old_word),
    "word.xlsx": ("corrupt", docx_as_xlsx),
    "text.docx": ("corrupt", lambda path: files.written(path, "just text")),
    "broken.docx": ("corrupt", broken_docx),
    "locked.pptx": ("encrypted", lambda path: files.written(path, files.OLE + os.urandom(2000))),
    "old.pptx": ("unsupported", old_powerpoint),
    "word.pptx": ("corrupt", docx_as_xlsx),
    "text.pptx": ("corrupt", lambda path: files.written(path, "just text")),
    "cut.pptx": ("corrupt", cut_presentation),
    "bomb.pptx": ("zip_bomb", lambda path: files.zip_bomb(path, folder="ppt")),
    "blank.pptx": ("no_text", lambda path: slides.presentation(path, ("", ""))),
    "note.eml": ("corrupt", lambda path: files.written(path, "just text")),
    "outlook.eml": ("unsupported", lambda path: files.written(path, files.OLE + bytes(600))),
    "long.eml": ("too_large", lambda path: files.written(path, b"From: a@b.c\n\n" + b"mot " * 5_100_000)),
    "cut.xlsx": ("corrupt", lambda path: files.written(path, b"PK\x03\x04" + bytes(50))),
    "entities.xlsx": ("corrupt", entities),
    "bomb.xlsx": ("zip_bomb", files.zip_bomb),
    "many.docx": ("zip_bomb", many_entries),
    "blank.md": ("no_text", lambda path: files.written(path, " \n\t\n")),
    "scan.pdf": ("no_text", lambda path: files.pdf(path, "")),
    "empty.xlsx": ("no_text", lambda path: files.xlsx(path, Feuille=[])),
    "long.txt": ("too_large", lambda path: files.written(path, b"mot " * 5_100_000)),
}


@pytest.mark.parametrize("name", CASES)
async def test_a_bad_file_has_its_code(name: str, tmp_path: Path, pool: ParserPool) -> None:
    """The code is the expected one, the sentence names the file, and the same child reads the next file."""
    code, make = CASES[name]
    made = tmp_path / name
    make(made)
    with pytest.raises(ParsingError) as raised:
        await pool.parse(made)
    assert raised.value.code == code, raised.value.detail
    assert name in message(raised.value.code, "fr", name=name)
    good = files.written(tmp_path / "good.md", "# Bon\nvoilà\n")
    assert (await pool.parse(good)).title == "Bon"


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes in the file system")
async def test_a_pipe_is_not_opened(tmp_path: Path, pool: ParserPool) -> None:
    """A named pipe in a folder does not hang the run."""
    with pytest.raises(ParsingError, match="unreadable"):
        await pool.parse(pipe(tmp_path / "pipe.txt"))


async def test_a_file_over_the_limit_is_not_read(tmp_path: Path, pool: ParserPool) -> None:
    """201 MB are refused by their size alone (a sparse file: it takes no room)."""
    path = tmp_path / "huge.pdf"
    with path.open("wb") as file:
        file.truncate(201 * 1024 * 1024)
    with pytest.raises(ParsingError, match="too_large"):
        await pool.parse(path)


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_code_has_a_sentence_that_says_what_to_do(lang: str) -> None:
    """One line per code: what happened, a colon, what to do; no placeholder is left."""
    for code in CODES:
        line = message(code, lang, name="notes.md", hint="PNG")
        assert line.startswith("notes.md")
        assert ": " in line
        assert "{" not in line and "\n" not in line
    assert message("empty", "fr") != message("empty", "en")
    assert message("empty", "de") == message("empty", "en")
