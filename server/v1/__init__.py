"""The versioned API: what the command line and the page need."""

from fastapi import APIRouter

from server.v1 import documents, graph, health, ingestion, memory, models, threads, turns


def router() -> APIRouter:
    """Return all routes under `/v1`."""
    v1 = APIRouter(prefix="/v1")
    for part in (turns, ingestion, memory, documents, threads, graph, models, health):
        v1.include_router(part.router)
    return v1
