"""Copies of the database file: made before an upgrade changes it, gone when something is forgotten."""

import sqlite3
from contextlib import closing
from pathlib import Path


def copy_before(database: Path, revision: str) -> Path:
    """Copy `database`, as it stands at `revision`, to `<name>.before-<revision>` and return that path.

    SQLite's online backup: whole and consistent, other connections may be at work, and what the WAL holds
    comes too. The copy takes its name only when it is complete. Raises sqlite3.Error and OSError.
    """
    final = database.with_name(f"{database.name}.before-{revision}")
    partial = final.with_name(final.name + ".partial")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    try:
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(partial)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")  # one file, with no journal beside it
        partial.replace(final)
    finally:
        partial.unlink(missing_ok=True)
    return final


def drop_copies(database: Path) -> None:
    """Delete every copy made of `database`, finished or not; raises OSError."""
    for copy in database.parent.glob(f"{database.name}.before-*"):
        copy.unlink(missing_ok=True)
