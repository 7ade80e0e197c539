"""Who speaks goes first: work in the background waits while a model answers a person, and gives way."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


class Quiet:
    """Knows whether a model is answering a person, in this process; on one event loop."""

    def __init__(self) -> None:
        self._speaking = 0
        self._noise = asyncio.Event()
        self._silence = asyncio.Event()
        self._silence.set()

    @contextmanager
    def speaking(self) -> Iterator[None]:
        """Say for the block that a person is being answered."""
        self._speaking += 1
        self._silence.clear()
        self._noise.set()
        try:
            yield
        finally:
            self._speaking -= 1
            if not self._speaking:
                self._noise.clear()
                self._silence.set()

    async def undisturbed(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do the work while nobody is answered; begun anew, as often as it takes, when somebody is.

        A local model answers one after another: what it does in the background is what a person waits for.
        """
        while True:
            await self._silence.wait()
            working = asyncio.ensure_future(work())
            noise = asyncio.ensure_future(self._noise.wait())
            try:
                await asyncio.wait({working, noise}, return_when=asyncio.FIRST_COMPLETED)
                if working.done():
                    return working.result()
            finally:
                noise.cancel()
                working.cancel()
                await asyncio.gather(working, noise, return_exceptions=True)
