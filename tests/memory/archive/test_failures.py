"""A disk that refuses is told by name, in one line per language, and what was committed before stays."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from memory.archive import failures
from memory.archive.archive import FILE_NAME, open_archive
from memory.archive.errors import (
    ArchiveError,
    ArchiveFull,
    ArchiveReadOnly,
    ArchiveRefused,
    ArchiveUnavailable,
)
from tests.clock import FakeClock
from tests.memory.archive.samples import a_document, a_turn, chunks_of


def assert_one_line(error: ArchiveError, path: Path) -> None:
    """A line per language, that names the file and differs between the two."""
    for lang in ("en", "fr-FR"):
        assert "\n" not in error.say(lang) and str(path) in error.say(lang)
    assert error.say("en") == str(error) != error.say("fr")


async def test_a_full_disk_is_said_and_nothing_is_half_written(tmp_path: Path, clock: FakeClock) -> None:
    """Past the quota the unit is undone whole; what was acknowledged stays; with room, writing works."""
    kept = 0
    async with open_archive(tmp_path, clock=clock, max_bytes=400_000) as archive:
        with pytest.raises(ArchiveFull) as full:
            for number in range(100):
                async with archive.unit() as work:
                    document = a_document(f"d{number}", text="x" * 10_000, chunk_count=2)
                    await work.documents.put(document, chunks_of(document, "y" * 5000, "z" * 5000))
                    await work.threads.add_turn(a_turn(f"t{number}"))
                kept = number + 1
        assert_one_line(full.value, tmp_path / FILE_NAME)
        assert 0 < kept < 100
        async with archive.unit() as work:
            assert (
                len(await work.documents.list("marie"))
                == kept
                == len(await work.threads.turns("marie", "c1"))
            )
            assert await work.documents.delete("marie", "d0")
        await archive.scrub()
        async with archive.unit() as work:
            await work.documents.put(a_document("new", text="x" * 10_000), [])
    async with open_archive(tmp_path, clock=clock) as archive, archive.unit() as work:
        await work.documents.put(a_document("big", text="x" * 500_000), [])
        assert len(await work.documents.list("marie")) == kept + 1


async def test_a_unit_that_goes_on_after_a_full_disk_keeps_nothing(tmp_path: Path, clock: FakeClock) -> None:
    """SQLite ends the transaction by itself then: what follows must not be kept piece by piece."""
    async with open_archive(tmp_path, clock=clock, max_bytes=200_000) as archive:
        with pytest.raises(ArchiveUnavailable, match="start it again"):
            async with archive.unit() as work:
                await work.threads.add_turn(a_turn("t1"))
                with pytest.raises(ArchiveFull):
                    await work.documents.put(a_document(text="x" * 500_000), [])
                await work.threads.add_turn(a_turn("t2"))
        with pytest.raises(ArchiveUnavailable, match="start it again"):
            async with archive.unit() as work:
                with pytest.raises(ArchiveFull):
                    await work.documents.put(a_document(text="x" * 500_000), [])
        async with archive.unit() as work:
            assert await work.threads.list("marie") == []
            await work.threads.add_turn(a_turn("t3"))


async def test_no_room_to_begin_with(tmp_path: Path, clock: FakeClock) -> None:
    """A disk too full for the tables refuses to open by name, and opens once there is room."""
    with pytest.raises(ArchiveFull):
        async with open_archive(tmp_path, clock=clock, max_bytes=20_000):
            pass
    async with open_archive(tmp_path, clock=clock) as archive:
        assert await archive.ping()


# Root writes where it likes; without this capability it is a user like others (capabilities(7), capget(2)).
WITHOUT_PRIVILEGE = """
import asyncio, ctypes, sys
from datetime import UTC, datetime
from pathlib import Path
from memory.archive.archive import open_archive
from memory.archive.errors import ArchiveReadOnly
if sys.platform == "linux":
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    ctypes.CDLL(None).capset(header, (ctypes.c_uint32 * 6)())
async def write(folder):
    try:
        async with open_archive(folder, clock=lambda: datetime.now(UTC)) as archive, archive.unit() as work:
            await work.ledger.enqueue("u", "turn", "t", "recall")
    except ArchiveReadOnly as error:
        print("read only:", error)
for folder in sys.argv[1:]:
    asyncio.run(write(Path(folder)))
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
async def test_a_place_that_cannot_be_written_is_said(tmp_path: Path, clock: FakeClock) -> None:
    """A read-only folder, a read-only file, a folder to make in a read-only one: one line each."""
    for name in ("folder", "file"):
        async with open_archive(tmp_path / name, clock=clock):
            pass
    targets = [tmp_path / "folder", tmp_path / "file", tmp_path / "folder" / "new"]
    (tmp_path / "folder").chmod(0o500)
    (tmp_path / "file" / FILE_NAME).chmod(0o400)
    try:
        child = subprocess.run(
            [sys.executable, "-c", WITHOUT_PRIVILEGE, *map(str, targets)],
            capture_output=True,
            text=True,
            timeout=60,
        )
    finally:
        (tmp_path / "folder").chmod(0o700)
    said = child.stdout.splitlines()
    assert len(said) == 3 and all(line.startswith("read only:") for line in said), child
    assert [str(target) in line for target, line in zip(targets, said, strict=True)] == [True] * 3


async def test_a_file_that_is_no_archive_is_left_alone(tmp_path: Path, clock: FakeClock) -> None:
    """Garbage under the archive's name is refused by name, and not a byte of it changes."""
    garbage = b"This is a text, certainly no database. " * 100
    (tmp_path / FILE_NAME).write_bytes(garbage)
    with pytest.raises(ArchiveUnavailable) as refused:
        async with open_archive(tmp_path, clock=clock):
            pass
    assert_one_line(refused.value, tmp_path / FILE_NAME)
    assert (tmp_path / FILE_NAME).read_bytes() == garbage


async def test_another_programs_database_is_left_alone(tmp_path: Path, clock: FakeClock) -> None:
    """A database with tables of another program gets none of ours."""
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")
    with pytest.raises(ArchiveUnavailable, match="another program"):
        async with open_archive(tmp_path, clock=clock):
            pass
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as other:
        assert [name for (name,) in other.execute("SELECT name FROM sqlite_master")] == ["bookmarks"]


async def test_a_damaged_page_is_said(tmp_path: Path, clock: FakeClock) -> None:
    """Pages overwritten behind the archive's back: reading them raises by name, never returns nonsense."""
    async with open_archive(tmp_path, clock=clock) as archive, archive.unit() as work:
        document = a_document(chunk_count=200)
        await work.documents.put(document, chunks_of(document, *("x" * 2000 for _ in range(200))))
    with (tmp_path / FILE_NAME).open("r+b") as file:
        file.seek(16 * 4096)  # beyond the schema, so that it opens
        file.write(b"\xff" * 60 * 4096)
    with pytest.raises(ArchiveUnavailable) as damaged:
        async with open_archive(tmp_path, clock=clock) as archive, archive.read() as work:
            await work.documents.chunks("marie", "d1")
            await work.documents.get("marie", "d1")
    assert_one_line(damaged.value, tmp_path / FILE_NAME)


async def test_a_lock_held_by_another_program_is_said(tmp_path: Path, clock: FakeClock) -> None:
    """After the wait for the lock, one line; when the other lets go, writing works again."""
    async with open_archive(tmp_path, clock=clock, busy_seconds=0.1) as archive:
        with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(ArchiveUnavailable, match="another program") as locked:
                async with archive.unit():
                    pass
            assert_one_line(locked.value, tmp_path / FILE_NAME)
            async with archive.read() as work:
                assert await work.documents.list("marie") == []
            with pytest.raises(ArchiveUnavailable):
                await archive.scrub()
            other.execute("ROLLBACK")
        async with archive.unit() as work:
            await work.documents.put(a_document(), [])


async def test_a_file_taken_away_is_noticed(tmp_path: Path, clock: FakeClock) -> None:
    """An open file outlives its name; `ping` says that what is written there would be lost."""
    async with open_archive(tmp_path, clock=clock) as archive:
        (tmp_path / FILE_NAME).rename(tmp_path / "elsewhere.db")
        with pytest.raises(ArchiveUnavailable, match="gone"):
            await archive.ping()
        (tmp_path / "elsewhere.db").rename(tmp_path / FILE_NAME)
        assert await archive.ping()


@pytest.mark.parametrize(
    ("number", "named"),
    [
        (errno.ENOSPC, ArchiveFull),
        (errno.EDQUOT, ArchiveFull),
        (errno.EROFS, ArchiveReadOnly),
        (errno.EACCES, ArchiveReadOnly),
        (errno.EIO, ArchiveUnavailable),
        (errno.ENOTDIR, ArchiveUnavailable),
    ],
)
def test_the_systems_refusals_have_names(number: int, named: type[ArchiveError]) -> None:
    """What the system says of files beside the database gets the same names."""
    assert type(failures.translate(OSError(number, "no"), Path("x.db"))) is named


@pytest.mark.parametrize(
    ("code", "named"),
    [
        (sqlite3.SQLITE_IOERR_SHMSIZE, ArchiveFull),
        (sqlite3.SQLITE_READONLY_DIRECTORY, ArchiveReadOnly),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, ArchiveUnavailable),
        (sqlite3.SQLITE_CORRUPT_INDEX, ArchiveUnavailable),
        (sqlite3.SQLITE_IOERR_FSYNC, ArchiveUnavailable),
        (sqlite3.SQLITE_CONSTRAINT_UNIQUE, ArchiveRefused),
    ],
)
def test_sqlites_extended_codes_have_names(code: int, named: type[ArchiveError]) -> None:
    """The detail in an extended code does not hide what it is about."""
    error = sqlite3.OperationalError("detail")
    error.sqlite_errorcode = code
    assert type(failures.translate(error, Path("x.db"))) is named


def test_mistakes_of_the_program_are_not_dressed_up() -> None:
    """A wrong call stays what it is, so that it is found."""
    for mistake in (sqlite3.ProgrammingError("binding"), TypeError("x"), KeyError("y")):
        assert failures.translate(mistake, Path("x.db")) is None
    with pytest.raises(KeyError), failures.named(Path("x.db")):
        raise KeyError("y")


async def test_errors_quote_no_parameters(tmp_path: Path, clock: FakeClock) -> None:
    """Errors are logged: neither the line nor what caused it shows what a person wrote."""
    async with open_archive(tmp_path, clock=clock) as archive, archive.unit() as work:
        await work.documents.put(a_document("d1", uri="same", text="CANARY"), [])
        with pytest.raises(ArchiveRefused) as refused:
            await work.documents.put(a_document("d2", uri="same", text="CANARY"), [])
    seen: BaseException | None = refused.value
    while seen is not None:
        assert "CANARY" not in str(seen)
        seen = seen.__cause__ or seen.__context__
