"""What is in the watched folders at one moment."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from graphs.ingestion.discovery import Looked, discover

Mark = tuple[int, int, int, int]
"""Inode, size, last changes of content and of state in nanoseconds: another mark, another file."""


@dataclass(frozen=True, slots=True)
class Survey:
    """The files that can be read, with their marks, and where they are."""

    files: dict[Path, Mark]
    folders: frozenset[Path]
    """Every folder in which a file may appear."""
    present: tuple[Path, ...]
    """The watched paths that are there."""
    unseen: tuple[Path, ...]
    """Where one could not look, a drive that was unplugged say: nothing can be said of what was there."""
    seconds: float
    """How long it took to look."""


def survey(roots: Sequence[Path]) -> Survey:
    """Look at the watched files and folders."""
    started = time.perf_counter()
    present = tuple(root for root in roots if root.exists())
    looked = Looked()
    marks = {path: mark for path in discover(present, looked) if (mark := mark_of(path))}
    beside = {root.parent for root in present if not root.is_dir()}
    return Survey(
        files=marks,
        folders=frozenset({*looked.folders, *beside}),
        present=present,
        unseen=(*(root for root in roots if root not in present), *looked.unlisted),
        seconds=time.perf_counter() - started,
    )


def mark_of(path: Path) -> Mark | None:
    """The mark of a file; None when it has just gone."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
