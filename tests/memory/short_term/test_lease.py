"""The lease on a thread: one at a time, in order, and no trace afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import random

import pytest

from memory.short_term.errors import ThreadBusy
from memory.short_term.lease import ProcessLease


async def turns_of_the_loop(count: int = 20) -> None:
    """Let everything that can run now do so."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_one_at_a_time_in_order_of_arrival() -> None:
    """Twenty on one thread: never two inside, first come first served."""
    lease, inside, order = ProcessLease(), 0, []

    async def run(number: int) -> None:
        nonlocal inside
        async with lease.hold("a"):
            inside += 1
            assert inside == 1
            order.append(number)
            await turns_of_the_loop(3)
            inside -= 1

    await asyncio.gather(*(run(number) for number in range(20)))
    assert order == list(range(20))


async def test_other_threads_do_not_wait() -> None:
    """Two keys at once."""
    lease = ProcessLease()
    async with lease.hold("a"), asyncio.timeout(5), lease.hold("b"):
        pass


async def test_who_waits_too_long_is_told() -> None:
    """ThreadBusy after the patience; the holder keeps it, and the next gets it after."""
    lease = ProcessLease(patience_seconds=0.01)
    async with lease.hold("a"):
        with pytest.raises(ThreadBusy):
            async with lease.hold("a"):
                pass
    async with lease.hold("a"):
        pass


async def test_it_is_given_back_when_the_block_fails() -> None:
    """Errors pass, and the next one gets in."""
    lease = ProcessLease()
    with pytest.raises(ZeroDivisionError):
        async with lease.hold("a"):
            raise ZeroDivisionError
    async with asyncio.timeout(5), lease.hold("a"):
        pass


async def test_who_is_cancelled_while_waiting_leaves_the_queue() -> None:
    """The ones behind move up; the holder is not disturbed."""
    lease, order = ProcessLease(), []

    async def run(name: str) -> None:
        async with lease.hold("a"):
            order.append(name)

    async with lease.hold("a"):
        waiting = [asyncio.create_task(run(name)) for name in ("one", "two", "three")]
        await turns_of_the_loop()
        waiting[1].cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting[1]
        assert order == []
    await asyncio.gather(waiting[0], waiting[2])
    assert order == ["one", "three"]


async def test_cancelled_at_any_point_it_is_never_lost(seed: int) -> None:
    """Five hundred runs, many cancelled at random: no two inside, and all keys free after."""
    rng, lease = random.Random(seed), ProcessLease()
    inside: dict[str, int] = {"a": 0, "b": 0, "c": 0}

    async def run(key: str) -> None:
        async with lease.hold(key):
            inside[key] += 1
            assert inside[key] == 1
            try:
                await turns_of_the_loop(rng.randint(0, 4))
            finally:
                inside[key] -= 1

    tasks: list[asyncio.Task[None]] = []
    for _ in range(500):
        tasks.append(asyncio.create_task(run(rng.choice("abc"))))
        await turns_of_the_loop(rng.randint(0, 3))
        if rng.random() < 0.5:
            rng.choice(tasks).cancel()
    async with asyncio.timeout(20):
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        for key in "abc":
            async with lease.hold(key):
                pass
    assert {type(one) for one in outcomes} <= {type(None), asyncio.CancelledError}
    assert not lease._places


async def test_nothing_is_kept_of_threads_that_nobody_holds() -> None:
    """A thousand threads leave no entry behind, nor do waits that ended in ThreadBusy."""
    lease = ProcessLease(patience_seconds=0.001)
    for number in range(1000):
        async with lease.hold(str(number)):
            assert len(lease._places) == 1
    async with lease.hold("a"):
        with pytest.raises(ThreadBusy):
            async with lease.hold("a"):
                pass
    assert not lease._places
