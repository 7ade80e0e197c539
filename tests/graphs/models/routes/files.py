"""A `models.yaml` for a test."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from graphs.models.routes import Routes, RoutesError, load_routes


def written(folder: Path, text: str) -> Path:
    """A `models.yaml` with this text."""
    file = folder / "models.yaml"
    file.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return file


def routes(folder: Path, text: str) -> Routes:
    """What a file with this text gives."""
    return load_routes(written(folder, text))


def refused(folder: Path, text: str) -> str:
    """What is said of a file with this text, without its folder."""
    file = written(folder, text)
    with pytest.raises(RoutesError) as error:
        load_routes(file)
    line = str(error.value)
    assert len(line.splitlines()) == 1
    assert line.startswith(f"{file}:")
    return line.removeprefix(f"{file.parent}/")
