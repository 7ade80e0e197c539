"""The lease on a thread among processes that share a Redis: core commands, no scripts.

`session:{thread}:lease` holds the run and a word of this holder's own, and goes by itself some seconds after
a holder that died; while the holder lives it is prolonged every second. In a process runs queue in the order
in which they came, and only the first of them asks Redis. A Redis that does not answer keeps nobody waiting:
the lease then holds in this process only, and the archive tells whoever was overtaken.

Who alone owns a data folder names itself by it: what was left under that name is of a process that died, and
is not waited for.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, TypeVar, cast

import structlog
from redis.exceptions import WatchError

from memory.short_term.ending import ended
from memory.short_term.errors import ShortTermUnavailable, ThreadBusy
from memory.short_term.lease import PATIENCE_SECONDS, ProcessLease, Stop
from memory.short_term.presence import Presence
from memory.short_term.redis.failures import named_failures
from memory.short_term.redis.fields import lease_key, stop_key

LAST_SECONDS: Final = 6.0
"""How long a lease outlives its holder: a few beats, so that one that was late does not lose it."""
BEAT_SECONDS: Final = 1.0
_SHORTEST, _LONGEST = 0.02, 0.25
"""Seconds between two tries to get a lease that another process holds."""
T = TypeVar("T")
_log = structlog.stdlib.get_logger("souvenir.lease")


class RedisLease:
    """A lease among all processes on one Redis."""

    def __init__(
        self,
        client: Any,  # noqa: ANN401  # a Redis or a RedisCluster: they share no type
        place: str,
        presence: Presence,
        *,
        owner: str = "",
        patience_seconds: float = PATIENCE_SECONDS,
        last_seconds: float = LAST_SECONDS,
        beat_seconds: float = BEAT_SECONDS,
    ) -> None:
        """Use a client that somebody else closes; `place` is what its server is called in messages.

        While `presence` says that it is away, it is not asked. `owner` is a name that no other living process
        has, and that the next one in its place has too; without it, the process has a new one.
        """
        self._owner = (owner or uuid.uuid4().hex).replace("/", "|")
        self._client, self._place, self._presence = client, place, presence
        self._patience, self._last, self._beat = patience_seconds, last_seconds, beat_seconds
        self._here = ProcessLease(patience_seconds=patience_seconds)
        self._leaving: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def hold(
        self, key: str, run: str = "", *, wait: bool = True, stop: Stop | None = None
    ) -> AsyncIterator[None]:
        """Hold the thread `key`: in this process first, then among all."""
        async with self._here.hold(key, run, wait=wait, stop=stop):
            mine = f"{run}/{self._owner}/{uuid.uuid4().hex}".encode()
            beating: asyncio.Task[None] | None = None
            try:
                await self._acquire(key, mine, wait=wait)
                beating = asyncio.create_task(self._keep(key, run, mine, stop), name=f"lease-{run}")
                yield
            finally:
                # A task of its own: who is cut once more must not leave the lease behind. One that was cut
                # while it asked may have it without knowing.
                leaving = asyncio.create_task(self._leave(key, mine, beating), name=f"leave-{run}")
                self._leaving.add(leaving)
                leaving.add_done_callback(self._leaving.discard)
                await asyncio.wait([leaving])

    async def holder(self, key: str) -> str:
        """Return the run that holds a thread, in whichever process.

        A run of this process may be the first here, and wait for one of another.
        """
        held: bytes | None = await self._quietly(lambda: self._client.get(lease_key(key)))
        return _run_of(held) or await self._here.holder(key)

    async def ask_to_stop(self, key: str, run: str) -> bool:
        """Ask a run; its process hears of it within a beat."""
        if await self._here.ask_to_stop(key, run):
            return True
        if await self.holder(key) != run:
            return False
        lasting = round(10 * self._last * 1000)
        return bool(await self._quietly(lambda: self._client.set(stop_key(key), run.encode(), px=lasting)))

    async def _acquire(self, key: str, mine: bytes, *, wait: bool) -> None:
        pause, loop = _SHORTEST, asyncio.get_running_loop()
        deadline = loop.time() + self._patience
        while True:
            held = await self._take(key, mine)
            if held is None:
                return
            if not wait or loop.time() > deadline:
                raise ThreadBusy("another turn is at work on this conversation", _run_of(held))
            await asyncio.sleep(pause)
            pause = min(_LONGEST, 1.5 * pause)

    async def _take(self, key: str, mine: bytes) -> bytes | None:
        """Take the lease if it is free, or if Redis does not answer; else return what holds it."""

        async def ask() -> bytes:
            if await self._client.set(lease_key(key), mine, nx=True, px=self._milliseconds):
                return mine
            held: bytes | None = await self._client.get(lease_key(key))
            if held is not None and held != mine and _owner_of(held) == self._owner.encode():
                # Here, one run at a time comes so far: this one was left by who owned the folder before.
                await self._release(key, held)
                return b""
            return held or b""

        held: bytes | None = await self._quietly(ask)
        if held is None:
            _log.warning("a conversation is held in this process only", reason=self._presence.reason)
        return None if held is None or held == mine else held

    async def _keep(self, key: str, run: str, mine: bytes, stop: Stop | None) -> None:
        """Prolong the lease while it is ours, take it again when it is gone, and listen for a stop."""
        while True:
            await asyncio.sleep(self._beat)
            wanted = await self._quietly(lambda: self._prolong(key, mine))
            if stop and run and wanted == run.encode():
                stop()

    async def _prolong(self, key: str, mine: bytes) -> bytes | None:
        """Prolong the lease, or take it again where it ran out or Redis lost it; return who is to stop."""
        held, wanted = await self._client.mget(lease_key(key), stop_key(key))
        if held == mine:
            await self._client.pexpire(lease_key(key), self._milliseconds)
        elif held is None:
            await self._client.set(lease_key(key), mine, nx=True, px=self._milliseconds)
        return cast("bytes | None", wanted)

    async def _leave(self, key: str, mine: bytes, beating: "asyncio.Task[None] | None") -> None:
        if beating is not None:
            await ended(beating)
        await self._quietly(lambda: self._release(key, mine))

    async def _release(self, key: str, mine: bytes) -> None:
        """Let go of the lease, unless it is somebody else's by now."""
        transactions = getattr(self._client, "transaction", None)
        if transactions is None:  # a cluster's client; the moment between the two is the archive's to notice
            if await self._client.get(lease_key(key)) == mine:
                await self._client.delete(lease_key(key))
            return
        async with self._client.pipeline() as pipe:
            await pipe.watch(lease_key(key))
            if await pipe.get(lease_key(key)) == mine:
                pipe.multi()
                pipe.delete(lease_key(key))
                with suppress(WatchError):
                    await pipe.execute()

    async def _quietly(self, ask: Callable[[], Awaitable[T]]) -> T | None:
        """Ask Redis; none when it does not answer: the lease is then as good as it can be."""
        if self._presence.reason:
            return None
        try:
            with named_failures(self._place):
                return await ask()
        except ShortTermUnavailable as error:
            self._presence.failed(str(error))
            return None

    @property
    def _milliseconds(self) -> int:
        return round(self._last * 1000)


def _run_of(held: bytes | None) -> str:
    return b"/".join((held or b"").split(b"/")[:-2]).decode("utf-8", "replace")


def _owner_of(held: bytes) -> bytes:
    return held.split(b"/")[-2] if held.count(b"/") >= 2 else b""
