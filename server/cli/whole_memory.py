"""The whole memory in one file: a zip of the data folder, with a manifest that proves it complete.

It holds the databases, copied as they stand at one moment, so that a backup can be made while Souvenir
runs. The index of long-term recall and the knowledge graph are left out: they are built again from the
archive at the next start.
Restoring needs the folder's lock held and its engines closed: the caller sees to that.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import sqlite3
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import Any

FORMAT = "souvenir-backup"
VERSION = 1
MANIFEST = "souvenir-backup.json"
# What belongs to a running process, or is a copy that a migration kept.
TRANSIENT = ("owner.json", "*.lock", "*.before-*", "*-wal", "*-shm", "*-journal", "*.tmp")
HELD = frozenset({"owner.json", "owner.lock"})
SCRATCH = ".restore-"
REBUILT = ("recall", "knowledge")
SQLITE_MAGIC = b"SQLite format 3\x00"
BLOCK = 1 << 20
# What reading a zip that was cut or changed raises, by the part that was hit.
DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, KeyError, ValueError, EOFError, RuntimeError)


class NotABackup(Exception):
    """The file is not a backup, or it is damaged."""


def contents(folder: Path) -> list[Path]:
    """The files of a memory that a backup holds. Links are not followed."""
    left_out = {folder / name for name in REBUILT}
    walked = (
        (Path(top), names)
        for top, _, names in os.walk(folder)
        if not left_out & {Path(top), *Path(top).parents}
    )
    files = (top / name for top, names in walked for name in names)
    return sorted(path for path in files if path.is_file() and not path.is_symlink() and not _transient(path))


def save(folder: Path, target: Path) -> int:
    """Write the memory in `folder` to the file `target`, readable by its owner only; its size in bytes.

    Raises:
        FileExistsError: `target` is there already.
        OSError: the disk is full, or a place cannot be written.
    """
    if target.exists():
        raise FileExistsError(str(target))
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as scratch:
        draft = Path(scratch) / "draft.zip"  # in a folder of mode 700
        with zipfile.ZipFile(draft, "x", zipfile.ZIP_DEFLATED, allowZip64=True) as bundle:
            _fill(bundle, folder, Path(scratch))
        draft.chmod(0o600)
        draft.rename(target)
    return target.stat().st_size


def load(source: Path, folder: Path) -> Path | None:
    """Put the memory of the file `source` in place of `folder`'s; where the old one is kept, if any.

    Nothing is changed until the whole file has been read and proved. The lock's own file stays where it is.

    Raises:
        NotABackup: the file is something else, or it is damaged.
        OSError: the disk is full, or a place cannot be written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=SCRATCH) as scratch:
        fresh = Path(scratch)
        try:
            with zipfile.ZipFile(source) as bundle:
                _unpack(bundle, fresh)
        except DAMAGE as error:
            raise NotABackup(str(source)) from error
        except OSError as error:
            if error.errno != errno.EINVAL:  # a changed offset that points before the file
                raise
            raise NotABackup(str(source)) from error
        kept = _set_aside(folder)
        _move(fresh, folder)
    return kept


def _fill(bundle: zipfile.ZipFile, folder: Path, scratch: Path) -> None:
    digests: dict[str, str] = {}
    for path in contents(folder):
        name = path.relative_to(folder).as_posix()
        still = _still(path, scratch / "database")
        bundle.write(still, name)
        digests[name] = _digest(still)
    bundle.writestr(MANIFEST, json.dumps({"format": FORMAT, "version": VERSION, "files": digests}))


def _still(path: Path, copy: Path) -> Path:
    """The file itself; of a SQLite database, a copy with its log in it (sqlite.org/backup.html)."""
    with path.open("rb") as file:
        if file.read(len(SQLITE_MAGIC)) != SQLITE_MAGIC:
            return path
    copy.unlink(missing_ok=True)
    with (
        closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as live,
        closing(sqlite3.connect(copy)) as still,
    ):
        live.backup(still)
    return copy


def _unpack(bundle: zipfile.ZipFile, fresh: Path) -> None:
    """Every file of the manifest, each proved by its digest.

    Raises:
        ValueError: the manifest is another format's, or a file is not what it says.
        KeyError: there is no manifest, or a file that it names is missing.
    """
    manifest: dict[str, Any] = json.loads(bundle.read(MANIFEST))
    if manifest.get("format") != FORMAT or manifest.get("version") != VERSION:
        raise ValueError("not a backup that this version reads")
    for name, digest in manifest["files"].items():
        target = fresh.joinpath(*_inside(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        with bundle.open(name) as packed, target.open("xb") as file:
            shutil.copyfileobj(packed, file, BLOCK)
        if _digest(target) != digest:
            raise ValueError(f"{name} is damaged")


def _inside(name: str) -> tuple[str, ...]:
    """The parts of a relative path that stays in its folder.

    Raises:
        ValueError: the path would leave the folder.
    """
    parts = PurePosixPath(name).parts
    if not parts or any(part in {"..", "/"} or "\\" in part or ":" in part for part in parts):
        raise ValueError(f"{name!r} would leave the folder")
    return parts


def _set_aside(folder: Path) -> Path | None:
    """Move what the folder holds out of the way, beside it; None when there is nothing to keep."""
    if not contents(folder):
        return None
    kept = next(path for path in _names(folder) if not path.exists())
    kept.mkdir(mode=0o700)
    _move(folder, kept)
    return kept


def _move(source: Path, target: Path) -> None:
    """Move everything but what a running process holds."""
    for path in sorted(source.iterdir()):
        if path.name not in HELD and not path.name.startswith(SCRATCH):
            (target / path.name).unlink(missing_ok=True)  # an empty leftover, like a log without its database
            shutil.move(path, target / path.name)


def _names(folder: Path) -> Iterator[Path]:
    number = 1
    while True:
        yield folder.with_name(f"{folder.name}.before-restore-{number}")
        number += 1


def _transient(path: Path) -> bool:
    return any(part.startswith(SCRATCH) for part in path.parts) or any(map(path.match, TRANSIENT))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
