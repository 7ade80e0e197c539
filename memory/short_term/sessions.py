"""Running conversations in two stores: the one that is wanted, and the one for while it is away."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver

from memory.short_term.errors import ShortTermUnavailable
from memory.short_term.presence import Presence
from memory.short_term.protocol import SessionStore


@dataclass(frozen=True, slots=True)
class SpareSessions:
    """A `SessionStore` of two. Turns choose between them; what is to be forgotten goes from both."""

    first: SessionStore
    spare: SessionStore
    presence: Presence

    @property
    def backend(self) -> str:
        """The backend of the first."""
        return self.first.backend

    @property
    def saver(self) -> BaseCheckpointSaver[Any]:
        """The saver of the store that can be used now."""
        return self.now.saver

    @property
    def now(self) -> SessionStore:
        """The store that can be used now."""
        return self.spare if self.presence.reason else self.first

    async def forget(self, keys: Sequence[str]) -> None:
        """Delete the checkpoints of these threads in both; raises when one is away, to be asked again."""
        await self.spare.forget(keys)
        async with self._there():
            await self.first.forget(keys)

    async def mentioning(self, user: str, subject_ids: Iterable[str]) -> list[str]:
        """Return the threads of which a checkpoint in either holds one of these ids."""
        wanted = list(subject_ids)
        there = await self.spare.mentioning(user, wanted)
        async with self._there():
            return sorted({*there, *await self.first.mentioning(user, wanted)})

    async def retain(self, key: str, turns: int) -> None:
        """Keep the checkpoints of a thread's last `turns` turns, where turns are kept now."""
        await self.now.retain(key, turns)

    async def seconds_left(self, key: str) -> int | None:
        """Return how long a thread has where it lasts longest; None when neither has it."""
        left = [await self.spare.seconds_left(key)]
        with suppress(ShortTermUnavailable):  # noted
            async with self._there():
                left.append(await self.first.seconds_left(key))
        return max((one for one in left if one is not None), default=None)

    async def ping(self) -> str:
        """Use the first, and return its name and version."""
        return await self.first.ping()

    @asynccontextmanager
    async def _there(self) -> AsyncIterator[None]:
        """Use the first; raise `ShortTermUnavailable` without asking it while it is known to be away."""
        if self.presence.reason:
            raise ShortTermUnavailable(self.presence.reason)
        try:
            yield
        except ShortTermUnavailable as error:
            self.presence.failed(str(error))
            raise
