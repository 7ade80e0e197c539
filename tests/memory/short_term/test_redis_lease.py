"""The lease on a thread, within one process and among several that share a Redis."""

from __future__ import annotations

import asyncio
import contextlib
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest

from memory.short_term.errors import ThreadBusy
from memory.short_term.lease import Lease, ProcessLease
from memory.short_term.redis.fields import lease_key, stop_key
from tests.memory.short_term.leases import ANSWER_SECONDS, Client, Make, client_of
from tests.services.redis import OwnRedis, RedisServer
from tests.services.redis_binaries import ROOT
from tests.waiting import until

LONG = 60.0
"""Seconds that a lease lasts where a test must not see it run out."""
SHORT = {"last_seconds": 0.5, "beat_seconds": 0.1}


@pytest.fixture(params=["process", "redis"])
async def make(request: pytest.FixtureRequest) -> AsyncIterator[Make]:
    """Makes leases of a kind; those on Redis last long, so that one which is lost is noticed."""
    if request.param == "process":
        yield ProcessLease
        return
    server: RedisServer = request.getfixturevalue("redis_server")
    async with client_of(server.url) as client:

        def lease(**options: float) -> Lease:
            return client.lease(last_seconds=LONG, **options)

        yield lease
        with server.client() as asked:
            assert asked.keys("*lease") == [], "a lease stayed"


@pytest.fixture
async def ours(redis_server: RedisServer) -> AsyncIterator[Client]:
    """One client of a Redis."""
    async with client_of(redis_server.url) as client:
        yield client


@pytest.fixture
async def theirs(redis_server: RedisServer) -> AsyncIterator[Client]:
    """Another client of the same Redis, as another process has it."""
    async with client_of(redis_server.url) as client:
        yield client


async def is_free(lease: Lease, key: str = "a") -> None:
    """A thread can be held at once, and is named nobody's afterwards."""
    async with asyncio.timeout(5), lease.hold(key, "next", wait=False):
        assert await lease.holder(key) == "next"
    assert await lease.holder(key) == ""


async def busy_with(lease: Lease, key: str = "a") -> str:
    """The run that keeps somebody out who does not want to wait."""
    with pytest.raises(ThreadBusy) as busy:
        async with lease.hold(key, "late", wait=False):
            pass
    return busy.value.run


async def test_one_at_a_time_in_order_of_arrival(make: Make) -> None:
    """Twenty on one thread: never two inside, first come first served."""
    lease, inside, order = make(), 0, []

    async def run(number: int) -> None:
        nonlocal inside
        async with lease.hold("a", str(number)):
            inside += 1
            assert inside == 1
            order.append(number)
            assert await lease.holder("a") == str(number)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(run(number) for number in range(20)))
    assert order == list(range(20))
    await is_free(lease)


async def test_who_does_not_wait_is_told_at_once(make: Make) -> None:
    """With the run that is in the way; another thread is free meanwhile."""
    lease = make()
    async with lease.hold("a", "first"):
        async with asyncio.timeout(5):
            assert await busy_with(lease) == "first"
            await is_free(lease, "b")
    await is_free(lease)


async def test_who_waits_too_long_is_told(make: Make) -> None:
    """ThreadBusy after the patience, with the run that holds it; the holder keeps it."""
    lease = make(patience_seconds=0.05)
    async with lease.hold("a", "first"):
        with pytest.raises(ThreadBusy) as busy:
            async with lease.hold("a", "second"):
                pass
        assert busy.value.run == await lease.holder("a") == "first"
    await is_free(lease)


async def test_it_is_given_back_when_the_block_fails(make: Make) -> None:
    """Errors pass, and the next one gets in."""
    lease = make()
    with pytest.raises(ZeroDivisionError):
        async with lease.hold("a", "first"):
            raise ZeroDivisionError
    await is_free(lease)


async def test_it_is_given_back_when_the_holder_is_cancelled(make: Make) -> None:
    """Who held it and who waited for it: both may be cut."""
    lease, inside = make(), asyncio.Event()

    async def run() -> None:
        async with lease.hold("a", "first"):
            inside.set()
            await asyncio.Event().wait()

    holding, waiting = asyncio.create_task(run()), asyncio.create_task(run())
    await inside.wait()
    for task in (waiting, holding):
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    await is_free(lease)


async def test_cancelled_at_any_point_it_is_never_lost(make: Make, seed: int) -> None:
    """Two hundred runs, half of them cut wherever they are: no two inside, and all threads free after."""
    rng, lease = random.Random(seed), make()
    inside: dict[str, int] = {"a": 0, "b": 0, "c": 0}

    async def run(key: str) -> None:
        async with lease.hold(key, key):
            inside[key] += 1
            assert inside[key] == 1
            try:
                await asyncio.sleep(rng.choice([0, 0, 0.001]))
            finally:
                inside[key] -= 1

    tasks = [asyncio.create_task(run(rng.choice("abc"))) for _ in range(200)]
    for task in rng.sample(tasks, 100):
        await asyncio.sleep(rng.choice([0, 0, 0.002]))
        task.cancel()
    async with asyncio.timeout(20):
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(one) for one in outcomes} <= {type(None), asyncio.CancelledError}
    for key in inside:
        async with asyncio.timeout(5), lease.hold(key, "after"):
            pass
        await is_free(lease, key)


async def test_a_stop_reaches_the_run_that_it_names(make: Make) -> None:
    """And no other run, nor one that has ended."""
    lease, stopped = make(beat_seconds=0.05) if make is not ProcessLease else make(), asyncio.Event()
    async with lease.hold("a", "first", stop=stopped.set):
        assert not await lease.ask_to_stop("a", "second")
        assert not await lease.ask_to_stop("b", "first")
        assert not stopped.is_set()
        assert await lease.ask_to_stop("a", "first")
        async with asyncio.timeout(5):
            await stopped.wait()
    assert not await lease.ask_to_stop("a", "first")


async def test_two_processes_keep_each_other_out(ours: Client, theirs: Client) -> None:
    """Forty runs of two on one thread: never two inside, none forgotten, and each is named to the others."""
    inside, done = 0, 0
    leases = [ours.lease(), theirs.lease()]

    async def run(number: int) -> None:
        nonlocal inside, done
        async with leases[number % 2].hold("a", str(number)):
            inside += 1
            assert inside == 1
            assert await leases[1 - number % 2].holder("a") == str(number)
            inside -= 1
            done += 1

    async with asyncio.timeout(60):
        await asyncio.gather(*(run(number) for number in range(40)))
    assert done == 40


async def test_the_other_process_is_told_who_holds_it(ours: Client, theirs: Client) -> None:
    """At once where it does not wait, after its patience where it does."""
    async with ours.lease().hold("a", "ours"):
        assert await busy_with(theirs.lease()) == "ours"
        with pytest.raises(ThreadBusy) as busy:
            async with theirs.lease(patience_seconds=0.05).hold("a", "late"):
                pass
        assert busy.value.run == "ours"
    await is_free(theirs.lease())


async def test_a_stop_reaches_the_other_process(ours: Client, theirs: Client) -> None:
    """Within a beat; a run that does not hold the thread is not asked."""
    stopped, lease = asyncio.Event(), theirs.lease()
    async with ours.lease(beat_seconds=0.05).hold("a", "ours", stop=stopped.set):
        assert not await lease.ask_to_stop("a", "theirs")
        assert await lease.ask_to_stop("a", "ours")
        async with asyncio.timeout(5):
            await stopped.wait()


async def test_a_stop_is_meant_for_one_run(ours: Client, theirs: Client, redis_server: RedisServer) -> None:
    """The next run of the thread goes on, though the word that was left for the last one is still there."""
    heard: list[str] = []
    async with ours.lease(beat_seconds=LONG).hold("a", "first", stop=lambda: heard.append("first")):
        assert await theirs.lease().ask_to_stop("a", "first")
    with redis_server.client(decode_responses=False) as asked:
        assert asked.get(stop_key("a")) == b"first"
        async with ours.lease(**SHORT).hold("a", "second", stop=lambda: heard.append("second")):
            asked.pexpire(lease_key("a"), 400)  # prolonged again: a beat has passed, and listened

            async def prolonged() -> bool:
                return int(asked.pttl(lease_key("a"))) > 400

            await until(prolonged)
    assert heard == []


@contextmanager
def held_elsewhere(server: RedisServer, key: str, last: float) -> Iterator[subprocess.Popen[str]]:
    """A process that holds a thread, until it is killed."""
    argv = [sys.executable, "-m", "tests.memory.short_term.leases", server.url, key, str(last)]
    process = subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


async def test_a_holder_that_dies_frees_it(ours: Client, redis_server: RedisServer) -> None:
    """Killed as by a power cut: whoever waits gets in before the lease's time has passed, and not at once."""
    last = 2.0
    async with ours.lease().hold("b"):  # nothing is asked of Redis while the other process is waited for
        await ours.presence.look()
    with held_elsewhere(redis_server, "a", last) as process:
        assert await busy_with(ours.lease()) == "theirs"
        process.kill()
        process.wait()
        died = time.monotonic()
        assert await busy_with(ours.lease()) == "theirs"
        async with ours.lease().hold("a", "ours"):
            assert time.monotonic() - died < last + 1.0


async def test_who_owns_the_folder_does_not_wait_for_the_one_before(
    ours: Client, redis_server: RedisServer
) -> None:
    """A lease left under the same name is of a process that died; under another name it is respected."""
    left = redis_server.client()
    left.set(lease_key("a"), b"old/folder/1", px=30_000)
    with pytest.raises(ThreadBusy) as busy:
        async with ours.lease(owner="another").hold("a", "new", wait=False):
            pass
    assert busy.value.run == "old"
    lease = ours.lease(owner="folder")
    async with asyncio.timeout(5), lease.hold("a", "new"):
        assert await lease.holder("a") == "new"


async def test_who_takes_longer_keeps_it(ours: Client, theirs: Client) -> None:
    """A turn of three times as long as a lease lasts without a beat: nobody gets in between."""
    patience = 3 * SHORT["last_seconds"]
    async with ours.lease(**SHORT).hold("a", "ours"):
        with pytest.raises(ThreadBusy) as busy:
            async with theirs.lease(patience_seconds=patience).hold("a", "theirs"):
                pass
        assert busy.value.run == "ours"
    await is_free(theirs.lease())


async def test_a_lease_that_redis_lost_is_taken_again(
    ours: Client, theirs: Client, redis_server: RedisServer
) -> None:
    """Emptied by somebody: at the next beat it is there again, and gone when the run ends."""
    with redis_server.client() as asked:
        async with ours.lease(beat_seconds=0.05).hold("a", "ours"):
            asked.flushall()

            async def there() -> bool:
                return await theirs.lease().holder("a") == "ours"

            await until(there)
            assert await busy_with(theirs.lease()) == "ours"
        assert asked.keys("*lease") == []


async def test_nobody_frees_what_is_somebody_elses(
    ours: Client, theirs: Client, redis_server: RedisServer
) -> None:
    """A run whose lease was lost and taken by another leaves that one alone when it ends, and meanwhile."""
    with redis_server.client() as asked:
        async with theirs.lease().hold("b", "nobody's"):
            pass
        async with ours.lease(beat_seconds=0.05).hold("a", "ours"):
            asked.set(lease_key("a"), b"theirs/other/1")
            asked.pexpire(lease_key("a"), 30_000)
        assert asked.get(lease_key("a")) == "theirs/other/1"
        assert int(asked.pttl(lease_key("a"))) > 20_000
    assert await busy_with(ours.lease()) == "theirs"


@pytest.mark.parametrize("gone", ["killed", "stands still"])
async def test_a_redis_that_is_away_keeps_nobody_waiting(own_redis: OwnRedis, gone: str) -> None:
    """The first waits as long as for an answer, twice at most; nobody after. Runs queue in this process."""
    server = own_redis()
    async with client_of(server.url) as client:
        lease = client.lease()
        await is_free(lease)
        with contextlib.ExitStack() as stack:
            if gone == "killed":
                server.kill()
            else:
                stack.enter_context(server.stop_cont())
            began = time.monotonic()
            async with lease.hold("a", "first"):
                assert time.monotonic() - began < 2 * ANSWER_SECONDS + 1.5
                assert client.presence.reason
                assert await busy_with(lease) == "first"
            began = time.monotonic()
            for number in range(50):
                async with lease.hold("a", str(number)):
                    assert not await lease.ask_to_stop("a", "somebody else's")
            assert time.monotonic() - began < ANSWER_SECONDS
        if gone == "killed":
            server.restart()

        async def back() -> bool:
            return not client.presence.reason

        await until(back)
        async with lease.hold("a", "after"), client_of(server.url) as other:
            assert await busy_with(other.lease()) == "after"


async def test_a_redis_that_dies_while_a_run_holds(own_redis: OwnRedis) -> None:
    """The run goes on and ends as ever; the lease is there again when Redis is."""
    server = own_redis()
    async with client_of(server.url) as client, client_of(server.url) as other:
        lease = client.lease(beat_seconds=0.05)
        async with asyncio.timeout(20), lease.hold("a", "ours"):
            server.restart(empty=True)

            async def there() -> bool:
                return await other.lease().holder("a") == "ours"

            await until(there)
            server.kill()

            async def away() -> bool:
                return bool(client.presence.reason)

            await until(away)
        await is_free(lease)


async def test_a_run_ends_at_any_moment_of_a_beat(ours: Client, redis_server: RedisServer) -> None:
    """A hundred runs that end while their lease is just being prolonged: each ends, and leaves nothing."""
    lease = ours.lease(beat_seconds=0.003)
    async with asyncio.timeout(60):
        for number in range(100):
            async with lease.hold("a", str(number)):
                await asyncio.sleep(number * 0.0001)
    with redis_server.client() as asked:
        assert asked.keys("*lease") == []
