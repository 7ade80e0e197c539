"""Who may call now: a few batches at once, and questions beside them, ahead of every further batch."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager, suppress

_QUESTIONS = 4
"""Questions at once; more wait for each other, not for batches."""
_PATIENCE = 1.0
"""Seconds that a batch lets questions pass: an endless stream of them must not keep documents out."""


class Slots:
    """Slots of one model, shared by everyone who calls it."""

    def __init__(self, batches: int) -> None:
        self._batches = asyncio.Semaphore(batches)
        self._questions = asyncio.Semaphore(_QUESTIONS)
        self._asking = 0
        self._quiet = asyncio.Event()
        self._quiet.set()

    @asynccontextmanager
    async def batch(self) -> AsyncIterator[Callable[[], None]]:
        """Hold a slot for a batch; its call is made when no question is under way.

        Yields what gives the slot back early: once the answer is here, reading it is nobody else's wait.
        """
        with ExitStack() as held:
            await self._batches.acquire()
            held.callback(self._batches.release)
            if not self._quiet.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._quiet.wait(), _PATIENCE)
            yield held.close

    @asynccontextmanager
    async def question(self) -> AsyncIterator[None]:
        """Hold a slot for a question."""
        self._asking += 1
        self._quiet.clear()
        try:
            async with self._questions:
                yield
        finally:
            self._asking -= 1
            if not self._asking:
                self._quiet.set()
