"""How often the index is made durable while much comes in: rarely, because everything stands still for it."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

_SHARE: Final = 20.0
"""Times as long as it took, until it is done again."""
_SHORTEST: Final = 0.3
_LONGEST: Final = 2.0
"""Seconds that pass at least, and at most, while more is coming."""


class Pace:
    """Spaces the flushes of one index, and knows whether more is coming."""

    def __init__(self) -> None:
        self._last = self._begun = -float("inf")
        self._took = 0.0
        self._coming = 0
        self._stirred = asyncio.Event()
        self._calm = asyncio.Event()
        self._calm.set()

    @contextmanager
    def bulk(self) -> Iterator[None]:
        """Say for the block that more is coming."""
        if not self._coming:
            self._begun = time.monotonic()
        self._coming += 1
        self._calm.clear()
        try:
            yield
        finally:
            self._coming -= 1
            if not self._coming:
                self._calm.set()
            self.stir()

    async def calm(self) -> None:
        """Wait until no more is coming: for what can be done later, and would slow it down."""
        await self._calm.wait()

    @property
    def coming(self) -> bool:
        """Tell whether more is coming."""
        return self._coming > 0

    def due_in(self) -> float:
        """Return the seconds until a flush is worth its price; 0 when it is now."""
        pause = min(_LONGEST, _SHARE * self._took)
        if self.coming:
            pause = max(_SHORTEST, pause)
        return max(0.0, max(self._last, self._begun) + pause - time.monotonic())

    def stir(self) -> None:
        """Say that something has come, or that nothing more does."""
        self._stirred.set()

    async def wait(self) -> None:
        """Wait until a flush is due, or something has come."""
        self._stirred.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stirred.wait(), self.due_in())

    @contextmanager
    def flushing(self) -> Iterator[None]:
        """Measure a flush."""
        begun = time.monotonic()
        yield
        self._last = time.monotonic()
        self._took = self._last - begun
