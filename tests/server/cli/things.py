"""Objects of the contract, as the API sends them."""

from __future__ import annotations

from typing import Any

SOURCE: dict[str, Any] = {
    "n": 1,
    "document_id": "d1",
    "title": "Contrat Lumière",
    "uri": "file:///notes/contrat.pdf",
    "locator": "page 3",
    "quote": "Le préavis est de trois mois.",
    "score": 0.71,
    "legs": {"dense": None, "sparse": 11.8, "knowledge": None},
}
ANSWER: dict[str, Any] = {
    "answer": "Three months [1].",
    "thread_id": "t1",
    "turn_id": "u1",
    "served_by": "ollama:llama3.2:3b",
    "degraded": [{"component": "ollama:llama3.1:8b", "reason": "connection refused"}],
    "sources": [SOURCE],
    "timings_ms": {"recall": 4, "model": 812, "total": 830},
}
FROM_MEMORY: dict[str, Any] = {**ANSWER, "served_by": "memory", "sources": [], "degraded": []}


def document(**changes: Any) -> dict[str, Any]:
    """A document, as in `ingest --json`."""
    projections = {
        "recall": {"state": "done", "reason": None},
        "knowledge": {"state": "pending", "reason": "no model"},
    }
    plain = {
        "uri": "file:///notes/a.md",
        "document_id": "d1",
        "title": "Notes",
        "status": "stored",
        "chunks": 12,
        "projections": projections,
        "error": None,
    }
    return plain | changes


TOTALS = {"stored": 1, "unchanged": 0, "updated": 0, "failed": 1, "chunks": 12, "seconds": 0.4}
INGESTION: list[dict[str, Any]] = [
    {"type": "discovered", "total": 2},
    {"type": "document", **document()},
    {"type": "document", **document(uri="b.pdf", status="failed", chunks=0, error="not a PDF")},
    {"type": "totals", **TOTALS},
]
