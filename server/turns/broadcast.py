"""What a turn tells: kept from its first event to its last, so that whoever comes late hears all of it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

Event = dict[str, Any]


class Broadcast:
    """The events of one turn, for any number of listeners; none of them holds it up.

    A turn tells as much as its answer is long, which the models' `max_tokens` bound.
    """

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._error: BaseException | None = None
        self._ended = False
        self._waiting: list[asyncio.Future[None]] = []

    def tell(self, event: Event) -> None:
        """Add an event."""
        self.events.append(event)
        self._wake()

    def end(self, error: BaseException | None = None) -> None:
        """Say that nothing more comes; `error` is raised for those who listen."""
        self._ended, self._error = True, error
        self._wake()

    async def hear(self, after: int = 0) -> AsyncIterator[Event]:
        """Yield every event but the first `after`, as they come; raise what the turn ended with."""
        position = after
        while True:
            while position < len(self.events):
                yield self.events[position]
                position += 1
            if self._ended:
                break
            woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(woken)
            await woken
        if self._error is not None:
            raise self._error

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, []
        for woken in waiting:
            if not woken.done():  # whoever left has cancelled it
                woken.set_result(None)
