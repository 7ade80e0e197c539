"""Running one turn through the graph, and keeping its checkpoints where they can be kept."""

import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, cast

import structlog
from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver

from graphs.agent.graph import AgentGraph
from graphs.agent.records import SHORT_TERM
from memory.archive.errors import StaleTurn
from memory.short_term.errors import CheckpointUnreadable, ShortTermError, ShortTermUnavailable
from memory.short_term.presence import Presence
from memory.short_term.protocol import SessionStore
from memory.short_term.sqlite import named_failures
from server.turns.broadcast import Event
from server.turns.run import Asked, answer_of_state
from tools.context import TurnContext

Tell = Callable[[Event], None]
Notes = list[dict[str, str]]
KEPT_TURNS: Final = 3
"""Of how many turns of a conversation the checkpoints stay, to go back to."""
CONTINUED: Final = "the conversation was continued elsewhere meanwhile: it is asked again"
_log = structlog.stdlib.get_logger("souvenir.turns")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the checkpoints of turns go, with the graph that writes them there."""

    agent: AgentGraph
    store: SessionStore
    presence: Presence | None = None
    """Tells whether it is there; None for what is always there."""

    @property
    def why_not(self) -> str:
        """Why it is not tried now; empty when it is."""
        return self.presence.reason if self.presence else ""


@dataclass(frozen=True, slots=True)
class Execution:
    """Runs turns through the graph. Of its places the first that can be used is."""

    places: Sequence[Place]
    kept_turns: int = KEPT_TURNS

    async def answer(self, asked: Asked, tell: Tell) -> tuple[Event, Place]:
        """Run a turn that holds its thread; return its answer, which is kept, and where its checkpoint is.

        Raises what the graph raises (`ArchiveError`), and `ShortTermUnavailable` when no place can be used.
        """
        notes: Notes = []
        *others, last = self.places
        for place in others:
            if not (reason := place.why_not):
                try:
                    return await self._once_more_if_need_be(place, asked, tell, notes), place
                except ShortTermUnavailable as error:
                    reason = str(error)
                    if place.presence:
                        place.presence.failed(reason)
            notes.append({"component": SHORT_TERM, "reason": reason})
        return await self._once_more_if_need_be(last, asked, tell, notes), last

    async def retain(self, asked: Asked, place: Place) -> None:
        """Drop the checkpoints of older turns; what stays too long is dropped after the next turn."""
        if place.why_not:  # whoever listens is not kept waiting for it
            return
        try:
            await place.store.retain(asked.key, self.kept_turns)
        except ShortTermError as error:
            _log.warning("older checkpoints stay for now", reason=str(error))

    async def _once_more_if_need_be(self, place: Place, asked: Asked, tell: Tell, notes: Notes) -> Event:
        """Run a turn, and again on the conversation as it is by now when somebody else continued it.

        Also when its checkpoint cannot be read: the turn then does without.
        """
        try:
            return await self._run(place, asked, tell, notes)
        except CheckpointUnreadable as error:  # it was dropped: the archive has the conversation
            _log.warning("a conversation is rebuilt from the archive", reason=str(error))
            return await self._run(place, asked, tell, notes)
        except StaleTurn:
            tell({"type": "restart", "component": SHORT_TERM, "reason": CONTINUED})
            return await self._run(place, asked, tell, notes)

    async def _run(self, place: Place, asked: Asked, tell: Tell, notes: Notes) -> Event:
        final: Event = {}
        try:
            async with self._clean(place, asked.key), aclosing(self._stream(place, asked, notes)) as stream:
                async for mode, chunk in stream:
                    if mode == "custom":
                        tell(chunk)
                    elif mode == "values":
                        final = chunk
                    else:  # before the checkpoint is written; the last values come after that
                        final = {**final, **(chunk.get("remember") or {})}
        except ShortTermUnavailable as error:
            if not _is_acknowledged(final):
                raise
            # The archive has the turn: only its checkpoint is missing, and the next turn does without.
            if place.presence:
                place.presence.failed(str(error))
            late = {"component": SHORT_TERM, "reason": str(error)}
            return answer_of_state(final, asked.thread_id, [late])
        return answer_of_state(final, asked.thread_id, [])

    def _stream(self, place: Place, asked: Asked, notes: Notes) -> AsyncGenerator[tuple[str, Event], None]:
        config: RunnableConfig = {
            "configurable": {"thread_id": asked.key},
            "metadata": {"turn_id": asked.turn_id},
            "recursion_limit": 50,
        }
        running = place.agent.astream(
            {"messages": [HumanMessage(asked.question, id=asked.turn_id)]},
            config,
            context=TurnContext(asked.user, asked.thread_id, tuple(notes)),
            stream_mode=["custom", "values", "updates"],
            # One checkpoint, at the end: what a kill in between loses was not acknowledged.
            durability="exit",
        )
        return cast("AsyncGenerator[tuple[str, Event], None]", running)

    @asynccontextmanager
    async def _clean(self, place: Place, key: str) -> AsyncIterator[None]:
        """Leave no checkpoint of a turn that failed: it may hold what is being forgotten meanwhile.

        The next turn rebuilds the conversation from the archive.
        """
        with named_failures():
            try:
                yield
            except BaseException as error:  # a cancellation too; raised again
                saver = place.agent.checkpointer
                away = isinstance(error, ShortTermUnavailable) and not isinstance(error, CheckpointUnreadable)
                if isinstance(saver, BaseCheckpointSaver) and not away:
                    with suppress(sqlite3.Error, ShortTermError):  # the first failure tells more
                        await saver.adelete_thread(key)
                raise


def _is_acknowledged(state: dict[str, Any]) -> bool:
    """Tell whether the archive has the turn: its whole time is known only then."""
    return "total" in (state.get("timings_ms") or {})
