"""Child processes: their limits, their deaths, and what is left behind. Real processes, real kills."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import psutil
import pytest

from graphs.children.child import Child, Kind
from graphs.children.errors import ChildDied, ChildNotStarted
from graphs.children.pool import ChildPool
from tests.graphs.extraction.reading.readers import command

ECHO = Kind("tests.graphs.children.echo", 512 * 1024 * 1024, 60.0, 64 * 1024)
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="the system has no such limit")


def to(word: str) -> Callable[[Child], Awaitable[Any]]:
    """The work of asking for one thing."""

    async def work(child: Child) -> Any:
        await child.ask(json.dumps(word).encode() + b"\n")
        line = await child.line()
        child.sound = True
        return json.loads(line)

    return work


@asynccontextmanager
async def pool(kind: Kind = ECHO, workers: int = 1, **options: Any) -> AsyncIterator[ChildPool]:
    """A pool that is closed at the end, and must have left no process."""
    opened = ChildPool(kind, workers, **options)
    try:
        yield opened
    finally:
        await opened.close()
    assert alive() == []


def alive() -> list[int]:
    """The children of this process that run."""
    return [one.pid for one in psutil.Process().children() if ECHO.module in command(one)]


async def gone(pid: int) -> None:
    """Wait for the end of a process."""
    try:
        process = psutil.Process(pid)
    except psutil.NoSuchProcess:
        return
    assert (await asyncio.to_thread(psutil.wait_procs, [process], 10))[1] == []


async def test_one_child_answers_again_and_again() -> None:
    """Asked three times, the same process answers, and what its libraries print is no answer."""
    async with pool() as children:
        first = await children.run(to("pid"))
        assert await children.run(to("print")) is None
        assert await children.run(to("pid")) == first


async def test_as_many_as_workers() -> None:
    """Twenty requests to two workers: two processes."""
    async with pool(workers=2) as children:
        assert len(set(await asyncio.gather(*(children.run(to("pid")) for _ in range(20))))) == 2
        assert len(alive()) == 2


async def test_a_child_without_work_ends() -> None:
    """After the idle time its memory goes back; the next request starts another."""
    async with pool(idle_seconds=0.2) as children:
        first = await children.run(to("pid"))
        await gone(first)
        assert await children.run(to("pid")) != first


async def test_work_puts_the_end_off() -> None:
    """A child that is busy for longer than the idle time is not ended in the middle."""

    async def slowly(child: Child) -> Any:
        await asyncio.sleep(0.5)
        return await to("pid")(child)

    async with pool(idle_seconds=0.3) as children:
        first = await children.run(to("pid"))
        assert await children.run(slowly) == first


async def test_a_child_is_replaced_after_its_share_of_work() -> None:
    """What libraries leak stays bounded."""
    async with pool(jobs_per_child=2) as children:
        pids = [await children.run(to("pid")) for _ in range(5)]
        assert pids[0] == pids[1] != pids[2] == pids[3] != pids[4]


async def test_a_child_killed_while_idle_costs_nothing() -> None:
    """The next request is answered by a new one."""
    async with pool() as children:
        first = await children.run(to("pid"))
        psutil.Process(first).kill()
        await gone(first)
        assert await children.run(to("pid")) != first


async def test_a_death_in_the_middle_is_said() -> None:
    """The status is told, the request is not repeated, and the next one is answered."""
    async with pool() as children:
        with pytest.raises(ChildDied) as raised:
            await children.run(to("die"))
        assert raised.value.status == 3
        assert await children.run(to("pid"))


async def test_a_cancelled_request_leaves_no_child() -> None:
    """Cancelling ends the process, whatever it does."""
    async with pool() as children:
        pid = await children.run(to("pid"))
        spinning = asyncio.create_task(children.run(to("spin")))
        await asyncio.to_thread(wait_until_busy, pid)
        spinning.cancel()
        with pytest.raises(asyncio.CancelledError):
            await spinning
        assert alive() == []


async def test_a_pool_closed_meanwhile_keeps_nothing() -> None:
    """A child that was busy when the pool was closed ends with its work."""
    children = ChildPool(ECHO, 1)
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(child: Child) -> Any:
        asked.set()
        await go_on.wait()
        return await to("pid")(child)

    working = asyncio.create_task(children.run(slowly))
    await asked.wait()
    await children.close()
    go_on.set()
    assert await working
    assert alive() == []


@pytest.mark.parametrize("word", ["listen", "look up", "run", "shell", "fork"])
async def test_neither_sockets_nor_programs(word: str) -> None:
    """A child reaches nobody and starts nothing."""
    async with pool() as children:
        assert await children.run(to(word)) == "PermissionError"


async def test_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets in variables do not reach a child."""
    monkeypatch.setenv("SOUVENIR_TEST_SECRET", "sesame")
    async with pool() as children:
        assert set(await children.run(to("environ"))) <= {"PYTHONPATH", "SYSTEMROOT", "LC_CTYPE"}


@POSIX
async def test_memory_and_priority() -> None:
    """A child cannot take more memory than it was given, and comes after everybody else."""
    async with pool() as children:
        assert await children.run(to("fill")) == "MemoryError"
        assert await children.run(to("nice")) >= 10


@POSIX
async def test_processor_time_ends_a_child_that_nobody_watches() -> None:
    """Even without a clock of the parent, endless work ends."""
    async with pool(replace(ECHO, seconds=0.2)) as children:
        with pytest.raises(ChildDied) as raised:
            await children.run(to("spin"))
        assert raised.value.status == -signal.SIGXCPU


async def test_a_child_that_cannot_start_is_said() -> None:
    """Each time, and nothing is left of it."""
    async with pool(replace(ECHO, module="tests.graphs.children.echo_missing")) as children:
        for _ in range(2):
            with pytest.raises(ChildNotStarted):
                await children.run(to("pid"))


def wait_until_busy(pid: int) -> None:
    """Watch the processor time of a process until it has worked for a while."""
    process = psutil.Process(pid)
    before = process.cpu_times().user
    while process.cpu_times().user < before + 0.1:
        pass
