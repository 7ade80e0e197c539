"""What an index on disk was made with: read before it is opened, written when all it must hold is queued."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from memory.long_term import bm25
from memory.long_term.embedding import EmbeddingSpace

_SETTINGS = {"engine": "qdrant-edge", "schema": 2, "bm25": bm25.FINGERPRINT}


def matches(folder: Path) -> bool:
    """Tell whether the index in `folder` was finished, with the settings of this version."""
    found = _read(folder)
    same = {name: found.get(name) for name in _SETTINGS} == _SETTINGS
    # Vectors of which nobody knows the space cannot be asked for, nor told from those that are missing.
    return same and (found.get("space") is None or space(folder) is not None)


def space(folder: Path) -> EmbeddingSpace | None:
    """Return the space of the vectors that the index holds; None when it holds none, or cannot say."""
    found = _read(folder).get("space")
    try:
        known = EmbeddingSpace(**{**found, "canary": tuple(map(float, found["canary"]))}) if found else None
    except (TypeError, ValueError, KeyError):
        return None
    return known if known and len(known.canary) == known.dimension else None


def write(folder: Path, of_vectors: EmbeddingSpace | None) -> None:
    """Stamp the index, in one step: a crash leaves the stamp before or this one."""
    content = {**_SETTINGS, "space": None if of_vectors is None else asdict(of_vectors)}
    new = _file(folder).with_suffix(".new")
    with new.open("w", encoding="utf-8") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    new.replace(_file(folder))


def _file(folder: Path) -> Path:
    return folder / "fingerprint.json"


def _read(folder: Path) -> dict[str, Any]:
    try:
        content = json.loads(_file(folder).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
