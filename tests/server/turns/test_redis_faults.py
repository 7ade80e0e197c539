"""A Redis that dies, stands still, fills up or is emptied while twenty answers are being written."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis.exceptions import OutOfMemoryError

from tests.graphs.agent.home import BIG, Event, Home, home
from tests.ollama_double import Fault, OllamaDouble
from tests.server.turns.redis_home import check_prompt, holders, notes, used_again
from tests.services.redis import OwnRedis, RedisServer
from tests.services.redis_process import Options

TURNS = 20
SECONDS = 10.0
"""How long a turn may take once its model goes on."""
CHAT = "/api/chat"
NOTHING_SPECIAL = Options()


@contextmanager
def killed(server: RedisServer) -> Iterator[None]:
    """Ended as by a power cut, with nothing on disk; later started again, empty."""
    server.kill()
    yield
    server.restart()


@contextmanager
def standing_still(server: RedisServer) -> Iterator[None]:
    """Stopped: connections are taken, and nobody is answered; later it goes on."""
    with server.stop_cont():
        yield


@contextmanager
def full(server: RedisServer) -> Iterator[None]:
    """Out of memory, where nothing is evicted; later somebody makes room."""
    with server.client() as client:
        refused, number = 0, 0
        while refused < 20:
            number += 1
            try:
                client.set(f"other:{number}", "x" * (100 if refused else 50_000))
            except OutOfMemoryError:
                refused += 1
        yield
        client.delete(*client.keys("other:*"))


@contextmanager
def evicting(server: RedisServer) -> Iterator[None]:
    """Out of memory, where what was used least recently makes room: every conversation does."""
    with server.client() as client:
        for number in range(1000):
            client.set(f"other:{number}", "x" * 50_000)
        assert client.info("stats")["evicted_keys"] > TURNS
        assert client.keys("session:*checkpoints") == []
        yield
        client.delete(*client.keys("other:*"))


@contextmanager
def flushed(server: RedisServer) -> Iterator[None]:
    """Emptied by somebody, conversations and leases alike."""
    with server.client() as client:
        client.flushall()
    yield


@contextmanager
def restarted_empty(server: RedisServer) -> Iterator[None]:
    """Killed and started again at once, as when a machine reboots: nothing of it is left."""
    server.restart(empty=True)
    yield


@dataclass(frozen=True)
class Case:
    """What happens to a Redis, how it was set up, and whether turns can go on there meanwhile."""

    happens: Callable[[RedisServer], AbstractContextManager[None]]
    options: Options = NOTHING_SPECIAL
    away: bool = False


CASES = (
    Case(killed, away=True),
    Case(standing_still, away=True),
    Case(full, Options(maxmemory="8mb"), away=True),
    Case(evicting, Options(maxmemory="8mb", policy="allkeys-lru")),
    Case(flushed),
    Case(restarted_empty),
)


@pytest.fixture(params=CASES, ids=[case.happens.__name__ for case in CASES])
def case(request: pytest.FixtureRequest) -> Case:
    """Each of them."""
    found: Case = request.param
    return found


@pytest.fixture
def server(own_redis: OwnRedis, case: Case) -> RedisServer:
    """The Redis that it happens to."""
    return own_redis("plain", case.options)


@pytest.fixture
async def souvenir(tmp_path: Path, double: OllamaDouble, server: RedisServer) -> AsyncIterator[Home]:
    """An empty Souvenir on that Redis."""
    async with home(tmp_path / "memory", double, redis_url=server.url) as opened:
        yield opened


class Rounds:
    """Rounds of one turn on each of twenty conversations, and what was acknowledged of them."""

    def __init__(self, souvenir: Home) -> None:
        self.souvenir = souvenir
        self.threads: list[str | None] = [None] * TURNS
        self.acknowledged: list[Event] = []
        self.rounds = 0

    def begin(self) -> list[asyncio.Task[Event]]:
        """Ask on all conversations at the same time."""
        self.rounds += 1
        return [
            asyncio.create_task(self.souvenir.ask(f"Fact {self.rounds} of speaker {number}.", thread))
            for number, thread in enumerate(self.threads)
        ]

    async def end(self, asked: Sequence[asyncio.Task[Event]]) -> list[Event]:
        """Wait for the answers, for as long as one may; each acknowledges its turn."""
        began = time.monotonic()
        async with asyncio.timeout(3 * SECONDS):
            answers = list(await asyncio.gather(*asked))
        took = time.monotonic() - began
        assert took < SECONDS, f"{took:.1f} s"
        self.threads = [answer["thread_id"] for answer in answers]
        self.acknowledged += answers
        assert {answer["status"] for answer in answers} == {"done"}
        return answers

    async def one(self) -> list[Event]:
        """Ask, and wait for the answers."""
        return await self.end(self.begin())

    async def check(self) -> None:
        """Every acknowledged turn is in the archive once, as it was acknowledged, and nothing else is."""
        kept = [turn for thread in self.threads if thread for turn in await self.souvenir.turns(thread)]
        assert max(Counter(turn.id for turn in kept).values()) == 1
        assert {(turn.id, turn.thread_id, turn.answer) for turn in kept} == {
            (answer["turn_id"], answer["thread_id"], answer["answer"]) for answer in self.acknowledged
        }
        assert len(kept) == len(self.acknowledged) == TURNS * self.rounds
        for number, thread in enumerate(self.threads):
            assert thread is not None
            said = [turn.question for turn in await self.souvenir.turns(thread)]
            assert said == [f"Fact {at + 1} of speaker {number}." for at in range(self.rounds)]
            await check_prompt(self.souvenir, thread, tail=self.rounds)


async def test_in_the_middle_of_twenty_answers(
    souvenir: Home, double: OllamaDouble, server: RedisServer, case: Case
) -> None:
    """No turn is lost, doubled or refused, none takes long, each knows those before it, and it is said.

    Turns that were at work when it happened, turns meanwhile, and turns after, when Redis is used again.
    """
    rounds = Rounds(souvenir)
    for answer in await rounds.one():
        assert notes(answer) == []
    double.fault(BIG, Fault("hang_mid_stream", calls=TURNS))
    running = rounds.begin()
    await double.wait_for(CHAT, "hanging", count=TURNS, within=30)
    with case.happens(server):
        double.release()
        during = await rounds.end(running)
        meanwhile = await rounds.one()
        if case.away:
            assert all(notes(answer) for answer in (*during, *meanwhile))
    began = time.monotonic()
    await used_again(souvenir)
    print(f"used again after {time.monotonic() - began:.2f} s")
    for answer in await rounds.one():
        notes(answer)
    for answer in await rounds.one():
        assert notes(answer) == []
    for thread in rounds.threads:
        assert thread is not None
        assert "redis" in await holders(souvenir, thread)
    await rounds.check()
    assert len(souvenir.prompts()) == len(rounds.acknowledged), "a model was asked again"


async def test_a_list_of_conversations_does_not_wait_for_each(
    tmp_path: Path, double: OllamaDouble, own_redis: OwnRedis
) -> None:
    """How long each stays at hand is left out where Redis stands still, after one question to it."""
    server = own_redis()
    async with home(tmp_path / "memory", double, redis_url=server.url) as souvenir:
        threads = [(await souvenir.ask(f"Fact {number}."))["thread_id"] for number in range(10)]
        look = souvenir.services.checkpoints.seconds_left
        assert (await look("local", threads)).keys() == set(threads)
        with server.stop_cont():
            async with asyncio.timeout(5):
                assert await look("local", threads) == {}
