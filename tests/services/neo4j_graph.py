"""The knowledge graph on a Neo4j of the tests, and what that server says itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from neo4j import GraphDatabase

from memory.knowledge.neo4j import open_neo4j
from memory.knowledge.neo4j.graph import Neo4jKnowledge
from memory.knowledge.protocol import Limits
from tests.memory.knowledge.samples import USER
from tests.services.neo4j import Neo4jServer

MINUTES = "UNWIND range(1, 100000000) AS x UNWIND range(1, 10000) AS y WITH x, y WHERE x = -y RETURN count(*)"
PATIENT = Limits(seconds=30)


@asynccontextmanager
async def opened(
    server: Neo4jServer, *, only_user: str | None = USER, **changed: Any
) -> AsyncIterator[Neo4jKnowledge]:
    """A graph on a server that is known to be there: the constraints are made when this returns."""
    given = {"uri": server.uri, "username": server.username, "password": server.password, **changed}
    async with open_neo4j(**given, only_user=only_user, clock=lambda: datetime.now(UTC)) as graph:
        if not changed:
            await graph.read(USER, "RETURN 1", limits=PATIENT)
        yield graph


def ask(server: Neo4jServer, cypher: str) -> list[list[Any]]:
    """Ask the server itself."""
    with GraphDatabase.driver(server.uri, auth=(server.username, server.password)) as driver:
        return [list(record.values()) for record in driver.execute_query(cypher).records]


def running(server: Neo4jServer) -> list[Any]:
    """What the server is busy with, but for this question."""
    return ask(server, "SHOW TRANSACTIONS YIELD currentQuery AS q WHERE NOT q STARTS WITH 'SHOW' RETURN q")


async def until_idle(server: Neo4jServer) -> None:
    """Wait until the server is busy with nothing."""
    async with asyncio.timeout(10):
        while await asyncio.to_thread(running, server):
            pass
