"""What is asked of the server: a session's hash read, written, changed and dropped, each in few round trips.

Core commands only, in one slot for each session: a server of 6.2 or later, its forks, and clusters.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from redis.asyncio import Redis, RedisCluster
from redis.exceptions import WatchError

from memory.short_term.errors import ShortTermUnavailable
from memory.short_term.redis.failures import named_failures

Client = Redis | RedisCluster
Fields = list[bytes | None]

_TRIES: Final = 10
_PAUSE_SECONDS: Final = 0.002
"""The longest pause before a second try; it doubles with each, to a second in all on the average."""
_SCANNED: Final = 500


class Hashes:
    """The sessions' hashes on one server. What fails raises `ShortTermUnavailable`."""

    def __init__(self, client: Client, place: str, ttl_seconds: float | None) -> None:
        """Use an opened client; `place` is what the server is called in errors."""
        self._client: Any = client
        # Of a cluster, the library's transactions open connections in event loops that are closed at once.
        # There each command is whole by itself, and a writer and a pruner of one session keep to their lease.
        self._transactions = not isinstance(client, RedisCluster)
        self._place = place
        self._ttl = None if ttl_seconds is None else max(1, round(ttl_seconds * 1000))

    @property
    def client(self) -> Any:  # noqa: ANN401  # a Redis or a RedisCluster: they share no type
        """The client, for what else is kept on this server."""
        return self._client

    @property
    def place(self) -> str:
        """What the server is called in errors."""
        return self._place

    async def names(self, key: bytes, *, touch: bool = True) -> list[bytes]:
        """Return the names of a hash's fields; with `touch` its time starts anew."""
        with named_failures(self._place):
            pipe = self._client.pipeline(transaction=False)
            pipe.hkeys(key)
            if touch:
                self._touch(pipe, key)
            names: list[bytes] = (await pipe.execute())[0]
            return names

    async def values(self, key: bytes, fields: Sequence[bytes]) -> Fields:
        """Return the values of fields, of one moment; None for what is not there."""
        if not fields:
            return []
        with named_failures(self._place):
            found: Fields = await self._client.hmget(key, fields)
            return found

    async def whole(self, key: bytes) -> dict[bytes, bytes]:
        """Return a hash."""
        with named_failures(self._place):
            found: dict[bytes, bytes] = await self._client.hgetall(key)
            return found

    async def put(self, key: bytes, fields: Mapping[bytes, bytes], new: Mapping[bytes, bytes] = {}) -> None:
        """Write fields, and those of `new` that are not there yet, in one transaction."""
        with named_failures(self._place):
            pipe = self._client.pipeline(transaction=self._transactions)
            if fields:
                pipe.hset(key, mapping=dict(fields))
            for field, value in new.items():
                pipe.hsetnx(key, field, value)
            self._touch(pipe, key)
            await pipe.execute()

    def _touch(self, pipe: Any, key: bytes) -> None:  # noqa: ANN401 - a pipeline of either client
        if self._ttl is None:
            pipe.persist(key)
        else:
            pipe.pexpire(key, self._ttl)

    async def drop(self, keys: Iterable[bytes]) -> None:
        """Drop hashes."""
        with named_failures(self._place):
            for key in keys:
                await self._client.unlink(key)

    async def copy(self, source: bytes, target: bytes) -> None:
        """Make `target` what `source` is; of a source that is not there, nothing changes."""
        fields = await self.whole(source)
        if not fields or source == target:
            return
        with named_failures(self._place):
            pipe = self._client.pipeline(transaction=self._transactions)
            pipe.execute_command(
                "UNLINK", target
            )  # of a cluster, `unlink` is for many keys, and does not queue
            pipe.hset(target, mapping=fields)
            self._touch(pipe, target)
            await pipe.execute()

    async def remove(
        self,
        key: bytes,
        wanted: Callable[[Sequence[bytes]], Sequence[bytes]],
        doomed: Callable[[Sequence[bytes], Mapping[bytes, bytes]], Sequence[bytes]],
    ) -> None:
        """Remove the fields that `doomed` names, from what it was shown and nothing else.

        `wanted` says, of the names of all fields, whose values it needs. Where somebody writes to the session
        meanwhile, all is looked at anew; raises `ShortTermUnavailable` when that does not end.
        """
        with named_failures(self._place):
            for attempt in range(_TRIES):
                try:
                    return await self._remove(key, wanted, doomed)
                except WatchError:  # let the other one finish
                    await asyncio.sleep(random.random() * _PAUSE_SECONDS * 2**attempt)
        raise ShortTermUnavailable(f"Redis at {self._place}: a session was written to without a pause")

    async def _remove(
        self,
        key: bytes,
        wanted: Callable[[Sequence[bytes]], Sequence[bytes]],
        doomed: Callable[[Sequence[bytes], Mapping[bytes, bytes]], Sequence[bytes]],
    ) -> None:
        if not self._transactions:
            names = await self._client.hkeys(key)
            if fields := await self._chosen(self._client, key, names, wanted, doomed):
                await self._client.hdel(key, *fields)
            return
        async with self._client.pipeline(transaction=True) as pipe:
            await pipe.watch(key)
            names = await pipe.hkeys(key)
            if fields := await self._chosen(pipe, key, names, wanted, doomed):
                pipe.multi()
                pipe.hdel(key, *fields)
                await pipe.execute()

    async def _chosen(
        self,
        client: Any,  # noqa: ANN401 - either client, or a pipeline that watches
        key: bytes,
        names: Sequence[bytes],
        wanted: Callable[[Sequence[bytes]], Sequence[bytes]],
        doomed: Callable[[Sequence[bytes], Mapping[bytes, bytes]], Sequence[bytes]],
    ) -> Sequence[bytes]:
        asked = list(wanted(names))
        found = await client.hmget(key, asked) if asked else []
        known = {field: value for field, value in zip(asked, found, strict=True) if value is not None}
        return doomed(names, known)

    async def keys(self, pattern: bytes) -> AsyncIterator[bytes]:
        """Yield the keys of a pattern, each once, of every master; none of them is touched."""
        seen: set[bytes] = set()
        with named_failures(self._place):
            async for key in self._client.scan_iter(match=pattern, count=_SCANNED):
                if key not in seen:
                    seen.add(key)
                    yield key

    async def milliseconds_left(self, key: bytes) -> int:
        """Return when a hash expires: -1 for never, -2 where there is none."""
        with named_failures(self._place):
            return int(await self._client.pttl(key))

    async def ping(self) -> str:
        """Write for a moment, which a full server or a replica refuses, and return what answers."""
        with named_failures(self._place):
            await self._client.set(_TRIED, b"", px=1000)
            said = await self._client.info("server")
        return _name(said)


_TRIED: Final = "session:ping"
_NAMES: Final = (
    ("Valkey", "valkey_version"),
    ("Dragonfly", "dragonfly_version"),
    ("Redis", "redis_version"),
)


def _name(said: Mapping[str, Any]) -> str:
    """Return the name and the version; a cluster answers for each of its nodes, or for one."""
    if said and all(isinstance(one, Mapping) for one in said.values()):
        said = next(iter(said.values()))
    return next((f"{name} {said[field]}" for name, field in _NAMES if field in said), "an unknown server")
