"""Documents, chunks and turns to put in an archive; a test spells out only what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from memory.archive.entities import Chunk, Document, ModelCall, Turn

NOON = datetime(2026, 1, 15, 12, 0, 0, 123456, tzinfo=UTC)

_DOCUMENT = Document(
    id="d1",
    user="marie",
    uri="file:///notes/d1.md",
    title="Notes",
    media_type="text/markdown",
    lang="fr",
    content_hash="abc",
    size=12,
    text="Le texte du document.",
    created_at=NOON,
    updated_at=NOON + timedelta(hours=1),
    chunk_count=0,
)

_TURN = Turn(
    id="t1",
    thread_id="c1",
    user="marie",
    question="Où est la clé ?",
    answer="Sous le pot [1].",
    served_by="memory",
    degraded=[{"component": "ollama:llama3.1:8b", "reason": "connection refused"}],
    sources=[{"n": 1, "document_id": "d1", "score": 0.71, "legs": {"dense": None, "sparse": 11.8}}],
    references=["d1", "c0"],
    status="done",
    started_at=NOON,
    finished_at=NOON + timedelta(seconds=2),
    timings_ms={"recall": 4, "total": 830.5},
    lang="fr",
)

_CALL = ModelCall(
    id="m1",
    user="marie",
    task="chat",
    model="ollama:llama3.1:8b",
    outcome="ok",
    reason="",
    prompt_tokens=1200,
    answer_tokens=41,
    load_ms=None,
    first_token_ms=300,
    total_ms=2300,
    abroad=False,
    at=NOON,
)


def a_document(id: str = "d1", **changes: Any) -> Document:
    """A document at an address of its own, changed as the test says."""
    return replace(_DOCUMENT, **({"id": id, "uri": f"file:///notes/{id}.md"} | changes))


def chunks_of(document: Document, *texts: str, prefix: str = "k") -> list[Chunk]:
    """One chunk for each text, in order."""
    return [
        Chunk(
            id=f"{document.id}-{prefix}{position}",
            document_id=document.id,
            user=document.user,
            position=position,
            text=text,
            locator=f"page {position + 1}",
            lang=document.lang,
        )
        for position, text in enumerate(texts)
    ]


def a_turn(id: str = "t1", **changes: Any) -> Turn:
    """A turn of the thread c1, changed as the test says."""
    return replace(_TURN, **({"id": id} | changes))


def a_call(id: str = "m1", **changes: Any) -> ModelCall:
    """A call of a model, changed as the test says."""
    return replace(_CALL, **({"id": id} | changes))
