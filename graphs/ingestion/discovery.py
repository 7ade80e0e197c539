"""Which files a person means by the paths they give: files as they are, folders with all that they hold."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from graphs.ingestion.parsing.registry import format_of

HIDDEN: Final = (".", "~$", "__MACOSX")
"""Hidden files, the lock files of Office, what macOS adds to archives."""


@dataclass
class Looked:
    """Where `discover` looked: the folders that it listed, and those that it could not."""

    folders: list[Path] = field(default_factory=list)
    unlisted: list[Path] = field(default_factory=list)


def discover(paths: Sequence[Path], looked: Looked | None = None) -> Iterator[Path]:
    """Yield each file once.

    A path that is not a folder is yielded as it is, so that a missing one is reported. In folders: sorted,
    recursive, without hidden files, formats that cannot be read, or linked folders; a folder that cannot be
    listed is yielded itself, for the same reason. `looked` is filled in on the way.
    """
    seen: set[str] = set()
    looked = looked or Looked()
    for path in paths:
        for file, key in _walk(path, looked) if path.is_dir() else [(path, os.path.realpath(path))]:
            if key not in seen:
                seen.add(key)
                yield file


def is_readable_name(name: str) -> bool:
    """Whether a file of this name is taken in when it is found in a folder."""
    return not name.startswith(HIDDEN) and format_of(Path(name)) is not None


def _walk(folder: Path, looked: Looked) -> Iterator[tuple[Path, str]]:
    """The files of one folder, then those of its folders, by name; each with its real path."""
    unlisted: list[Path] = []
    for here, folders, files in os.walk(folder, onerror=lambda error: unlisted.append(Path(error.filename))):
        base, real = Path(here), Path(os.path.realpath(here))
        looked.folders.append(base)
        folders[:] = sorted(name for name in folders if not name.startswith(HIDDEN))
        for name in sorted(filter(is_readable_name, files)):
            path = base / name
            # Nothing on the way is a link, but perhaps the file itself: resolving each took most of the time.
            yield path, os.path.realpath(path) if path.is_symlink() else str(real / name)
    looked.unlisted.extend(unlisted)
    for lost in unlisted:
        yield lost, os.path.realpath(lost)
