"""A nursery for the whole run, and a Souvenir with an empty memory for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.processes import Nursery
from tests.acceptance.souvenir import Souvenir


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Where processes come from."""
    nursery = Nursery(tmp_path_factory.mktemp("runs"))
    try:
        yield nursery
    finally:
        nursery.close()


@pytest.fixture
def souvenir(nursery: Nursery, tmp_path: Path) -> Souvenir:
    """An empty memory on a machine without Ollama."""
    return Souvenir(nursery, tmp_path / "data")
