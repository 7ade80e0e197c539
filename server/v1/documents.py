"""`/v1/documents`: the ledger of what made it in."""

from typing import Any

from fastapi import APIRouter

from graphs.ingestion.rebuilding import rebuild as rebuild_recall
from graphs.ingestion.rebuilding import rebuild_graph
from graphs.ingestion.report import listed
from memory.knowledge.errors import KnowledgeError
from server.failures import NotFound
from server.v1.requests import Asked, By

router = APIRouter(prefix="/documents")


@router.get("")
async def list_documents(services: Asked, by: By) -> dict[str, Any]:
    """Return all documents with what of them is in which memory."""
    async with services.archive.read() as unit:
        documents = await unit.documents.list(by.user)
        states = await unit.ledger.states(by.user, "document", [document.id for document in documents])
    return {"documents": [listed(document, states.get(document.id, {})) for document in documents]}


@router.post("/rebuild")
async def rebuild(services: Asked, _by: By) -> dict[str, Any]:
    """Empty long-term recall and the knowledge graph, and build them again from the archive.

    The graph follows in the background; one that does not answer is not emptied, and named.
    """
    degraded: list[dict[str, str]] = []
    try:
        await rebuild_graph(services.archive, services.graph)
    except KnowledgeError as error:
        degraded.append({"component": "knowledge", "reason": str(error)})
    requeued = await rebuild_recall(services.archive, services.index)
    await services.projector.drain()
    return {"requeued": requeued, "degraded": degraded}


@router.get("/{document_id}")
async def show_document(document_id: str, services: Asked, by: By) -> dict[str, Any]:
    """Return one document with its text and its pieces."""
    async with services.archive.read() as unit:
        document = await unit.documents.get(by.user, document_id)
        if document is None:
            raise NotFound("unknown_document")
        chunks = await unit.documents.chunks(by.user, document_id)
        states = await unit.ledger.states(by.user, "document", [document_id])
    pieces = [{"position": chunk.position, "locator": chunk.locator, "text": chunk.text} for chunk in chunks]
    return {**listed(document, states.get(document_id, {})), "text": document.text, "pieces": pieces}


@router.delete("/{document_id}")
async def forget_document(document_id: str, services: Asked, by: By) -> dict[str, str]:
    """Forget a document, and what answers drew from it."""
    if not await services.forgetter.document(by.user, document_id):
        raise NotFound("unknown_document")
    return {"forgotten": document_id}
