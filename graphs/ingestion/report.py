"""What is said of documents: the JSON of `ingest` and of the ledger."""

from collections.abc import Mapping
from typing import Any, Final

from graphs.ingestion.state import IngestionState
from memory.archive.entities import Document, LedgerEntry

FOLLOWS: Final = "it follows when no more documents are coming"


def projection_states(entries: Mapping[str, LedgerEntry]) -> dict[str, dict[str, Any]]:
    """Return each projection's state with its reason."""
    shown = {
        name: {"state": entries[name].state, "reason": entries[name].reason}
        for name in ("recall", "knowledge")
        if name in entries
    }
    if (graph := shown.get("knowledge", {})).get("state") == "pending":
        graph["reason"] = graph["reason"] or FOLLOWS
    return shown


def ingested(state: IngestionState) -> dict[str, Any]:
    """Return what became of one file."""
    return {
        "uri": state["uri"],
        "document_id": state.get("document_id"),
        "title": state.get("title") or state["path"].name,
        "status": state.get("status", "failed"),
        "chunks": state.get("chunks", 0),
        "projections": state.get("projections", {}),
        "error": state.get("error"),
    }


def listed(document: Document, entries: Mapping[str, LedgerEntry]) -> dict[str, Any]:
    """Return a stored document as lists show it."""
    return {
        "uri": document.uri,
        "document_id": document.id,
        "title": document.title,
        "status": "stored",
        "chunks": document.chunk_count,
        "projections": projection_states(entries),
        "error": None,
        "lang": document.lang,
        "media_type": document.media_type,
        "size": document.size,
        "created_at": document.created_at.isoformat(),
        "updated_at": document.updated_at.isoformat(),
    }
