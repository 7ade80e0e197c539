"""What the archive holds, as plain values: frozen, free of SQL, the same on every backend.

Every date is aware, in UTC. Every entity belongs to one user; an id is unique for a user, not between users.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Kind = Literal["document", "turn", "thread"]
Projection = Literal["recall", "knowledge", "short_term", "answers"]
Action = Literal["project", "erase"]
State = Literal["pending", "partial", "done", "failed"]
Status = Literal["done", "interrupted", "failed"]
CallOutcome = Literal["ok", "interrupted", "failed", "flagged", "skipped"]


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


@dataclass(frozen=True, slots=True)
class Extraction:
    """What a model read in some neighbouring chunks of a document, so that it need not read them twice.

    `chunk_id` is the first of them; `digest` tells their texts and the way of asking; `value` is JSON.
    """

    user: str
    chunk_id: str
    digest: str
    extractor: str
    value: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One call of a model: how it ended and what it took, never what was asked or answered.

    `model` is the component ("ollama:llama3.1:8b"), `at` when the call was over, `abroad` whether it left
    this machine. `reason` is one short line, "" when all went well. None stands for what is not known;
    `load_ms` is None, or 0, when the model was in memory already.
    """

    id: str
    user: str
    task: str
    model: str
    outcome: CallOutcome
    reason: str
    prompt_tokens: int | None
    answer_tokens: int | None
    load_ms: int | None
    first_token_ms: int | None
    total_ms: int | None
    abroad: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class CallStats:
    """How one model did at one task in a window of time.

    The counts by outcome add up to `calls`; the tokens are sums over all of these. The percentiles (nearest
    rank: figures that really occurred) are over the latest calls only, None when none of them has the figure:
    `total_ms` of those that ended with an answer, `load_ms` of those that loaded the model, and
    `tokens_per_second` the median speed after the first token. `last_error` is why the last failed one did.
    """

    task: str
    model: str
    calls: int
    ok: int
    interrupted: int
    failed: int
    flagged: int
    skipped: int
    prompt_tokens: int
    answer_tokens: int
    p50_total_ms: int | None
    p95_total_ms: int | None
    p50_first_token_ms: int | None
    p95_first_token_ms: int | None
    p50_load_ms: int | None
    tokens_per_second: float | None
    last_error: str | None
    last_error_at: datetime | None
