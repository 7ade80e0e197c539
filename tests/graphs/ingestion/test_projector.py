"""The projector: memory follows the archive, however often its parts fail."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from graphs.ingestion.projector import Projector, running
from graphs.ingestion.words import CLAIM_SECONDS, GROUP
from memory.archive.archive import open_archive
from memory.long_term.edge import open_edge_index
from memory.short_term.keys import thread_key
from memory.short_term.sqlite import open_sqlite
from tests.clock import FakeClock
from tests.graphs.ingestion.memories import Workshop, open_workshop
from tests.memory.archive.samples import a_turn


@pytest.fixture
async def shop(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Workshop]:
    """A workshop of its own."""
    async with open_workshop(tmp_path / "data", clock) as opened:
        yield opened


async def test_what_is_asked_for_is_done(shop: Workshop) -> None:
    """More documents than one group holds: all in, all marked, each once."""
    for number in range(GROUP * 2 + 5):
        await shop.put(f"d{number}", f"text {number}")
    assert await shop.projector.drain()
    assert await shop.index.count() == GROUP * 2 + 5
    async with shop.archive.read() as unit:
        assert (await unit.ledger.counts("marie"))["recall"] == {"done": GROUP * 2 + 5}
    assert shop.index.calls == 3, "documents share a flush"
    assert await shop.projector.drain()
    assert shop.index.calls == 3, "what is done is not done again"


async def test_a_changed_document_leaves_nothing_old(shop: Workshop) -> None:
    """Its old chunks go before the new ones come."""
    await shop.put("d1", "one", "two", "three")
    await shop.projector.drain()
    await shop.put("d1", "four")
    await shop.projector.drain()
    assert shop.texts() == ["four"]


async def test_an_index_that_fails_is_asked_again(shop: Workshop) -> None:
    """Not done: False, pending, with the reason; later done by itself, and the reason is gone."""
    shop.index.failures = 1
    await shop.put("d1", "text")
    assert not await shop.projector.drain()
    state = await shop.state("d1")
    assert state is not None
    assert (state.state, state.reason) == ("pending", "the index rests")
    assert await shop.projector.drain()
    state = await shop.state("d1")
    assert state is not None
    assert (state.state, state.reason) == ("done", None)
    assert shop.texts() == ["text"]


async def test_half_a_write_is_made_good(shop: Workshop) -> None:
    """When an earlier attempt may have written something, the next one erases first."""
    await shop.put("d1", "one", "two")
    shop.index.failures = 1
    await shop.projector.drain()
    await shop.put("d1", "three")
    await shop.projector.drain()
    assert shop.texts() == ["three"]


async def test_in_the_background_it_tries_again_by_itself(shop: Workshop) -> None:
    """`run` needs no second wake after a failure."""
    short = Projector(shop.archive, shop.index, shop.sessions, retry_seconds=0.01)
    shop.index.failures = 3
    await shop.put("d1", "text")
    async with running(short), asyncio.timeout(20):
        await shop.index.written.wait()
    assert shop.texts() == ["text"]
    assert shop.index.calls >= 4


async def test_a_defect_does_not_end_the_projector(shop: Workshop) -> None:
    """An error that nobody foresaw: the work is done at the next round, and the others go on."""
    short = Projector(shop.archive, shop.index, shop.sessions, retry_seconds=0.01)
    defects = iter([ZeroDivisionError("a defect")])

    async def fail_once() -> None:
        for defect in defects:
            raise defect

    shop.index.before_write = fail_once
    await shop.put("d1", "text")
    async with running(short), asyncio.timeout(20):
        while shop.texts() != ["text"]:
            shop.clock.advance(CLAIM_SECONDS)  # what the failed round held is free again
            short.wake()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(shop.index.written.wait(), 0.02)


async def test_waking_brings_the_new_work_in(shop: Workshop) -> None:
    """A projector that has nothing to do sleeps until it is woken."""
    async with running(shop.projector) as projector, asyncio.timeout(20):
        await projector.drain()
        await shop.put("d1", "text")
        projector.wake()
        await shop.index.written.wait()
    assert shop.texts() == ["text"]


async def test_at_the_end_what_is_known_is_finished(shop: Workshop) -> None:
    """Leaving the block works off what waits."""
    async with running(shop.projector):
        await shop.put("d1", "text")
    assert shop.texts() == ["text"]


async def test_a_newer_revision_is_never_marked_done(shop: Workshop) -> None:
    """A document that changes while its old text is written stays pending, and its new text comes."""
    changed = 0

    async def change() -> None:
        nonlocal changed
        if not changed:
            changed += 1
            await shop.put("d1", "new")
            state = await shop.state("d1")
            assert state is not None
            assert state.state == "pending"

    await shop.put("d1", "old")
    shop.index.before_write = change
    assert await shop.projector.drain()
    state = await shop.state("d1")
    assert state is not None
    assert (state.state, state.revision) == ("done", 2)
    assert shop.texts() == ["new"]


async def test_a_document_forgotten_meanwhile_does_not_come_back(shop: Workshop) -> None:
    """Deleted after it was claimed: whatever was written of it is erased again."""

    async def forget() -> None:
        shop.index.before_write = None
        async with shop.archive.unit() as unit:
            await unit.documents.delete("marie", "d1")
            await unit.ledger.enqueue("marie", "document", "d1", "recall", "erase")

    await shop.put("d1", "secret")
    shop.index.before_write = forget
    assert await shop.projector.drain()
    assert shop.texts() == []
    assert await shop.state("d1") is None


async def test_checkpoints_are_erased_while_the_index_rests(shop: Workshop) -> None:
    """One part that fails does not hold up what a person wants gone from another."""
    shop.index.failures = 1
    await shop.put("d1", "text")
    async with shop.archive.unit() as unit:
        await unit.ledger.enqueue("marie", "thread", "c1", "short_term", "erase")
    assert not await shop.projector.drain()
    assert shop.sessions.deleted == [thread_key("marie", "c1")]


async def test_checkpoints_that_fail_are_asked_again(shop: Workshop) -> None:
    """Their failure is a failure with a reason, not the end of the projector."""
    shop.sessions.failures = 1
    async with shop.archive.unit() as unit:
        await unit.ledger.enqueue("marie", "thread", "c1", "short_term", "erase")
    assert not await shop.projector.drain()
    async with shop.archive.read() as unit:
        entry = (await unit.ledger.states("marie", "thread", ["c1"]))["c1"]["short_term"]
    assert (entry.state, entry.reason) == ("pending", "the checkpoints rest")
    assert await shop.projector.drain()
    assert shop.sessions.deleted == [thread_key("marie", "c1")]


async def test_damaged_checkpoints_do_not_end_the_projector(tmp_path: Path, clock: FakeClock) -> None:
    """The real saver on a file without its tables: a named failure, and recall is brought in line."""
    folder = tmp_path / "data"
    async with (
        open_archive(folder, clock=clock) as archive,
        open_edge_index(folder / "recall") as index,
        open_sqlite(folder, ttl_seconds=None, clock=clock) as sessions,
    ):
        with closing(sqlite3.connect(folder / "checkpoints.db")) as connection:
            connection.executescript("DROP TABLE writes; DROP TABLE checkpoints;")
        async with archive.unit() as unit:
            await unit.threads.add_turn(a_turn("t1", question="My dog is called Rex."))
            await unit.ledger.enqueue("marie", "turn", "t1", "recall")
            await unit.ledger.enqueue("marie", "thread", "c1", "short_term", "erase")
        assert not await Projector(archive, index, sessions).drain()
        assert await index.count() == 1
        async with archive.read() as unit:
            entry = (await unit.ledger.states("marie", "thread", ["c1"]))["c1"]["short_term"]
        assert entry.state == "pending"
        assert entry.reason


async def test_an_archive_that_does_not_answer_is_a_failure(tmp_path: Path, clock: FakeClock) -> None:
    """Work that cannot even be claimed waits: `drain` does not say that all is done."""
    async with open_workshop(tmp_path / "data", clock) as shop:
        await shop.put("d1", "text")
    assert not await shop.projector.drain()


async def test_a_claim_left_behind_runs_out(shop: Workshop) -> None:
    """What another worker claimed and never finished is done when its time is up."""
    await shop.put("d1", "text")
    async with shop.archive.unit() as unit:
        await unit.ledger.claim("recall", limit=5, lease_seconds=CLAIM_SECONDS)
    assert await shop.projector.drain()
    assert shop.texts() == []
    shop.clock.advance(CLAIM_SECONDS + 1)
    assert await shop.projector.drain()
    assert shop.texts() == ["text"]


async def test_a_turn_is_projected_by_what_it_says(shop: Workshop) -> None:
    """A statement is indexed, a pure question is done without an entry."""
    async with shop.archive.unit() as unit:
        for id, question in (("says", "My dog is called Rex."), ("asks", "Who pays?")):
            await unit.threads.add_turn(a_turn(id, question=question))
            await unit.ledger.enqueue("marie", "turn", id, "recall")
    assert await shop.projector.drain()
    assert [entry.item_id for entry in shop.index.entries.values()] == ["says"]


async def test_drains_at_once_do_the_work_once(shop: Workshop) -> None:
    """Ten at a time: one works, the others wait for it."""
    await shop.put("d1", "text")
    assert all(await asyncio.gather(*(shop.projector.drain() for _ in range(10))))
    assert shop.index.calls == 1


async def test_a_cancelled_drain_is_taken_up_again(shop: Workshop) -> None:
    """Cancelled in the middle of a write: nothing is marked, and it is done after the claim ran out."""
    reached = asyncio.Event()

    async def stuck() -> None:
        reached.set()
        await asyncio.Event().wait()

    await shop.put("d1", "text")
    shop.index.before_write = stuck
    task = asyncio.create_task(shop.projector.drain())
    await reached.wait()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    shop.index.before_write = None
    shop.clock.advance(CLAIM_SECONDS + 1)
    assert await shop.projector.drain()
    assert shop.texts() == ["text"]
