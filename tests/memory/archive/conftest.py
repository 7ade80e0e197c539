"""The backends on which every promise of the archive is tested; a new one is added here and nowhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from memory.archive.archive import Archive, open_archive
from tests.clock import FakeClock

OpenArchive = Callable[[Path, FakeClock], AbstractAsyncContextManager[Archive]]


def open_sqlite(folder: Path, clock: FakeClock) -> AbstractAsyncContextManager[Archive]:
    """The embedded archive in a folder."""
    return open_archive(folder, clock=clock)


BACKENDS: dict[str, OpenArchive] = {"sqlite": open_sqlite}


@pytest.fixture(params=BACKENDS)
async def archive(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Archive]:
    """A new archive, on each backend in turn."""
    async with BACKENDS[request.param](tmp_path / "data", clock) as opened:
        yield opened
