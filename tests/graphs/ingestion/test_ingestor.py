"""Taking in many files: the order of what is said, and how it ends when nobody listens any more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from tests.clock import FakeClock
from tests.graphs.ingestion.memories import IndexThatFails
from tests.graphs.ingestion.works import MARIE, Works, open_works, statuses, totals


@pytest.fixture
async def works(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Works]:
    """Ingestion on an index in a dictionary."""
    async with open_works(tmp_path / "data", clock, IndexThatFails()) as opened:
        yield opened


def some_files(folder: Path, count: int) -> Path:
    """A folder of so many text files."""
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:03}.txt").write_text(f"The harbour has crane number {number}.")
    return folder


async def test_first_how_many_then_each_then_the_totals(works: Works, tmp_path: Path) -> None:
    """One event for each file, and totals that add up."""
    events = await works.ingest(some_files(tmp_path / "files", 20))
    assert events[0] == {"type": "discovered", "total": 20}
    assert [event["type"] for event in events[1:-1]] == ["document"] * 20
    assert events[-1]["type"] == "totals"
    assert events[-1]["seconds"] >= 0
    assert len(statuses(events)) == 20
    assert totals(events) == {"stored": 20, "unchanged": 0, "updated": 0, "failed": 0, "chunks": 20}


async def test_nothing_to_take_in(works: Works, tmp_path: Path) -> None:
    """An empty folder is two events, and no error."""
    events = await works.ingest(some_files(tmp_path / "files", 0))
    assert [event["type"] for event in events] == ["discovered", "totals"]
    assert totals(events) == {"stored": 0, "unchanged": 0, "updated": 0, "failed": 0, "chunks": 0}


async def test_a_file_under_another_address(works: Works, tmp_path: Path) -> None:
    """As uploads come: the address is the one given, not that of the temporary file."""
    file = tmp_path / "upload.txt"
    file.write_text("The harbour has two cranes.")
    events = [event async for event in works.ingestor.files([(file, "upload:notes.txt")], MARIE)]
    assert events[1]["uri"] == "upload:notes.txt"
    assert [document.uri for document in await works.documents()] == ["upload:notes.txt"]


async def test_closed_early_it_stops(works: Works, tmp_path: Path) -> None:
    """Whoever stops listening ends the work: then no task runs, and what was stored is kept."""
    folder = some_files(tmp_path / "files", 300)
    before = asyncio.all_tasks()
    async with aclosing(works.ingestor.paths([folder], MARIE)) as events:
        async for event in events:
            if event["type"] == "document":
                break
    assert asyncio.all_tasks() == before
    stored = len(await works.documents())
    assert 1 <= stored < 300
    again = await works.ingest(folder)
    assert totals(again)["stored"] == 300 - stored
    assert totals(again)["unchanged"] == stored
    assert await works.projector.drain()


async def test_cancelled_it_stops(works: Works, tmp_path: Path) -> None:
    """So does cancelling the task that listens."""
    folder = some_files(tmp_path / "files", 300)
    heard = asyncio.Event()

    async def listen() -> None:
        async with aclosing(works.ingestor.paths([folder], MARIE)) as events:
            async for event in events:
                if event["type"] == "document":
                    heard.set()

    before = asyncio.all_tasks()
    task = asyncio.create_task(listen())
    await heard.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asyncio.all_tasks() == before
    assert totals(await works.ingest(folder))["failed"] == 0


async def test_the_same_file_twice_is_one_document(works: Works, tmp_path: Path) -> None:
    """Given as a file and in its folder, it is taken in once."""
    folder = some_files(tmp_path / "files", 3)
    events = await works.ingest(folder / "001.txt", folder)
    assert totals(events)["stored"] == 3
    assert len(await works.documents()) == 3
