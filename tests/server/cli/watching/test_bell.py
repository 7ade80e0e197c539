"""The bell and the survey, on real folders."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from server.cli.watching.bell import Bell
from server.cli.watching.survey import survey

LONG = 30.0


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A watched folder with a folder in it."""
    (tmp_path / "notes" / "sub").mkdir(parents=True)
    return tmp_path / "notes"


@pytest_asyncio.fixture
async def bell(notes: Path) -> AsyncIterator[Bell]:
    """A bell that follows the folder, past the ring that says so."""
    made = Bell([notes])
    await follow(made, notes)
    yield made
    await made.close()


async def follow(bell: Bell, *roots: Path) -> None:
    """Follow, until a file of the test's own has been heard of: from then on nothing is missed."""
    await bell.follow(survey(roots).folders)
    await bell.wait(LONG)
    for number in range(600):
        (roots[0] / "heard.md").write_text(str(number))
        if await rings(bell, 0.1):
            break
    (roots[0] / "heard.md").unlink()
    while await rings(bell, 0.8):
        pass


async def rings(bell: Bell, seconds: float = LONG) -> bool:
    """Whether it rings within so many seconds."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    await bell.wait(seconds)
    return loop.time() - started < seconds


async def test_it_rings_for_files_and_folders(bell: Bell, notes: Path) -> None:
    """A file that is written, changed, moved or deleted, and a new folder, ring."""
    (notes / "sub" / "a.md").write_text("a")
    assert await rings(bell)
    (notes / "sub" / "a.md").rename(notes / "b.md")
    assert await rings(bell)
    (notes / "new").mkdir()
    assert await rings(bell)


async def test_what_does_not_matter_does_not_ring(bell: Bell, notes: Path) -> None:
    """Hidden files, editors' temporary ones and formats that are not read: silence."""
    for name in (".a.md.swp", "~$a.docx", "4913", "a.md~", "#a.md#", "a.mp3", ".hidden.md"):
        (notes / name).write_text("x")
    assert not await rings(bell, 0.8)


async def test_a_folder_made_again_is_followed_again(bell: Bell, notes: Path) -> None:
    """Removed and made anew under its name, it still rings for its files."""
    shutil.rmtree(notes / "sub")
    (notes / "sub").mkdir()
    assert await rings(bell)
    await bell.follow(survey([notes]).folders)
    assert await rings(bell), "it follows another folder now"
    while await rings(bell, 0.8):
        await bell.follow(survey([notes]).folders)
    (notes / "sub" / "a.md").write_text("a")
    assert await rings(bell)


async def test_a_folder_that_is_not_there_any_more(notes: Path) -> None:
    """Following a folder that has just gone rings, so that one looks again; nothing fails."""
    made = Bell()
    folders = survey([notes]).folders
    shutil.rmtree(notes)
    await made.follow(folders)
    assert await rings(made)
    assert await rings(made)
    assert not made.blind
    await made.close()


async def test_with_poll_nothing_is_followed(notes: Path) -> None:
    """It rings at each tick, whatever the system says or does not say."""
    made = Bell(poll=True)
    await made.follow(survey([notes]).folders)
    assert await rings(made)
    await made.close()


def test_a_survey_sees_what_can_be_read(notes: Path) -> None:
    """Files with their marks, folders, what is missing; not what is hidden, and no circle of links."""
    (notes / "a.md").write_text("a")
    (notes / "sub" / "b.txt").write_text("b")
    (notes / "c.mp3").write_text("c")
    (notes / ".git").mkdir()
    try:
        (notes / "sub" / "up").symlink_to(notes, target_is_directory=True)
    except OSError as error:
        pytest.skip(f"no links here: {error}")
    absent = notes.with_name("absent")
    found = survey([notes, absent])
    assert set(found.files) == {notes / "a.md", notes / "sub" / "b.txt"}
    assert found.folders == {notes, notes / "sub"}
    assert (found.present, found.unseen) == ((notes,), (absent,))
    before = found.files[notes / "a.md"]
    os.utime(notes / "a.md")
    assert survey([notes]).files[notes / "a.md"] != before


def test_a_single_file_is_seen_from_its_folder(notes: Path) -> None:
    """A file that is watched by name is followed where editors put the new one in its place."""
    (notes / "a.log").write_text("a")
    (notes / "b.md").write_text("b")
    found = survey([notes / "a.log"])
    assert set(found.files) == {notes / "a.log"}
    assert found.folders == {notes}


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root and Windows read everything")
def test_a_folder_that_cannot_be_listed_is_unseen(notes: Path) -> None:
    """Nothing is said of what it held."""
    (notes / "sub").chmod(0)
    try:
        assert survey([notes]).unseen == (notes / "sub",)
    finally:
        (notes / "sub").chmod(0o755)
