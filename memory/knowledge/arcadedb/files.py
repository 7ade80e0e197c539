"""The files of databases that are closed: copied, exchanged, and on the disk when that is said."""

import os
import shutil
from pathlib import Path
from typing import Final

_OF_THE_OPEN: Final = ("*.lck", "*.wal")
"""Belong to whoever has a database open."""


def copy(database: Path, place: Path) -> None:
    """Copy a database that nobody writes to; what is in the place goes."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(database, place, ignore=shutil.ignore_patterns(*_OF_THE_OPEN))


def settle(folder: Path) -> None:
    """Wait until a folder and all files in it are on the disk."""
    for one in folder.iterdir():
        _settle_one(one, os.O_RDWR)
    if os.name != "nt":  # Windows has no such thing for folders
        _settle_one(folder, os.O_RDONLY)


def move(new: Path, place: Path) -> None:
    """Put a folder in a place where none is."""
    settle(new)
    new.rename(place)
    if os.name != "nt":
        _settle_one(place.parent, os.O_RDONLY)


def _settle_one(path: Path, how: int) -> None:
    at = os.open(path, how)
    try:
        os.fsync(at)
    finally:
        os.close(at)


def exchange(place: Path, new: Path, old: Path) -> None:
    """Put a folder in the place of another, which goes; `mend` ends what a crash cuts off."""
    settle(new)
    place.rename(old)
    move(new, place)
    shutil.rmtree(old)


def mend(place: Path, old: Path) -> None:
    """Make up for an exchange that did not come to its end: the one or the other is in the place."""
    if place.exists():
        shutil.rmtree(old)
    else:
        old.rename(place)
