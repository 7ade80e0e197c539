"""The lease on a thread: one run at a time, a second one waits its turn."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from memory.short_term.errors import ThreadBusy


class Lease(Protocol):
    """Gives one holder at a time the right to run a thread."""

    def hold(self, key: str) -> AbstractAsyncContextManager[None]:
        """Hold the thread `key` while the block runs; raises `ThreadBusy` after too long a wait."""
        ...


class ProcessLease:
    """A lease among the tasks of this process, which alone owns the data folder."""

    def __init__(self, *, patience_seconds: float = 600.0) -> None:
        self._patience = patience_seconds
        self._locks: dict[str, asyncio.Lock] = {}
        self._wanted: dict[str, int] = {}

    @asynccontextmanager
    async def hold(self, key: str) -> AsyncIterator[None]:
        """Hold the thread `key`, in order of arrival."""
        lock = self._locks.setdefault(key, asyncio.Lock())
        self._wanted[key] = self._wanted.get(key, 0) + 1
        try:
            await self._acquire(lock)
            try:
                yield
            finally:
                lock.release()
        finally:
            self._wanted[key] -= 1
            if not self._wanted[key]:
                del self._wanted[key], self._locks[key]

    async def _acquire(self, lock: asyncio.Lock) -> None:
        try:
            # Not `wait_for`: before Python 3.12 it loses a cancellation that comes together with the lock.
            async with asyncio.timeout(self._patience):
                await lock.acquire()
        except TimeoutError:
            raise ThreadBusy(f"another turn has held this conversation for {self._patience:.0f} s") from None
