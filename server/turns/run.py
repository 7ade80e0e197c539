"""A turn at work: whose it is, what was asked, and what it tells."""

import asyncio
import uuid
from dataclasses import dataclass, field
from typing import Any, Final

from memory.archive.entities import Turn
from memory.short_term.keys import thread_key
from server.turns.broadcast import Broadcast, Event

_KEYS: Final = uuid.UUID("6b1d2c0e-4f0a-5d0e-9f53-0d5c3e6c7a11")
"""The namespace in which a request's own key becomes the id of its turn (RFC 9562, version 5)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the turn that it makes."""

    user: str
    question: str
    thread_id: str
    turn_id: str
    keyed: bool = False
    """The request brought a key of its own: the same key is the same turn."""

    @property
    def key(self) -> str:
        """The thread's name in short-term memory."""
        return thread_key(self.user, self.thread_id)


@dataclass(slots=True, eq=False)
class Run:
    """A turn at work."""

    asked: Asked
    told: Broadcast = field(default_factory=Broadcast)
    task: "asyncio.Task[None] | None" = None


def asked(user: str, question: str, thread_id: str | None, key: str | None) -> Asked:
    """Return what is asked; with the same `key`, the same turn on the same thread."""
    if key is None:
        return Asked(user, question, thread_id or str(uuid.uuid4()), str(uuid.uuid4()))
    turn_id = str(uuid.uuid5(_KEYS, f"turn\0{user}\0{key}"))
    return Asked(user, question, thread_id or str(uuid.uuid5(_KEYS, turn_id)), turn_id, keyed=True)


def answer_of_state(state: dict[str, Any], thread_id: str, more: list[dict[str, str]]) -> Event:
    """Return the last event of a turn, from the state it ended with; `more` was degraded after that."""
    return {
        "type": "answer",
        "answer": state["answer"],
        "thread_id": thread_id,
        "turn_id": state["turn_id"],
        "served_by": state["served_by"],
        "status": state["status"],
        "degraded": [*state["degraded"], *more],
        "sources": state["sources"],
        "timings_ms": state["timings_ms"],
    }


def answer_of_turn(turn: Turn) -> Event:
    """Return the last event of a turn, from the archive."""
    return {
        "type": "answer",
        "answer": turn.answer,
        "thread_id": turn.thread_id,
        "turn_id": turn.id,
        "served_by": turn.served_by,
        "status": turn.status,
        "degraded": turn.degraded,
        "sources": turn.sources,
        "timings_ms": turn.timings_ms,
    }


def started(thread_id: str, turn_id: str) -> Event:
    """Return the first event of a turn."""
    return {"type": "started", "thread_id": thread_id, "turn_id": turn_id}
