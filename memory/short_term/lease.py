"""The lease on a thread: one run at a time; a second one waits its turn, or is told which one is at work.

A lease keeps runs apart; it is not what keeps a conversation whole. Whoever holds one longer than it lasts (a
process that was stopped, a Redis that was emptied) finds out at the archive's commit, which takes a turn only
on the revision of the thread that it was made on (`ThreadRepository.add_turn`): that is the fence
(M. Kleppmann, "How to do distributed locking", 2016).
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final, Protocol

from memory.short_term.errors import ThreadBusy

PATIENCE_SECONDS: Final = 600.0
"""How long a run waits for the one before it."""
Stop = Callable[[], None]


class Lease(Protocol):
    """Gives one holder at a time the right to run a thread."""

    def hold(
        self, key: str, run: str = "", *, wait: bool = True, stop: Stop | None = None
    ) -> AbstractAsyncContextManager[None]:
        """Hold the thread `key` while the block runs, as the run `run`.

        `stop` is called when somebody asks this run to stop. Raises `ThreadBusy` after too long a wait; at
        once when another holds it and `wait` is false.
        """
        ...

    async def holder(self, key: str) -> str:
        """Return the run that holds a thread; empty when none does, or one without a name."""
        ...

    async def ask_to_stop(self, key: str, run: str) -> bool:
        """Ask a run that holds a thread to stop; False when it does not hold it."""
        ...


class _Place:
    """One thread: its lock, who wants it, who has it."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.wanted = 0
        self.run = ""
        self.stop: Stop | None = None


class ProcessLease:
    """A lease among the tasks of this process, which alone owns the data folder."""

    def __init__(self, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._patience = patience_seconds
        self._places: dict[str, _Place] = {}

    @asynccontextmanager
    async def hold(
        self, key: str, run: str = "", *, wait: bool = True, stop: Stop | None = None
    ) -> AsyncIterator[None]:
        """Hold the thread `key`, in order of arrival."""
        place = self._places.setdefault(key, _Place())
        place.wanted += 1
        try:
            await self._acquire(place, wait=wait)
            try:
                place.run, place.stop = run, stop
                yield
            finally:
                place.run, place.stop = "", None
                place.lock.release()
        finally:
            place.wanted -= 1
            if not place.wanted:
                del self._places[key]

    async def holder(self, key: str) -> str:
        """Return the run that holds a thread in this process."""
        place = self._places.get(key)
        return place.run if place else ""

    async def ask_to_stop(self, key: str, run: str) -> bool:
        """Ask a run of this process."""
        place = self._places.get(key)
        if place is None or place.run != run or not place.stop:
            return False
        place.stop()
        return True

    async def _acquire(self, place: _Place, *, wait: bool) -> None:
        if not wait and place.lock.locked():
            raise ThreadBusy("another turn is at work on this conversation", place.run)
        try:
            # Not `wait_for`: before Python 3.12 it loses a cancellation that comes together with the lock.
            async with asyncio.timeout(self._patience):
                await place.lock.acquire()
        except TimeoutError:
            raise ThreadBusy(
                f"another turn has held this conversation for {self._patience:.0f} s", place.run
            ) from None
