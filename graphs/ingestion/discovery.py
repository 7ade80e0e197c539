"""Which files a person means by the paths they give: files as they are, folders with all that they hold."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from graphs.ingestion.parsing.registry import format_of

_HIDDEN: Final = (".", "~$", "__MACOSX")
"""Hidden files, the lock files of Office, what macOS adds to archives."""


def discover(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield each file once.

    A path that is not a folder is yielded as it is, so that a missing one is reported. In folders: sorted,
    recursive, without hidden files, formats that cannot be read, or linked folders; a folder that cannot be
    listed is yielded itself, for the same reason.
    """
    seen: set[str] = set()
    for path in paths:
        for file in _walk(path) if path.is_dir() else (path,):
            key = os.path.realpath(file)
            if key not in seen:
                seen.add(key)
                yield file


def _walk(folder: Path) -> Iterator[Path]:
    """The files of one folder, then those of its folders, by name."""
    unlisted: list[Path] = []
    for here, folders, files in os.walk(folder, onerror=lambda error: unlisted.append(Path(error.filename))):
        folders[:] = sorted(name for name in folders if not name.startswith(_HIDDEN))
        for name in sorted(files):
            if not name.startswith(_HIDDEN) and format_of(Path(name)):
                yield Path(here) / name
    yield from unlisted
