"""Short reads: done where they are asked for while that is quick, and elsewhere otherwise."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from memory.archive.archive import Archive, UnitOfWork, open_archive
from memory.archive.errors import ArchiveReadOnly, ArchiveUnavailable
from memory.shortcut import QUICK_SECONDS, Shortcut
from tests.clock import FakeClock
from tests.memory.archive.samples import a_turn


class ManualClock:
    """Seconds that pass when the test says so: how fast the machine is today decides nothing."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now

    def advance(self) -> None:
        """Let more than a little time pass."""
        self.now += 3 * QUICK_SECONDS


async def where(unit: UnitOfWork) -> tuple[int, list[str]]:
    """Return the thread that reads, and what it found."""
    return threading.get_ident(), [turn.id for turn in await unit.threads.turns("marie", "c1")]


async def test_it_reads_what_was_just_committed_in_this_thread(tmp_path: Path) -> None:
    """Nothing is crossed, and nothing is missed: a glance after a commit sees it."""
    quick = Shortcut(clock=ManualClock())
    async with open_archive(tmp_path, clock=FakeClock(), shortcut=quick) as archive:
        assert await archive.glance(where) == (threading.get_ident(), [])
        await archive.write(lambda unit: unit.threads.add_turn(a_turn("t1")))
        assert await archive.glance(where) == (threading.get_ident(), ["t1"])


async def test_it_crosses_where_the_shortcut_is_closed(tmp_path: Path) -> None:
    """Studio, for one, lets nothing hold up its event loop."""
    async with open_archive(tmp_path, clock=FakeClock(), shortcut=Shortcut(closed=True)) as archive:
        thread, found = await archive.glance(where)
        assert thread != threading.get_ident()
        assert found == []


async def test_it_cannot_write(archive: Archive) -> None:
    """As any other reader."""
    with pytest.raises(ArchiveReadOnly):
        await archive.glance(lambda unit: unit.threads.add_turn(a_turn("t1")))


async def test_after_the_end_it_is_refused(tmp_path: Path) -> None:
    """A closed archive says so."""
    async with open_archive(tmp_path, clock=FakeClock()) as archive:
        pass
    with pytest.raises(ArchiveUnavailable):
        await archive.glance(where)


async def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    """The error is the archive's own, whichever way it was read."""
    async with open_archive(tmp_path / "data", clock=FakeClock()) as archive:
        (tmp_path / "data").rename(tmp_path / "elsewhere")
        try:
            for read in (archive.glance, archive.look):
                with pytest.raises(ArchiveUnavailable):
                    await read(where)
        finally:
            (tmp_path / "elsewhere").rename(tmp_path / "data")
        assert (await archive.glance(where))[1] == []


async def test_a_cancelled_glance_is_cancelled(tmp_path: Path) -> None:
    """At any moment, the first opening included; the next one works."""
    async with open_archive(tmp_path, clock=FakeClock()) as archive:
        for steps in range(12):
            task = asyncio.create_task(archive.glance(where))
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        assert (await archive.glance(where))[1] == []


async def test_a_busy_loop_does_not_pass_for_a_slow_disk(tmp_path: Path) -> None:
    """What else the loop has to do is not counted: where many speak, short reads stay short."""
    clock = ManualClock()
    shortcut = Shortcut(clock=clock)
    async with open_archive(tmp_path, clock=FakeClock(), shortcut=shortcut) as archive:
        await archive.glance(where)
        asyncio.get_running_loop().call_soon(clock.advance)
        await archive.glance(where)
        assert shortcut.is_open
