"""Work done in rounds that are shared: many ask, few rounds are made."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

AT_ONCE: Final = 6
EACH_SECONDS: Final = 0.25


class Spacing:
    """Lets a few rounds pass one after another, and then one in a quarter of a second.

    What is said is found at once; where many speak, turns that end together share a round.
    """

    def __init__(self) -> None:
        """Begin with room for a few."""
        self._free_at = -float("inf")
        """When there is room for all of them again."""

    async def wait(self) -> None:
        """Wait until there is room, and take it."""
        now = time.monotonic()
        self._free_at = max(self._free_at, now) + EACH_SECONDS
        await asyncio.sleep(max(0.0, self._free_at - now - AT_ONCE * EACH_SECONDS))


class Rounds:
    """Runs one piece of work at a time; a round serves everybody who asked before it began."""

    def __init__(self, work: Callable[[], Awaitable[bool]]) -> None:
        """Keep the work, which returns whether all of it could be done."""
        self._work = work
        self._turn = asyncio.Lock()
        self._asked = self._served = 0
        self._well = True
        self.woken = asyncio.Event()
        """Set when there may be work; for whoever asks in the background."""

    async def ask(self) -> bool:
        """Return, after a round that began later than this call, what its work returned."""
        self._asked += 1
        mine = self._asked
        async with self._turn:
            if self._served < mine:
                begun_for = self._asked
                self._well = await self._work()
                self._served = begun_for
            return self._well
