"""Writes that share a commit: each is answered after its own, and a failure is its own too."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from memory.archive.archive import Archive, UnitOfWork
from memory.archive.errors import ArchiveUnavailable
from tests.memory.archive.samples import a_turn


class Interrupted(Exception):
    """What a test raises in the middle of a work."""


async def keep(archive: Archive, number: int, *, fails: bool = False) -> bool:
    """Keep a turn, and fail after it if asked to."""

    async def work(unit: UnitOfWork) -> bool:
        added = await unit.threads.add_turn(a_turn(f"t{number}", thread_id=f"c{number}"))
        if fails:
            raise Interrupted
        return added

    return await archive.write(work, grows=True)


async def kept(archive: Archive) -> set[str]:
    """The threads that another reader sees."""
    return {thread.id for thread in await archive.look(lambda unit: unit.threads.list("marie"))}


async def test_what_is_answered_is_on_the_disk(archive: Archive, tmp_path: Path) -> None:
    """Another connection to the file finds every turn whose write has returned, at that moment."""
    [file] = tmp_path.rglob("souvenir.db")

    async def write(number: int) -> int:
        assert await keep(archive, number)
        connection = sqlite3.connect(file)
        try:
            return int(
                connection.execute("SELECT count(*) FROM turns WHERE id = ?", (f"t{number}",)).fetchone()[0]
            )
        finally:
            connection.close()

    assert await asyncio.gather(*(write(number) for number in range(100))) == [1] * 100


async def test_a_failure_is_told_to_the_one_whose_it_is(archive: Archive) -> None:
    """Of fifty at once, those that fail leave nothing and raise their own error; the others are kept."""
    answers = await asyncio.gather(
        *(keep(archive, number, fails=number % 7 == 0) for number in range(50)), return_exceptions=True
    )
    for number, answer in enumerate(answers):
        assert isinstance(answer, Interrupted) if number % 7 == 0 else answer is True
    assert await kept(archive) == {f"c{number}" for number in range(50) if number % 7}


async def test_writes_and_units_take_turns(archive: Archive) -> None:
    """Both ways to write at the same time: all is kept."""

    async def unit(number: int) -> None:
        async with archive.unit() as work:
            await work.threads.add_turn(a_turn(f"t{number}", thread_id=f"c{number}"))

    await asyncio.gather(*(keep(archive, n) if n % 2 else unit(n) for n in range(60)))
    assert await kept(archive) == {f"c{number}" for number in range(60)}


async def test_cancelled_writes_are_whole_or_absent(archive: Archive) -> None:
    """A task that is cancelled takes its write back, or finds it done; the others are not disturbed."""
    tasks = [asyncio.create_task(keep(archive, number)) for number in range(60)]
    for number, task in enumerate(tasks):
        await asyncio.sleep(0)
        if number % 3 == 0:
            task.cancel()
    await asyncio.wait(tasks, timeout=30)
    assert {f"c{n}" for n in range(60) if not tasks[n].cancelled()} <= await kept(archive)
    assert await keep(archive, 1000)


async def test_a_write_inside_a_unit_is_refused(archive: Archive) -> None:
    """It would wait for itself for ever; it says so instead."""
    async with archive.unit():
        with pytest.raises(RuntimeError, match="inside another"):
            await keep(archive, 1)
    assert await keep(archive, 1)


async def test_a_closed_archive_refuses_by_name(archive: Archive) -> None:
    """Writing and looking alike."""
    await archive.close()
    with pytest.raises(ArchiveUnavailable, match="closed"):
        await keep(archive, 1)
    with pytest.raises(ArchiveUnavailable, match="closed"):
        await kept(archive)
