"""Turns that a person wants to end: what such a turn waits for is left, and the graph goes on to its end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

STOPPED: Final = "stopped on request"


class TurnStopped(Exception):
    """The turn was asked to end while it waited."""


class Stops:
    """Knows the turns that were asked to end. One for all turns of a process."""

    def __init__(self) -> None:
        self._stopped: set[str] = set()
        self._waiting: dict[str, asyncio.Timeout] = {}

    def stop(self, turn_id: str) -> None:
        """Ask a turn to end; what it waits for is left at once."""
        self._stopped.add(turn_id)
        if waiting := self._waiting.get(turn_id):
            waiting.reschedule(asyncio.get_running_loop().time())

    def is_stopped(self, turn_id: str) -> bool:
        """Tell whether a turn was asked to end."""
        return turn_id in self._stopped

    def forget(self, turn_id: str) -> None:
        """Say that a turn has ended."""
        self._stopped.discard(turn_id)

    @asynccontextmanager
    async def until_stopped(self, turn_id: str) -> AsyncIterator[None]:
        """Run the block; raise `TurnStopped` out of it when the turn is asked to end, or was before."""
        if self.is_stopped(turn_id):
            raise TurnStopped
        scope = asyncio.timeout(None)
        try:
            async with scope:
                self._waiting[turn_id] = scope
                try:
                    yield
                finally:
                    del self._waiting[turn_id]
        except TimeoutError:
            if scope.expired():
                raise TurnStopped from None
            raise
