"""Public data to measure with, when it lies beside the project; it is never copied into it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

VARIABLE = "SOUVENIR_TEST_SHARED_DATA"


def root() -> Path:
    """Where the shared data is, if it is anywhere."""
    return Path(os.environ.get(VARIABLE) or Path(__file__).parents[4] / "shared" / "data")


def folder(name: str) -> Path:
    """A folder of the shared data; skips the test, saying what is missing, when it is not there."""
    if not (root() / name).is_dir():
        pytest.skip(f"no {name} in {root()}: set {VARIABLE} to the folder that holds it")
    return root() / name


def lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
