"""The engines of the knowledge graph, each opened for a test and empty."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from memory.knowledge.arcadedb import open_arcadedb
from memory.knowledge.neo4j import open_neo4j
from memory.knowledge.protocol import KnowledgeGraph
from tests.clock import FakeClock
from tests.memory.knowledge.samples import USER
from tests.services.neo4j import neo4j_server

__all__ = ["neo4j_server"]

BACKENDS = ("arcadedb", "neo4j")
Opening = Callable[[], AbstractAsyncContextManager[KnowledgeGraph]]


@pytest.fixture(params=BACKENDS)
def opening(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> Opening:
    """Opens one engine, the same graph each time."""
    if request.param == "arcadedb":
        return lambda: open_arcadedb(tmp_path / "knowledge", clock=clock)
    server = request.getfixturevalue("neo4j_server")
    return lambda: open_neo4j(
        server.uri, server.username, server.password, database=None, only_user=USER, clock=clock
    )


@pytest.fixture
async def graph(opening: Opening) -> AsyncIterator[KnowledgeGraph]:
    """An engine that holds nothing."""
    async with opening() as opened:
        await opened.clear()
        yield opened
