"""Bringing an archive to the shape this Souvenir knows, when it is opened: nothing to do nearly always.

The database's own revision decides. An empty file gets the tables; an older one is copied, then migrated, in
one transaction; a newer or unknown one is refused untouched.
"""

import asyncio
import threading
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from memory.archive import failures
from memory.archive.copies import copy_before
from memory.archive.errors import ArchiveTooNew
from memory.archive.lineage import Lineage
from memory.archive.sqlite import SQLiteFile
from memory.archive.stamp import read_stamp, write_stamp

_EMPTY: Final = ""  # the revision of a database without tables
# Alembic keeps the running migration in a module of its own: one at a time in a process, whatever the loop.
_ALEMBIC: Final = threading.Lock()


async def bring_to_head(file: SQLiteFile, writer: AsyncEngine, lineage: Lineage) -> None:
    """Migrate the database of `file` when it needs it, and stamp its folder.

    `writer` is its writing engine. Raises ArchiveTooNew, and the errors of a disk that refuses.
    """
    folder = file.path.parent
    stamp = await asyncio.to_thread(read_stamp, folder)
    _refuse_unknown(str(stamp.get("archive", lineage.head)), lineage, folder)
    async with writer.begin() as connection:
        current = await connection.run_sync(_revision, file.path)
    if current != lineage.head:
        await asyncio.to_thread(_migrate, file, lineage)  # Alembic reads its revisions from files
    if stamp.get("archive") != lineage.head:
        await asyncio.to_thread(write_stamp, folder, lineage.head)


def _migrate(file: SQLiteFile, lineage: Lineage) -> None:
    """Copy what there is, then run the revisions that are missing; all of them, or none."""
    engine = file.migrator()
    try:
        with _ALEMBIC, engine.begin() as connection:
            # Asked again now that nobody else can write.
            current = _revision(connection, file.path)
            if current != _EMPTY:
                _refuse_unknown(current, lineage, file.path.parent)
                copy_before(file.path, current)
            _run(connection, lineage)
    finally:
        engine.dispose()


def _run(connection: Connection, lineage: Lineage) -> None:
    # Imported here: an archive that is up to date, at every start but one, does not pay for it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    # The option is read with %-interpolation, and a folder may well have a % in its name.
    config.set_main_option("script_location", str(lineage.scripts).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, lineage.head)
    # Foreign keys are off while tables are rebuilt: look before committing that none was left hanging.
    if connection.execute(text("PRAGMA foreign_key_check")).first() is not None:
        raise failures.contradiction("a migration left a row without its owner")


def _revision(connection: Connection, path: Path) -> str:
    """Return the revision written in the database, "" for one without tables; refuses another program's."""
    tables = inspect(connection).get_table_names()
    if not tables:
        return _EMPTY
    if "alembic_version" not in tables:
        raise failures.damaged(path, "tables of another program")
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if found is None:
        raise failures.damaged(path, "no revision")
    return str(found)


def _refuse_unknown(revision: str, lineage: Lineage, folder: Path) -> None:
    if revision not in lineage.revisions:
        raise ArchiveTooNew(
            f"the memory in {folder} was written by a newer Souvenir (archive {revision}, this one knows "
            f"{lineage.head}): upgrade Souvenir, or choose another folder",
            f"la mémoire de {folder} a été écrite par un Souvenir plus récent (archive {revision}, celui-ci "
            f"connaît {lineage.head}) : mettez Souvenir à jour, ou choisissez un autre dossier",
        )
