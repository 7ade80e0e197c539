"""`version.json`, the stamp of a data folder: which archive is in it, which Souvenir last changed its shape.

The database carries its own revision, which decides; the stamp is for people, for backups, and to refuse a
newer folder before its files are touched. A missing or damaged stamp is written anew.
"""

import json
import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

NAME: Final = "version.json"


def read_stamp(folder: Path) -> dict[str, Any]:
    """Return the stamp of `folder`, {} when there is none that can be read as one; raises OSError."""
    try:
        stamp = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(folder: Path, archive: str) -> None:
    """Stamp `folder` with the archive's revision, keeping what else is in the stamp; raises OSError.

    Written beside and moved over, so that a power cut leaves the old stamp or the new one.
    """
    stamp = read_stamp(folder) | {"archive": archive, "souvenir": _souvenir()}
    new = folder / f"{NAME}.new"
    with new.open("w", encoding="utf-8") as file:
        file.write(json.dumps(stamp, indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    new.replace(folder / NAME)


def _souvenir() -> str:
    try:
        return version("souvenir")
    except PackageNotFoundError:  # run from its sources, without having been installed
        return "unknown"
