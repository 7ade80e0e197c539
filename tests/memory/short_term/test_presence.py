"""Whether a server is there: noticed once, left alone while it is away, noticed again when it is back."""

from __future__ import annotations

import asyncio

from memory.short_term.errors import ShortTermUnavailable
from memory.short_term.presence import Presence, watched
from memory.short_term.redis.connection import open_redis
from tests.services.redis import OwnRedis, RedisServer
from tests.waiting import until


class Server:
    """Answers or not, and counts how often it was asked."""

    def __init__(self, *, there: bool = True) -> None:
        self.there, self.asked = there, 0

    async def ping(self) -> str:
        """Answer."""
        self.asked += 1
        if not self.there:
            raise ShortTermUnavailable(f"away, for the {self.asked}. time")
        return "there"

    async def asked_more_than(self, times: int) -> None:
        """Wait until it was."""

        async def enough() -> bool:
            return self.asked > times

        await until(enough)


async def test_one_that_was_never_there_is_noticed() -> None:
    """Right at the start, with what it said; no turn has to find it out."""
    server = Server(there=False)
    async with watched(Presence(server.ping, pause_seconds=60)) as presence:
        await server.asked_more_than(0)
        assert presence.reason == "away, for the 1. time"


async def test_one_that_is_there_is_not_asked_for_nothing() -> None:
    """Once at the start; after that who uses it finds out."""
    server = Server()
    async with watched(Presence(server.ping, pause_seconds=0)) as presence:
        for _ in range(200):
            await asyncio.sleep(0)
        assert (server.asked, presence.reason) == (1, "")


async def test_away_and_back() -> None:
    """Who finds that it is away says so: it is asked again and again, and used as soon as it answers."""
    server = Server()
    async with watched(Presence(server.ping, pause_seconds=0.01)) as presence:
        await server.asked_more_than(0)
        for _ in range(3):
            server.there = False
            presence.failed("no answer in time")
            assert presence.reason == "no answer in time"
            await server.asked_more_than(server.asked + 3)
            assert presence.reason.startswith("away")
            server.there = True

            async def back(presence: Presence = presence) -> bool:
                return not presence.reason

            await until(back)


async def test_between_two_questions_it_is_left_alone() -> None:
    """However often it is found away meanwhile, it is asked once in a pause."""
    server = Server(there=False)
    async with watched(Presence(server.ping, pause_seconds=60)) as presence:
        await server.asked_more_than(0)
        for _ in range(200):
            presence.failed("no answer in time")
            await asyncio.sleep(0)
        assert server.asked == 1


async def test_what_is_noticed_while_it_answers_is_not_lost() -> None:
    """A failure during a question that ends well is over, or is asked after; it never sticks."""
    answer, server = asyncio.Event(), Server()

    async def slowly() -> str:
        await answer.wait()
        return await server.ping()

    async with watched(Presence(slowly, pause_seconds=0.01)) as presence:
        await asyncio.sleep(0)
        presence.failed("no answer in time")
        answer.set()

        async def back() -> bool:
            return not presence.reason

        await until(back)


async def test_watching_ends_with_its_block() -> None:
    """Nothing is asked afterwards."""
    server = Server(there=False)
    async with watched(Presence(server.ping, pause_seconds=0)):
        await server.asked_more_than(2)
    asked = server.asked
    for _ in range(100):
        await asyncio.sleep(0)
    assert server.asked == asked


async def test_a_real_redis(own_redis: OwnRedis) -> None:
    """Down at the start, up, killed, and up again: each is noticed, with words that say what is wrong."""
    server = own_redis()
    server.kill()
    async with (
        open_redis(server.url, ttl_seconds=60) as sessions,
        watched(Presence(sessions.ping, pause_seconds=0.05)) as presence,
    ):

        async def away() -> bool:
            return "connection refused" in presence.reason

        async def there() -> bool:
            return not presence.reason

        for _ in range(2):
            await until(away)
            server.restart()
            await until(there)
            server.kill()
            presence.failed("found by somebody who used it")


async def test_it_ends_though_a_cancellation_is_lost(redis_server: RedisServer) -> None:
    """Ended at every moment of a question to Redis, whose client may swallow that: nothing hangs."""
    async with asyncio.timeout(60), open_redis(redis_server.url, ttl_seconds=60) as sessions:
        for number in range(100):
            async with watched(Presence(sessions.ping)):
                await asyncio.sleep(number * 0.00001)
