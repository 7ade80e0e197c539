"""Running conversations on a Redis server."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from memory.short_term.errors import CheckpointUnreadable
from memory.short_term.keys import thread_key
from memory.short_term.protocol import FOREVER
from memory.short_term.redis.fields import session_key, sessions_of, thread_of
from memory.short_term.redis.records import plain
from memory.short_term.redis.saver import RedisSaver


@dataclass(frozen=True)
class RedisSessions:
    """The sessions on one server; they expire by themselves."""

    saver: RedisSaver
    backend: str = "redis"

    async def forget(self, keys: Sequence[str]) -> None:
        """Delete all checkpoints of these threads.

        Gone from the server's memory; a server that keeps a log or copies on disk has them there until it
        writes these anew.
        """
        await self.saver.hashes.drop([session_key(key) for key in keys])

    async def mentioning(self, user: str, subject_ids: Iterable[str]) -> list[str]:
        """Return the user's threads of which a checkpoint holds one of these ids, or cannot be read."""
        prefix = thread_key(user, "")
        wanted = [subject_id.encode("utf-8", "surrogatepass") for subject_id in subject_ids]
        found: set[str] = set()
        async for key in self.saver.hashes.keys(sessions_of(prefix)):
            records = (await self.saver.hashes.whole(key)).values()
            if any(_holds(record, wanted) for record in records):
                found.add(thread_of(key).removeprefix(prefix))
        return sorted(found)

    async def retain(self, key: str, turns: int) -> None:
        """Keep the checkpoints of a thread's last `turns` turns, with every value that they refer to."""
        await self.saver.retain(key, turns)

    async def seconds_left(self, key: str) -> int | None:
        """Return how long a thread has until it expires: None when nothing is there, `FOREVER` for never."""
        left = await self.saver.hashes.milliseconds_left(session_key(key))
        if left == -1:
            return FOREVER
        return None if left < 0 else -(-left // 1000)

    async def ping(self) -> str:
        """Write a word to the server, and return its name and version."""
        return await self.saver.hashes.ping()


def _holds(record: bytes, wanted: Sequence[bytes]) -> bool:
    """Whether a record holds one of these; one that cannot be read might."""
    try:
        body = plain(record)
    except CheckpointUnreadable:
        return bool(wanted)
    return any(one in body for one in wanted)
