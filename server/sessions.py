"""Short-term memory, opened for the composition root: in the data folder, or on a Redis, with a spare."""

import hashlib
import platform
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from memory.short_term.lease import Lease, ProcessLease
from memory.short_term.presence import Presence, watched
from memory.short_term.protocol import SessionStore
from memory.short_term.sessions import SpareSessions
from memory.short_term.sqlite import open_sqlite
from server.settings import Settings


@dataclass(frozen=True, slots=True)
class ShortTerm:
    """The stores of running conversations, in the order in which turns try them, and who may run one."""

    sessions: SessionStore
    stores: tuple[tuple[SessionStore, Presence | None], ...]
    lease: Lease


@asynccontextmanager
async def open_short_term(settings: Settings, clock: Callable[[], datetime]) -> AsyncIterator[ShortTerm]:
    """Open it; a Redis need not be there yet. Raises `ShortTermUnavailable` for the data folder."""
    async with AsyncExitStack() as stack:
        embedded = await stack.enter_async_context(
            open_sqlite(settings.data_dir, ttl_seconds=settings.session_ttl, clock=clock)
        )
        await embedded.expire()
        if settings.redis_url is None:
            yield ShortTerm(embedded, ((embedded, None),), ProcessLease())
            return
        # Who has no Redis does not wait for its client to be imported.
        from memory.short_term.redis.connection import open_redis
        from memory.short_term.redis.lease import RedisLease

        redis = await stack.enter_async_context(
            open_redis(settings.redis_url, ttl_seconds=settings.session_ttl)
        )
        presence = await stack.enter_async_context(watched(Presence(redis.ping)))
        hashes = redis.saver.hashes
        lease = RedisLease(hashes.client, hashes.place, presence, owner=_folder_name(settings.data_dir))
        sessions = SpareSessions(redis, embedded, presence)
        yield ShortTerm(sessions, ((redis, presence), (embedded, None)), lease)


def _folder_name(folder: Path) -> str:
    """Return a name of the data folder that no other has, on this machine or another."""
    there = folder.stat()
    said = f"{platform.node()}\0{folder}\0{there.st_dev}\0{there.st_ino}"
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]
