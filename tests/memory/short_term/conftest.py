"""The backends of short-term memory, each opened for one test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from memory.short_term.protocol import SessionStore
from memory.short_term.redis.connection import open_redis
from memory.short_term.sqlite import open_sqlite
from tests.clock import FakeClock
from tests.services.redis import own_redis, redis_server, redis_stack, valkey

__all__ = ["own_redis", "redis_server", "redis_stack", "valkey"]

SERVERS = {"redis": "redis_server", "redis-stack": "redis_stack", "valkey": "valkey"}
TTL_SECONDS = 3600


@pytest.fixture(params=["sqlite", *SERVERS])
async def sessions(
    request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock
) -> AsyncIterator[SessionStore]:
    """Each backend, empty."""
    if request.param == "sqlite":
        async with open_sqlite(tmp_path, ttl_seconds=TTL_SECONDS, clock=clock) as in_folder:
            yield in_folder
    else:
        server = request.getfixturevalue(SERVERS[request.param])
        async with open_redis(server.url, ttl_seconds=TTL_SECONDS) as on_server:
            yield on_server
