"""Leases for tests, and a process that holds one until it is killed.

`python -m tests.memory.short_term.leases URL KEY SECONDS`.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from memory.short_term.lease import Lease
from memory.short_term.presence import Presence, watched
from memory.short_term.redis.connection import open_redis
from memory.short_term.redis.lease import RedisLease

ANSWER_SECONDS = 0.5
"""How long these wait for Redis."""
PAUSE_SECONDS = 0.05


@dataclass(frozen=True)
class Client:
    """What one process has of a Redis: leases, and whether the server is there."""

    redis: Any
    place: str
    presence: Presence

    def lease(self, **options: Any) -> RedisLease:
        """A lease of this client."""
        return RedisLease(self.redis, self.place, self.presence, **options)


Make = Callable[..., Lease]


@asynccontextmanager
async def client_of(url: str, seconds: float = ANSWER_SECONDS) -> AsyncIterator[Client]:
    """Open a client, as one process does, which waits so long for Redis."""
    async with (
        open_redis(url, ttl_seconds=60, connect_seconds=seconds, answer_seconds=seconds) as sessions,
        watched(Presence(sessions.ping, pause_seconds=PAUSE_SECONDS)) as presence,
    ):
        hashes = sessions.saver.hashes
        yield Client(hashes.client, hashes.place, presence)


async def hold(url: str, key: str, last_seconds: float) -> None:
    """Hold a thread, say so, and wait until the input ends."""
    async with client_of(url, 10) as client:  # a process that starts on a busy machine is slow at first
        lease = client.lease(last_seconds=last_seconds, beat_seconds=last_seconds / 5)
        async with lease.hold(key, "theirs"):
            print("held", flush=True)
            await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(hold(sys.argv[1], sys.argv[2], float(sys.argv[3])))
