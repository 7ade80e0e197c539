"""`souvenir backup` and `restore`: the whole memory, one file, and nothing lost on the way."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.cli.context import CliContext
from server.cli.errors import CliError
from server.cli.main import run
from server.cli.whole_memory import MANIFEST, NotABackup, contents, load, save
from server.settings import Settings

Capture = pytest.CaptureFixture[str]


@contextmanager
def free(settings: Settings) -> Iterator[None]:
    """A lock that nobody else holds; it keeps its file in the folder."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    (settings.data_dir / "owner.lock").touch()
    yield


@contextmanager
def held(settings: Settings) -> Iterator[None]:
    """A lock that a live owner holds."""
    raise CliError("souvenir serve is running on this memory: stop it first")
    yield


@pytest.fixture
def holding(context: CliContext) -> CliContext:
    """Doors with a folder that nobody holds."""
    return CliContext(load_settings=context.load_settings, hold=free)


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    """A small memory: a database whose last change is still in its log, and an index of two files."""
    folder = tmp_path / "memory"
    (folder / "recall" / "segments").mkdir(parents=True)
    (folder / "recall" / "segments" / "0.bin").write_bytes(bytes(range(256)) * 40)
    (folder / "version.json").write_text("{}", encoding="utf-8")
    (folder / "owner.json").write_text('{"token": "secret"}', encoding="utf-8")
    remember(folder, "first")
    return folder


def remember(folder: Path, text: str) -> None:
    """Add a row to the memory's database, which writes ahead."""
    with closing(sqlite3.connect(folder / "souvenir.db")) as database, database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE IF NOT EXISTS notes (text)")
        database.execute("INSERT INTO notes VALUES (?)", (text,))


def remembered(folder: Path) -> list[str]:
    """The rows of the memory's database."""
    with closing(sqlite3.connect(folder / "souvenir.db")) as database:
        return [row[0] for row in database.execute("SELECT text FROM notes")]


def test_what_was_backed_up_comes_back(holding: CliContext, memory: Path, tmp_path: Path) -> None:
    """Backup, lose everything, restore: the databases are there again, and the index will be built anew."""
    assert run(["backup", str(tmp_path / "b.zip")], holding) == 0
    shutil.rmtree(memory)
    assert run(["restore", str(tmp_path / "b.zip")], holding) == 0
    assert remembered(memory) == ["first"]
    assert (memory / "version.json").read_text(encoding="utf-8") == "{}"
    assert not (memory / "recall").exists()


def test_what_is_only_in_the_log_is_backed_up(memory: Path, tmp_path: Path) -> None:
    """A commit that SQLite has not yet moved into the database file is in the backup (WAL)."""
    with closing(sqlite3.connect(memory / "souvenir.db")) as open_elsewhere:
        open_elsewhere.execute("PRAGMA wal_autocheckpoint=0")
        open_elsewhere.execute("INSERT INTO notes VALUES ('second')")
        open_elsewhere.commit()
        save(memory, tmp_path / "b.zip")
    load(tmp_path / "b.zip", tmp_path / "other")
    assert remembered(tmp_path / "other") == ["first", "second"]


def test_a_backup_is_private_and_holds_no_token(holding: CliContext, memory: Path, tmp_path: Path) -> None:
    """The file is readable by its owner only, and what belongs to a running process stays out."""
    run(["backup", str(tmp_path / "b.zip")], holding)
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / "b.zip").stat().st_mode) == 0o600
    with zipfile.ZipFile(tmp_path / "b.zip") as bundle:
        assert not [name for name in bundle.namelist() if "owner" in name]


def test_json_names_the_file(holding: CliContext, memory: Path, tmp_path: Path, capsys: Capture) -> None:
    """`--json` is one document with the file and its size."""
    assert run(["backup", str(tmp_path / "b.zip"), "--json"], holding) == 0
    done = json.loads(capsys.readouterr().out)
    assert done["bytes"] == (tmp_path / "b.zip").stat().st_size


def test_a_backup_is_made_while_somebody_owns_the_folder(
    context: CliContext, memory: Path, tmp_path: Path
) -> None:
    """Souvenir need not stop for a backup: databases are copied as they stand at one moment."""
    doors = CliContext(load_settings=context.load_settings, hold=held)
    assert run(["backup", str(tmp_path / "b.zip")], doors) == 0
    load(tmp_path / "b.zip", tmp_path / "other")
    assert remembered(tmp_path / "other") == ["first"]


def test_a_live_owner_has_to_stop_before_a_restore(
    context: CliContext, memory: Path, tmp_path: Path, capsys: Capture
) -> None:
    """While somebody owns the folder, one line asks to stop it, and nothing is changed."""
    save(memory, tmp_path / "b.zip")
    doors = CliContext(load_settings=context.load_settings, hold=held)
    assert run(["restore", str(tmp_path / "b.zip"), "--force"], doors) == 1
    assert "stop it first" in capsys.readouterr().err
    assert remembered(memory) == ["first"]


def test_a_memory_is_not_overwritten_without_force(
    holding: CliContext, memory: Path, tmp_path: Path, capsys: Capture
) -> None:
    """Restore refuses a folder that holds something; with --force the old memory is kept beside."""
    run(["backup", str(tmp_path / "b.zip")], holding)
    remember(memory, "later")
    assert run(["restore", str(tmp_path / "b.zip")], holding) == 1
    assert "--force" in capsys.readouterr().err
    assert remembered(memory) == ["first", "later"]
    assert run(["restore", str(tmp_path / "b.zip"), "--force"], holding) == 0
    assert remembered(memory) == ["first"]
    assert remembered(tmp_path / "memory.before-restore-1") == ["first", "later"]


def test_an_existing_file_is_not_overwritten(holding: CliContext, memory: Path, tmp_path: Path) -> None:
    """A backup never replaces a file."""
    file = tmp_path / "b.zip"
    file.write_text("precious", encoding="utf-8")
    assert run(["backup", str(file)], holding) == 1
    assert file.read_text(encoding="utf-8") == "precious"


def test_no_memory_yet(holding: CliContext, tmp_path: Path, capsys: Capture) -> None:
    """Without a memory there is nothing to back up: one line, no file."""
    assert run(["backup", str(tmp_path / "b.zip"), "--lang", "fr"], holding) == 1
    assert "rien à sauvegarder" in capsys.readouterr().err
    assert not (tmp_path / "b.zip").exists()


def test_a_missing_backup_is_one_line(holding: CliContext, tmp_path: Path, capsys: Capture) -> None:
    """The file to restore is not there."""
    assert run(["restore", str(tmp_path / "b.zip")], holding) == 1
    assert "does not exist" in capsys.readouterr().err


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A backup of one file."""
    folder = tmp_path_factory.mktemp("whole") / "memory"
    folder.mkdir()
    (folder / "a.bin").write_bytes(b"before" * 50)
    save(folder, folder.parent / "b.zip")
    return (folder.parent / "b.zip").read_bytes()


def restored(tmp_path_factory: pytest.TempPathFactory, backup: bytes) -> bytes | None:
    """What the file holds after a restore over a memory that says `after`; None when it was refused."""
    folder = tmp_path_factory.mktemp("damaged") / "memory"
    folder.mkdir()
    (folder / "a.bin").write_bytes(b"after")
    file = folder.parent / "b.zip"
    file.write_bytes(backup)
    try:
        load(file, folder)
    except NotABackup:
        assert sorted(folder.parent.rglob("*")) == [file, folder, folder / "a.bin"]
        assert (folder / "a.bin").read_bytes() == b"after"
        return None
    return (folder / "a.bin").read_bytes()


@given(st.data())
def test_a_backup_that_was_cut_is_refused(
    tmp_path_factory: pytest.TempPathFactory, whole: bytes, data: st.DataObject
) -> None:
    """Cut anywhere, it is refused, and the memory is as it was."""
    cut = data.draw(st.integers(0, len(whole) - 1))
    assert restored(tmp_path_factory, whole[:cut]) is None


@given(st.data())
def test_a_backup_with_a_changed_byte_is_refused_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, whole: bytes, data: st.DataObject
) -> None:
    """A changed byte is noticed, unless it is one that says nothing about the files (a date, a comment)."""
    place, byte = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 255))
    changed = whole[:place] + bytes([byte]) + whole[place + 1 :]
    assert restored(tmp_path_factory, changed) in (None, b"before" * 50)


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/../../evil", "C:/evil", "a\\..\\evil"])
def test_a_backup_cannot_write_elsewhere(tmp_path: Path, name: str) -> None:
    """Names that would leave the folder are refused, whoever made the file."""
    file = tmp_path / "b.zip"
    with zipfile.ZipFile(file, "w") as bundle:
        bundle.writestr(name, "x")
        bundle.writestr(
            MANIFEST, json.dumps({"format": "souvenir-backup", "version": 1, "files": {name: "0"}})
        )
    with pytest.raises(NotABackup):
        load(file, tmp_path / "memory")
    assert not (tmp_path / "evil").exists()
    assert contents(tmp_path / "memory") == []


def test_transient_files_are_not_a_memory(tmp_path: Path) -> None:
    """A folder with only a lock, or a dead owner's address, is empty."""
    for name in ("owner.json", "owner.lock", "souvenir.db-wal"):
        (tmp_path / name).touch()
    assert contents(tmp_path) == []
