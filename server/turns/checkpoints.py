"""Going back in a conversation: what it was at a checkpoint, and another that begins there."""

import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from langchain_core.runnables import RunnableConfig

from memory.archive.archive import Archive, UnitOfWork
from memory.archive.entities import Turn
from memory.short_term.errors import CheckpointUnreadable, ShortTermUnavailable
from memory.short_term.keys import thread_key
from memory.short_term.protocol import FOREVER, SessionStore
from server.turns.errors import UnknownCheckpoint, UnknownThread

MOST_LISTED: Final = 50
MOST_TIMED: Final = 200
"""Conversations of a list whose time is looked up: the latest."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A checkpoint of a conversation: its id, the last turn that it knows, when it was made (ISO 8601)."""

    checkpoint_id: str
    turn_id: str
    at: str


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """Finds the checkpoints of conversations. The turns themselves are the archive's."""

    archive: Archive
    stores: Sequence[SessionStore]

    async def marks(self, user: str, thread_id: str) -> list[Mark]:
        """Return the checkpoints that are at hand, the newest first; a store that is away has none."""
        config: RunnableConfig = {
            "configurable": {"thread_id": thread_key(user, thread_id), "checkpoint_ns": ""}
        }
        found: dict[str, Mark] = {}
        for store in self.stores:
            try:
                async for one in store.saver.alist(config, limit=MOST_LISTED):
                    values, ends = one.checkpoint["channel_values"], one.checkpoint["id"]
                    if turn_id := values.get("last_turn_id"):
                        found[ends] = Mark(ends, str(turn_id), one.checkpoint["ts"])
            except (ShortTermUnavailable, CheckpointUnreadable):
                continue
        return sorted(found.values(), key=lambda mark: mark.checkpoint_id, reverse=True)

    async def seconds_left(self, user: str, thread_ids: Sequence[str]) -> dict[str, int]:
        """Return for how long each conversation stays at hand, for those that are and will not be for ever.

        After that it is rebuilt from the archive when it goes on: nothing is lost.
        """
        found: dict[str, int] = {}
        for store in self.stores:
            with suppress(ShortTermUnavailable):  # nor would it tell of the next one
                for thread_id in thread_ids[:MOST_TIMED]:
                    left = await store.seconds_left(thread_key(user, thread_id))
                    if left is not None and left != FOREVER:
                        found[thread_id] = max(left, found.get(thread_id, 0))
        return found

    async def turns_at(self, user: str, thread_id: str, checkpoint_id: str) -> list[Turn]:
        """Return the turns that a conversation had at a checkpoint.

        Raises `UnknownThread`, and `UnknownCheckpoint` when it is not at hand any more.
        """
        async with self.archive.read() as unit:
            if await unit.threads.get(user, thread_id) is None:
                raise UnknownThread(thread_id)
            turns = await unit.threads.turns(user, thread_id)
        marks = {mark.checkpoint_id: mark.turn_id for mark in await self.marks(user, thread_id)}
        ids = [turn.id for turn in turns]
        if marks.get(checkpoint_id) not in ids:
            raise UnknownCheckpoint(checkpoint_id)
        return turns[: ids.index(marks[checkpoint_id]) + 1]

    async def fork(self, user: str, thread_id: str, checkpoint_id: str) -> str:
        """Begin a conversation with the turns that another had at a checkpoint; return its id.

        The other one is left as it is. The copies are not searched: the turns that they repeat are. They
        refer to the conversation that they come from, so that forgetting it blanks their answers.
        """
        turns = await self.turns_at(user, thread_id, checkpoint_id)
        branch = uuid.uuid4()

        async def keep(unit: UnitOfWork) -> None:
            for turn in turns:
                copy = replace(
                    turn,
                    id=str(uuid.uuid5(branch, turn.id)),
                    thread_id=str(branch),
                    references=[*turn.references, thread_id],
                )
                await unit.threads.add_turn(copy)

        await self.archive.write(keep, grows=True)
        return str(branch)
