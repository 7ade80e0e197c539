"""What a unit of work promises: all or nothing, one at a time, never in the way of readers."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from memory.archive.archive import Archive
from memory.archive.errors import ArchiveUnavailable
from tests.clock import FakeClock
from tests.memory.archive.conftest import BACKENDS
from tests.memory.archive.samples import a_call, a_document, a_turn, chunks_of


class Interrupted(Exception):
    """What a test raises in the middle of a unit."""


async def test_a_unit_that_fails_leaves_nothing(archive: Archive) -> None:
    """Whatever was written in it, in every repository, is undone; the next unit works."""
    document = a_document(chunk_count=1)
    with pytest.raises(Interrupted):
        async with archive.unit() as work:
            await work.documents.put(document, chunks_of(document, "un"))
            await work.threads.add_turn(a_turn())
            await work.ledger.enqueue("marie", "document", "d1", "recall")
            await work.calls.add([a_call()])
            raise Interrupted
    async with archive.unit() as work:
        assert await work.documents.list("marie") == []
        assert await work.threads.list("marie") == []
        assert await work.ledger.counts(None) == {}
        assert await work.calls.recent(None, 10) == []


async def test_fifty_tasks_write_at_once(archive: Archive) -> None:
    """Every unit commits, none sees `database is locked`, and readers beside them see whole units only."""

    async def write(number: int) -> None:
        async with archive.unit() as work:
            document = a_document(f"d{number}", chunk_count=2)
            await work.documents.put(document, chunks_of(document, "un", "deux"))
            await work.threads.add_turn(a_turn(f"t{number}", thread_id=f"c{number % 5}"))

    async def read() -> None:
        async with archive.read() as work:
            for document in await work.documents.list("marie"):
                assert len(await work.documents.chunks("marie", document.id)) == 2

    await asyncio.gather(*(write(n) for n in range(50)), *(read() for _ in range(20)))
    async with archive.read() as work:
        assert len(await work.documents.list("marie")) == 50
        assert sum(thread.turn_count for thread in await work.threads.list("marie")) == 50


async def test_a_reader_keeps_its_snapshot(archive: Archive) -> None:
    """What is committed while someone reads appears to the next reader; writing does not wait for reading."""
    async with archive.read() as before:
        assert await before.documents.list("marie") == []
        async with archive.unit() as work:
            await work.documents.put(a_document(), [])
        assert await before.documents.list("marie") == []
    async with archive.read() as after:
        assert len(await after.documents.list("marie")) == 1


async def test_a_unit_reads_what_it_wrote(archive: Archive) -> None:
    """Inside a unit its own writing is seen, outside it is not before the end."""
    async with archive.unit() as work:
        await work.documents.put(a_document(), [])
        assert await work.documents.get("marie", "d1") == a_document()
        async with archive.read() as beside:
            assert await beside.documents.get("marie", "d1") is None


async def test_a_unit_inside_a_unit_is_refused(archive: Archive) -> None:
    """It would wait for itself for ever; it says so instead, and the archive works on."""
    with pytest.raises(RuntimeError, match="inside another"):
        async with archive.unit(), archive.unit():
            pass
    async with archive.unit() as work:
        await work.documents.put(a_document(), [])


async def test_cancelled_units_leave_no_trace(archive: Archive, seed: int) -> None:
    """Cancelled at any point, a unit is whole or absent, and those who wait behind it are not stuck."""
    rng = random.Random(seed)

    async def write(number: int) -> None:
        async with archive.unit() as work:
            document = a_document(f"d{number}", chunk_count=3)
            await work.documents.put(document, chunks_of(document, "un", "deux", "trois"))
            await work.threads.add_turn(a_turn(f"t{number}"))

    async def write_and_cancel(number: int) -> None:
        task = asyncio.create_task(write(number))
        for _ in range(rng.randrange(60)):
            await asyncio.sleep(0)
        await asyncio.wait([task], timeout=rng.choice([0, 0.001, 0.004]))
        task.cancel()
        await asyncio.wait([task], timeout=4)
        assert task.done(), "it waits for a lock that an earlier one left behind"
        if not task.cancelled():
            task.result()

    for number in range(60):
        await write_and_cancel(number)
    await asyncio.wait_for(write(1000), timeout=30)
    async with archive.read() as work:
        documents = {document.id[1:] for document in await work.documents.list("marie")}
        turns = {turn.id[1:] for turn in await work.threads.turns("marie", "c1")}
        assert documents == turns and "1000" in documents
        for document in documents:
            assert len(await work.documents.chunks("marie", f"d{document}")) == 3


async def test_cancelled_readers_give_their_place_back(archive: Archive, seed: int) -> None:
    """Readers cancelled at any point leave neither a snapshot nor a connection behind."""
    rng = random.Random(seed)

    async def read() -> None:
        async with archive.read() as work:
            await work.documents.list("marie")
            await work.threads.list("marie")

    async def read_and_cancel() -> None:
        task = asyncio.create_task(read())
        await asyncio.wait([task], timeout=rng.choice([0, 0.0005, 0.002]))
        task.cancel()
        await asyncio.wait([task])

    await asyncio.gather(*(read_and_cancel() for _ in range(100)))
    async with asyncio.timeout(30):
        await read()
        await archive.scrub()


async def test_ping_names_the_engine(archive: Archive) -> None:
    """The name and the version of what answers."""
    name, version = (await archive.ping()).split()
    assert name == "SQLite" and version[0].isdigit()


@pytest.mark.parametrize("backend", BACKENDS)
async def test_what_was_committed_is_there_after_reopening(
    backend: str, clock: FakeClock, tmp_path: Path
) -> None:
    """Closed and opened again, the archive holds the same; once closed, it refuses everything by name."""
    async with BACKENDS[backend](tmp_path, clock) as archive, archive.unit() as work:
        await work.threads.add_turn(a_turn())
    for use in (archive.unit, archive.read):
        with pytest.raises(ArchiveUnavailable, match="closed"):
            async with use():
                pass
    with pytest.raises(ArchiveUnavailable, match="closed"):
        await archive.ping()
    async with BACKENDS[backend](tmp_path, clock) as again, again.read() as work:
        assert await work.threads.turns("marie", "c1") == [a_turn()]


async def test_many_readers_share_few_connections(archive: Archive) -> None:
    """A hundred readers at once are all served."""

    async def read() -> int:
        async with archive.read() as work:
            return len(await work.documents.list("marie"))

    assert await asyncio.gather(*(read() for _ in range(100))) == [0] * 100
