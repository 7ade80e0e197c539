"""`/v1/graph`: the knowledge graph, read-only."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from memory.knowledge.errors import KnowledgeUnavailable
from memory.knowledge.ontology import (
    COMMON,
    LEADING,
    OF_RELATIONSHIPS,
    OWN,
    OWN_OF_RELATIONSHIPS,
    RELATIONSHIPS,
    EntityLabel,
    schema_text,
)
from memory.knowledge.protocol import KnowledgeGraph
from server.composition import Services
from server.failures import NotFound
from server.v1.graph_refusals import in_words
from server.v1.requests import Asked, By
from tools.knowledge_graph import templates
from tools.knowledge_graph.nodes import Node, find
from tools.knowledge_graph.query import QueryNotRun, run_query

router = APIRouter(prefix="/graph")
OPENING_SECONDS: Final = 60.0
"""How long one who asks for the graph itself waits for it to open: a turn would not, a command does."""
SECONDS: Final = 5.0
MOST_DOCUMENTS: Final = 50
T = TypeVar("T")


class QueryRequest(BaseModel):
    """One read-only Cypher query over the ontology."""

    model_config = ConfigDict(extra="forbid")

    cypher: Annotated[str, Field(min_length=1, max_length=4000)]


@router.get("/schema")
async def schema(services: Asked, by: By) -> dict[str, Any]:
    """Return the ontology, as text and as data, how many nodes there are, and how far documents are read."""

    async def count(graph: KnowledgeGraph) -> dict[str, int]:
        return {label: await _number(graph, by.user, f"(n:{label} {{user: $user}})") for label in OWN}

    async with services.archive.read() as unit:  # first: what it says was read is among the nodes
        states = (await unit.ledger.counts(by.user)).get("knowledge", {})
    nodes = await _within(services, count)
    return {
        "backend": services.graph.backend,
        "nodes": nodes,
        "documents": {state: states.get(state, 0) for state in ("done", "partial", "pending", "failed")},
        "properties": {label: [one.name for one in (*COMMON, *own)] for label, own in OWN.items()},
        "relationships": _relationships(),
        "text": schema_text(),
    }


@router.get("/show")
async def show(
    name: Annotated[str, Query(min_length=1, max_length=200)],
    services: Asked,
    by: By,
    label: EntityLabel | None = None,
) -> dict[str, Any]:
    """Return the entity of this name with all that is tied to it, and others that the name may mean."""

    async def look(graph: KnowledgeGraph) -> dict[str, Any]:
        nodes = await find(graph, by.user, name, label)
        if not nodes:
            raise NotFound("unknown_entity")
        return {
            **await _tied(graph, by.user, nodes[0]),
            "also": [{"label": other.label, "name": other.name} for other in nodes[1:]],
        }

    return await _within(services, look)


@router.post("/query", response_model=None)
async def query(body: QueryRequest, services: Asked, by: By) -> dict[str, Any] | JSONResponse:
    """Run a query that the guard and the engine both take for a plain read."""
    await _open(services)
    if not services.graph.alone(by.user):
        raise HTTPException(403, "graph_is_shared")
    try:
        found = await run_query(services.graph_reader, by.user, body.cypher)
    except QueryNotRun as error:
        failure = {"code": "query_not_run", "message": in_words(error, by.lang)}
        return JSONResponse({"error": failure}, 422)
    return {"columns": list(found.columns), "rows": [list(row) for row in found.rows], "cut": found.cut}


def _relationships() -> list[dict[str, Any]]:
    return [
        {
            "start": one.start,
            "type": one.type,
            "end": one.end,
            "properties": [some.name for some in (*OF_RELATIONSHIPS, *OWN_OF_RELATIONSHIPS[one.type])],
        }
        for one in RELATIONSHIPS
    ]


async def _tied(graph: KnowledgeGraph, user: str, one: Node) -> dict[str, Any]:
    """Return an entity and what it is tied to; of many documents the first, and how many there are."""
    leading = f"(e:{one.label} {{user: $user, key: $key}})<-[:{LEADING[one.label]}]-(n:Document)"
    return {
        "entity": {"label": one.label, "name": one.name, "key": one.key, "date": one.date},
        "works_for": await templates.employers(graph, user, one),
        "documents": await templates.documents(graph, user, one, MOST_DOCUMENTS),
        "document_count": await _number(graph, user, leading, key=one.key),
        "beside": await templates.beside(graph, user, one),
    }


async def _number(graph: KnowledgeGraph, user: str, pattern: str, **parameters: str) -> int:
    """Return how many `n` there are in a pattern of the ontology's own words."""
    rows = await graph.read(user, f"MATCH {pattern} RETURN count(DISTINCT n) AS number", parameters)
    return int(rows.rows[0][0])


async def _within(services: Services, work: Callable[[KnowledgeGraph], Awaitable[T]]) -> T:
    await _open(services)
    return await services.graph_reader.within(SECONDS, work)


async def _open(services: Services) -> None:
    """Wait for the engine in this process: a command that runs alone has just started it."""
    try:
        async with asyncio.timeout(OPENING_SECONDS):
            await services.graph.opened()
    except TimeoutError:
        raise KnowledgeUnavailable("it is still being opened") from None
