"""Whether a server is there: known without asking each time, and noticed again when it is back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import structlog

from memory.short_term.ending import ended
from memory.short_term.errors import ShortTermUnavailable

PAUSE_SECONDS: Final = 2.0
"""Between two questions to a server that is away."""
_log = structlog.stdlib.get_logger("souvenir.short_term")


class Presence:
    """Remembers that a server did not answer, so that nobody else waits for it."""

    def __init__(
        self, ping: Callable[[], Awaitable[object]], *, pause_seconds: float = PAUSE_SECONDS
    ) -> None:
        """Ask the server with `ping`, which raises `ShortTermUnavailable`."""
        self._ping, self._pause = ping, pause_seconds
        self._away = asyncio.Event()
        self.reason = ""
        """Why it is left alone; empty when it is not."""

    def failed(self, reason: str) -> None:
        """Note that it did not answer: it is left alone until it does."""
        if not self.reason:
            _log.warning("short-term memory is away", reason=reason)
        self.reason = reason
        self._away.set()

    async def look(self) -> None:
        """Ask it once."""
        try:
            await self._ping()
        except ShortTermUnavailable as error:
            self.failed(str(error))
        else:
            if self.reason:
                _log.info("short-term memory is back")
            self.reason = ""
            self._away.clear()

    async def watch(self) -> None:
        """Ask again and again while it is away, for ever."""
        while True:
            await self.look()
            if self.reason:
                await asyncio.sleep(self._pause)
            else:
                await self._away.wait()


@asynccontextmanager
async def watched(presence: Presence) -> AsyncIterator[Presence]:
    """Watch while the block runs."""
    task = asyncio.create_task(presence.watch(), name="short-term-presence")
    try:
        yield presence
    finally:
        await ended(task)
