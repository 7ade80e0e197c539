"""What the archive holds, as plain values: frozen, free of SQL, the same on every backend.

Every date is aware, in UTC. Every entity belongs to one user; an id is unique for a user, not between users.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Kind = Literal["document", "turn", "thread"]
Projection = Literal["recall", "knowledge", "short_term"]
Action = Literal["project", "erase"]
State = Literal["pending", "partial", "done", "failed"]
Status = Literal["done", "interrupted", "failed"]


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it was read; `text` is "" where a list leaves it out, `size` counts the file's bytes."""

    id: str
    user: str
    uri: str
    title: str
    media_type: str
    lang: str
    content_hash: str
    size: int
    text: str
    created_at: datetime
    updated_at: datetime
    chunk_count: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a document, in the order of `position` (from 0), with the place where a person finds it."""

    id: str
    document_id: str
    user: str
    position: int
    text: str
    locator: str
    lang: str


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation; its title is the start of its first question, `turn_count` how many turns it holds."""

    id: str
    user: str
    title: str
    created_at: datetime
    updated_at: datetime
    turn_count: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and its answer.

    `references` are the ids of the documents and threads whose text the turn saw, whether or not the answer
    cites them: what `forget` has to follow. `timings_ms` are milliseconds by step.
    """

    id: str
    thread_id: str
    user: str
    question: str
    answer: str
    served_by: str
    degraded: list[dict[str, Any]]
    sources: list[dict[str, Any]]
    references: list[str]
    status: Status
    started_at: datetime
    finished_at: datetime
    timings_ms: dict[str, Any]
    lang: str


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What one projection has to do, or has done, about one document or turn.

    `revision` rises each time the work is asked for again and `attempts` each time it is claimed: together
    they tell a worker whether its result still is about what it was given.
    """

    user: str
    kind: Kind
    subject_id: str
    projection: Projection
    action: Action
    state: State
    reason: str | None
    attempts: int
    updated_at: datetime
    revision: int
