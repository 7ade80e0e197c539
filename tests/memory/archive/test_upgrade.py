"""An older memory is copied, then brought up to date; a newer one is left alone; a current one opens fast."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from memory.archive.archive import FILE_NAME, open_archive
from memory.archive.errors import ArchiveTooNew, ArchiveUnavailable
from memory.archive.lineage import LINEAGE, Lineage
from memory.archive.tables import metadata
from tests.clock import FakeClock
from tests.memory.archive.samples import a_document, a_turn, chunks_of

LATER = "9999"
# A later Souvenir: one column more, and a table rebuilt, which must not cascade to what refers to it.
NEXT = """
import sqlalchemy as sa
from alembic import op
revision = "{next}"
down_revision = "{head}"
def upgrade():
    op.add_column("ledger", sa.Column("note", sa.Text()))
    with op.batch_alter_table("documents", recreate="always") as documents:
        documents.add_column(sa.Column("shelf", sa.Text(), server_default="attic"))
    {last}
"""


@pytest.fixture
def later(tmp_path: Path) -> Callable[[str], Lineage]:
    """The lineage of a later Souvenir, whose last revision ends with a statement of the test."""

    def build(last: str = "pass") -> Lineage:
        scripts = tmp_path / "100% later"
        shutil.rmtree(scripts, ignore_errors=True)
        shutil.copytree(LINEAGE.scripts, scripts, ignore=shutil.ignore_patterns("__pycache__"))
        script = NEXT.format(next=LATER, head=LINEAGE.head, last=last)
        (scripts / "versions" / f"r{LATER}_next.py").write_text(script)
        return Lineage((*LINEAGE.revisions, LATER), scripts)

    return build


@pytest.fixture
async def old(tmp_path: Path, clock: FakeClock) -> Path:
    """A folder that today's Souvenir filled."""
    folder = tmp_path / "data"
    async with open_archive(folder, clock=clock) as archive, archive.unit() as work:
        document = a_document(chunk_count=2)
        await work.documents.put(document, chunks_of(document, "un", "deux"))
        await work.threads.add_turn(a_turn())
    return folder


def stamp_of(folder: Path) -> dict[str, Any]:
    """The stamp of a folder."""
    stamp = json.loads((folder / "version.json").read_text())
    assert isinstance(stamp, dict)
    return stamp


def ask(database: Path, query: str) -> list[tuple[object, ...]]:
    """Ask a database file without the archive."""
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


async def test_a_new_folder_is_private_and_stamped(tmp_path: Path, clock: FakeClock) -> None:
    """The tables are there, the stamp says so, no copy was made, nobody else may look."""
    folder = tmp_path / "far" / "below"
    async with open_archive(folder, clock=clock):
        assert stamp_of(folder)["archive"] == LINEAGE.head
        if sys.platform != "win32":
            assert folder.stat().st_mode & 0o777 == 0o700
            for path in folder.glob(f"{FILE_NAME}*"):
                assert path.stat().st_mode & 0o777 == 0o600, path
    assert sorted(path.name for path in folder.iterdir()) == [FILE_NAME, "version.json"]


async def test_an_older_memory_is_copied_then_migrated(
    old: Path, clock: FakeClock, later: Callable[[str], Lineage]
) -> None:
    """All is there after the upgrade, children of a rebuilt table too; the copy is the old memory."""
    async with open_archive(old, clock=clock, lineage=later("pass")) as archive, archive.read() as work:
        assert await work.documents.get("marie", "d1") == a_document(chunk_count=2)
        assert len(await work.documents.chunks("marie", "d1")) == 2
        assert await work.threads.turns("marie", "c1") == [a_turn()]
    assert stamp_of(old)["archive"] == LATER
    assert ask(old / FILE_NAME, "SELECT shelf FROM documents") == [("attic",)]

    copy = old / f"{FILE_NAME}.before-{LINEAGE.head}"
    assert {path.name for path in old.iterdir()} == {FILE_NAME, "version.json", copy.name}
    assert ask(copy, "PRAGMA integrity_check") == [("ok",)]
    restored = old.parent / "restored"
    restored.mkdir()
    shutil.copy(copy, restored / FILE_NAME)
    async with open_archive(restored, clock=clock) as archive, archive.read() as work:
        assert await work.threads.turns("marie", "c1") == [a_turn()]
        assert len(await work.documents.chunks("marie", "d1")) == 2


async def test_the_copy_holds_what_is_still_in_the_log(
    old: Path, clock: FakeClock, later: Callable[[str], Lineage]
) -> None:
    """After a crash the last turns are in the write-ahead log only: they are in the copy, and migrated."""
    crash = old.parent / "crashed"
    async with open_archive(old, clock=clock) as archive:
        async with archive.unit() as work:
            await work.threads.add_turn(a_turn("t2"))
        shutil.copytree(old, crash)  # what a dead process would leave: the log not yet written back
    assert (crash / f"{FILE_NAME}-wal").stat().st_size > 0
    async with open_archive(crash, clock=clock, lineage=later("pass")) as archive, archive.read() as work:
        assert await work.threads.turns("marie", "c1") == [a_turn(), a_turn("t2")]
    copy = crash / f"{FILE_NAME}.before-{LINEAGE.head}"
    assert ask(copy, "SELECT id FROM turns ORDER BY seq") == [("t1",), ("t2",)]


@pytest.mark.parametrize(
    "last",
    ["raise OSError(28, 'No space left')", "op.execute('DELETE FROM threads')", "op.execute('nonsense')"],
)
async def test_a_migration_that_fails_changes_nothing(
    old: Path, clock: FakeClock, later: Callable[[str], Lineage], last: str
) -> None:
    """A revision that stops half-way, or leaves rows without their owners, is undone with all it did."""
    with pytest.raises(Exception, match=r"no room|without its owner|nonsense"):
        async with open_archive(old, clock=clock, lineage=later(last)):
            pass
    assert stamp_of(old)["archive"] == LINEAGE.head
    async with open_archive(old, clock=clock) as archive, archive.read() as work:
        assert await work.threads.turns("marie", "c1") == [a_turn()]
    async with open_archive(old, clock=clock, lineage=later("pass")) as archive:
        assert await archive.ping()


@pytest.mark.parametrize("stamped", [True, False])
async def test_a_newer_memory_is_left_alone(
    old: Path, clock: FakeClock, later: Callable[[str], Lineage], stamped: bool
) -> None:
    """One line that says what to do, with or without its stamp, and not a byte of the folder changes."""
    async with open_archive(old, clock=clock, lineage=later("pass")):
        pass
    if not stamped:
        (old / "version.json").unlink()
    before = {path.name: path.read_bytes() for path in old.iterdir()}
    with pytest.raises(ArchiveTooNew) as refused:
        async with open_archive(old, clock=clock):
            pass
    for lang, advice in (("en", "upgrade Souvenir"), ("fr", "mettez Souvenir à jour")):
        assert advice in refused.value.say(lang) and "\n" not in refused.value.say(lang)
    assert {path.name: path.read_bytes() for path in old.iterdir()} == before


@pytest.mark.parametrize(
    "stamp",
    [
        None,
        "",
        "{",
        "[]",
        json.dumps({"archive": LINEAGE.head, "other": 1}),
        '{"archive": "0001", "other": 1}',
        '{"other": 1}',
    ],
)
async def test_the_stamp_is_written_anew(old: Path, clock: FakeClock, stamp: str | None) -> None:
    """Missing, cut, older or without the archive, a stamp is made good; what others wrote in it stays."""
    path = old / "version.json"
    path.unlink() if stamp is None else path.write_text(stamp)
    async with open_archive(old, clock=clock) as archive, archive.read() as work:
        assert await work.threads.turns("marie", "c1") == [a_turn()]
    assert stamp_of(old)["archive"] == LINEAGE.head
    if stamp and "other" in stamp:
        assert stamp_of(old)["other"] == 1


async def test_an_interrupted_first_start_is_finished(tmp_path: Path, clock: FakeClock) -> None:
    """Killed between making the file and its tables: the next start goes on. Without a revision it stops."""
    (tmp_path / FILE_NAME).touch()
    async with open_archive(tmp_path, clock=clock) as archive:
        assert await archive.ping()
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.execute("DELETE FROM alembic_version")
        connection.commit()
    with pytest.raises(ArchiveUnavailable, match="no revision"):
        async with open_archive(tmp_path, clock=clock):
            pass


async def test_several_can_be_created_at_once(tmp_path: Path, clock: FakeClock) -> None:
    """In one loop and in several: Alembic's module-wide state is not shared by two migrations."""

    async def create(name: str) -> None:
        async with open_archive(tmp_path / name, clock=clock) as archive, archive.unit() as work:
            await work.threads.add_turn(a_turn())

    threads = [threading.Thread(target=lambda n=n: asyncio.run(create(f"thread{n}"))) for n in range(3)]
    for thread in threads:
        thread.start()
    await asyncio.gather(*(create(f"task{n}") for n in range(5)))
    for thread in threads:
        await asyncio.to_thread(thread.join)
    assert len(list(tmp_path.glob(f"*/{FILE_NAME}"))) == 8


def test_the_lineage_is_the_scripts() -> None:
    """The revisions known without Alembic are those of the scripts, in order."""
    config = Config()
    config.set_main_option("script_location", str(LINEAGE.scripts))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    assert tuple(script.revision for script in scripts.walk_revisions())[::-1] == LINEAGE.revisions


async def test_the_migrations_make_the_tables(old: Path) -> None:
    """Alembic finds no difference between what the revisions made and what the queries expect."""
    engine = create_engine(f"sqlite:///{old / FILE_NAME}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()
    created = {
        str(name): str(sql) for name, sql in ask(old / FILE_NAME, "SELECT name, sql FROM sqlite_master")
    }
    assert "AUTOINCREMENT" in created["turns"]
    assert created["turn_references"].count("ON DELETE CASCADE") == 1


OPEN_AND_TIME = """
import asyncio, sys, time
from datetime import UTC, datetime
from pathlib import Path
from memory.archive.archive import open_archive
async def main():
    began = time.perf_counter()
    async with open_archive(Path(sys.argv[1]), clock=lambda: datetime.now(UTC)):
        print(time.perf_counter() - began, "alembic" in sys.modules)
asyncio.run(main())
"""


async def test_a_current_memory_opens_fast(old: Path) -> None:
    """In a tenth of a second (the best of two, machines are busy), without importing Alembic."""
    runs = [
        subprocess.run(
            [sys.executable, "-c", OPEN_AND_TIME, str(old)],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout.split()
        for _ in range(2)
    ]
    assert {imported for _, imported in runs} == {"False"}
    assert min(float(seconds) for seconds, _ in runs) < 0.1, runs
