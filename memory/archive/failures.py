"""From SQLite's result codes, and the system's, to the named errors (https://www.sqlite.org/rescode.html)."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from memory.archive.errors import (
    ArchiveError,
    ArchiveFull,
    ArchiveReadOnly,
    ArchiveRefused,
    ArchiveUnavailable,
    StaleTurn,
)

_FULL_DISK: Final = {errno.ENOSPC, errno.EDQUOT}
_NO_WRITING: Final = {errno.EROFS, errno.EACCES, errno.EPERM}
_ENDING: Final = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
}
# Mistakes of this program, not of the disk: they keep their own names.
_OURS: Final = (sqlite3.ProgrammingError, sqlite3.InterfaceError)


def full(path: Path) -> ArchiveFull:
    """Return the error for a disk, or a quota, without room."""
    return ArchiveFull(
        f"no room left to write {path}: free some space, then try again; nothing was half written",
        f"plus de place pour écrire {path} : libérez de l'espace, puis réessayez ; rien n'est écrit à moitié",
    )


def read_only(path: Path) -> ArchiveReadOnly:
    """Return the error for a file or a folder that cannot be written."""
    return ArchiveReadOnly(
        f"{path} cannot be written: give yourself the right to write there, or choose another folder",
        f"impossible d'écrire {path} : donnez-vous le droit d'y écrire, ou choisissez un autre dossier",
    )


def busy(path: Path) -> ArchiveUnavailable:
    """Return the error for a file that another program keeps locked."""
    return ArchiveUnavailable(
        f"another program keeps {path} locked: close it, then try again",
        f"un autre programme garde {path} verrouillé : fermez-le, puis réessayez",
    )


def stale() -> StaleTurn:
    """Return the error for a turn that lost its conversation to a later one while it ran."""
    return StaleTurn(
        "this conversation was continued elsewhere while the answer was made: read it again, then ask again",
        "cette conversation a continué ailleurs pendant la réponse : relisez-la, puis reposez la question",
    )


def damaged(path: Path, detail: str) -> ArchiveUnavailable:
    """Return the error for a file that is not, or no longer, an archive."""
    return ArchiveUnavailable(
        f"{path} is damaged or is not an archive ({detail}): restore a backup, or choose another folder",
        f"{path} est abîmé ou n'est pas une archive ({detail}) : restaurez une sauvegarde, "
        "ou choisissez un autre dossier",
    )


def unreachable(path: Path, detail: str) -> ArchiveUnavailable:
    """Return the error for a file that cannot be opened or read."""
    return ArchiveUnavailable(
        f"{path} cannot be used ({detail}): check the disk and the folder's rights",
        f"{path} est inutilisable ({detail}) : vérifiez le disque et les droits du dossier",
    )


def crowded(path: Path) -> ArchiveUnavailable:
    """Return the error for a reader that waited too long for its turn."""
    return ArchiveUnavailable(
        f"too many are reading {path} at once: try again in a moment",
        f"trop de lectures de {path} à la fois : réessayez dans un instant",
    )


def undone(path: Path) -> ArchiveUnavailable:
    """Return the error for a unit of work that went on after a failure had undone it."""
    return ArchiveUnavailable(
        f"an earlier failure undid this work on {path}, nothing of it was kept: start it again",
        f"une panne a annulé ce travail sur {path}, rien n'en est gardé : recommencez-le",
    )


def closed(path: Path) -> ArchiveUnavailable:
    """Return the error for an archive used after it was closed."""
    return ArchiveUnavailable(f"the archive {path} is closed", f"l'archive {path} est fermée")


def contradiction(detail: str) -> ArchiveRefused:
    """Return the error for rows that contradict each other; `detail` names columns, never values."""
    return ArchiveRefused(
        f"the archive cannot keep this beside what it holds ({detail})",
        f"l'archive ne peut garder ceci avec ce qu'elle contient ({detail})",
    )


def translate(error: BaseException, path: Path) -> ArchiveError | None:
    """Return the named error for what a driver or the system raised, None for a mistake of the program."""
    if isinstance(error, ArchiveError):
        return error
    if isinstance(error, sqlite3.Error) and not isinstance(error, _OURS):
        return _from_sqlite(error, path)
    if isinstance(error, OSError):
        return _from_system(error, path)
    return None


def ends_transaction(error: BaseException) -> bool:
    """Whether SQLite may have rolled everything back by itself, so that what follows would not be undone.

    See "Response To Errors Within A Transaction", https://www.sqlite.org/lang_transaction.html.
    """
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _ENDING


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Give the errors of a block that works on `path` their names; a mistake of the program keeps its own."""
    try:
        yield
    except Exception as error:  # whatever it is, it is raised again, under its name if it has one
        known = translate(error, path)
        if known is None or known is error:
            raise
        raise known from error


def _from_sqlite(error: sqlite3.Error, path: Path) -> ArchiveError:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    if code == sqlite3.SQLITE_IOERR_SHMSIZE:
        return full(path)  # the only input/output error that means a full disk
    match code & 0xFF:  # the primary code; the rest is detail
        case sqlite3.SQLITE_FULL:
            return full(path)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return read_only(path)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return busy(path)
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return damaged(path, str(error))
        case sqlite3.SQLITE_CONSTRAINT | sqlite3.SQLITE_TOOBIG:
            return contradiction(str(error))
    return unreachable(path, str(error))


def _from_system(error: OSError, path: Path) -> ArchiveError:
    if error.errno in _FULL_DISK:
        return full(path)
    if error.errno in _NO_WRITING:
        return read_only(path)
    return unreachable(path, error.strerror or type(error).__name__)
