"""The backends on which every promise of the long-term index is tested; a new one is added here alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from memory.archive.archive import Archive, open_archive
from memory.long_term.edge import open_edge_index
from memory.long_term.recall import Recall
from tests.clock import FakeClock
from tests.memory.long_term.samples import CountedIndex

OpenIndex = Callable[[Path], AbstractAsyncContextManager[CountedIndex]]


def open_edge(folder: Path) -> AbstractAsyncContextManager[CountedIndex]:
    """The embedded index in a folder."""
    return open_edge_index(folder)


BACKENDS: dict[str, OpenIndex] = {"edge": open_edge}


@pytest.fixture(params=BACKENDS)
def open_index(request: pytest.FixtureRequest) -> OpenIndex:
    """How to open an index in a folder, on each backend in turn."""
    return BACKENDS[request.param]


@pytest.fixture
async def index(open_index: OpenIndex, tmp_path: Path) -> AsyncIterator[CountedIndex]:
    """A new index, on each backend in turn."""
    async with open_index(tmp_path / "recall") as opened:
        yield opened


@pytest.fixture
async def archive(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Archive]:
    """A new archive."""
    async with open_archive(tmp_path / "data", clock=clock) as opened:
        yield opened


@pytest.fixture
def recall(index: CountedIndex, archive: Archive, clock: FakeClock) -> Recall:
    """Recall over both, by words alone."""
    return Recall(index, archive, clock)
