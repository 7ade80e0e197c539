"""What keeps running conversations, whichever backend it is."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any, Final, Protocol

from langgraph.checkpoint.base import BaseCheckpointSaver

FOREVER: Final = sys.maxsize
"""The seconds that are left to a conversation which does not expire."""


class SessionStore(Protocol):
    """Where running conversations are kept. Whatever it cannot do raises `ShortTermUnavailable`."""

    @property
    def backend(self) -> str:
        """What it is called: `sqlite`, `redis`."""
        ...

    @property
    def saver(self) -> BaseCheckpointSaver[Any]:
        """What LangGraph keeps checkpoints with."""
        ...

    async def forget(self, keys: Sequence[str]) -> None:
        """Delete all checkpoints of these threads; on disk too, where that is in our hands."""
        ...

    async def mentioning(self, user: str, subject_ids: Iterable[str]) -> list[str]:
        """Return the ids of the user's threads of which a checkpoint holds one of these ids."""
        ...

    async def retain(self, key: str, turns: int) -> None:
        """Keep the checkpoints of a thread's last `turns` turns, with every value that they refer to.

        A turn is what has one `turn_id` in the run's metadata. What a `DeltaChannel` is rebuilt from stays.
        """
        ...

    async def seconds_left(self, key: str) -> int | None:
        """Return how long a thread has until it expires: None when nothing is there, `FOREVER` for never."""
        ...

    async def ping(self) -> str:
        """Use it, and return its name and version."""
        ...
