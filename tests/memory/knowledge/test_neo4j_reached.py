"""A Neo4j server that is not there, not ours, too old, or gone for a while."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from memory.knowledge.errors import KnowledgeMisconfigured, KnowledgeUnavailable
from memory.knowledge.neo4j.graph import Neo4jKnowledge
from memory.knowledge.neo4j.schema import require_version
from memory.knowledge.protocol import Limits
from tests.memory.knowledge.samples import USER, employed, facts, keys
from tests.services.neo4j import Neo4jServer, own_server
from tests.services.neo4j_graph import PATIENT, opened


async def refused(graph: Neo4jKnowledge, kind: type[KnowledgeUnavailable], named: str) -> None:
    """Asked twice, it says which setting to look at, and no secret."""
    for _ in range(2):
        with pytest.raises(kind, match=named) as failed:
            await graph.ping()
        assert "wrong-password" not in str(failed.value)


async def test_a_wrong_password_names_its_settings(neo4j_server: Neo4jServer) -> None:
    """Trying again does not help, and is not done at once: Neo4j locks out who does."""
    async with opened(neo4j_server, password="wrong-password") as graph:
        await refused(graph, KnowledgeMisconfigured, "SOUVENIR_NEO4J_USERNAME, SOUVENIR_NEO4J_PASSWORD")


async def test_a_missing_database_names_its_setting(neo4j_server: Neo4jServer) -> None:
    """Neo4j Community has one, and its name is `neo4j`."""
    async with opened(neo4j_server, database="none") as graph:
        await refused(graph, KnowledgeMisconfigured, "SOUVENIR_NEO4J_DATABASE")


async def test_what_is_no_address_is_refused_at_once() -> None:
    """Before anything is asked."""
    with pytest.raises(KnowledgeMisconfigured, match="SOUVENIR_NEO4J_URI"):
        async with opened(Neo4jServer("neo4j.example:7687", "neo4j", "x", 0), database=None):
            pass


@pytest.fixture
def port() -> Iterator[socket.socket]:
    """A port of this machine that is held, and not listened at."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held


@pytest.mark.parametrize("listening", [False, True])
async def test_nobody_there(port: socket.socket, listening: bool) -> None:
    """Refused, or accepted and never answered: said in time, with the setting; the next are told at once."""
    if listening:
        port.listen()
    nobody = Neo4jServer(f"bolt://127.0.0.1:{port.getsockname()[1]}", "neo4j", "wrong-password", 0)
    async with opened(nobody, database=None) as graph:
        begun = time.monotonic()
        with pytest.raises(KnowledgeUnavailable, match="SOUVENIR_NEO4J_URI"):
            await graph.ping()
        assert time.monotonic() - begun < 15
        begun = time.monotonic()
        for _ in range(20):
            with pytest.raises(KnowledgeUnavailable, match="SOUVENIR_NEO4J_URI"):
                await graph.put([facts("d1")])
        assert time.monotonic() - begun < 1


@pytest.mark.parametrize("agent", ["Neo4j/4.4.30", "Neo4j/3.5.1", "Other/7", ""])
def test_an_old_server_is_refused(agent: str) -> None:
    """In a plain sentence."""
    with pytest.raises(KnowledgeMisconfigured, match="Neo4j 5 or later is needed"):
        require_version(agent)


@pytest.mark.parametrize("agent", ["Neo4j/5.26.12", "Neo4j/2025.08.0"])
def test_a_new_server_is_taken(agent: str) -> None:
    """Versions by the year are later than 5."""
    require_version(agent)


async def answered(graph: Neo4jKnowledge) -> None:
    """Ask until there is an answer."""
    async with asyncio.timeout(40):
        while True:
            try:
                await graph.read(USER, "RETURN 1", limits=PATIENT)
                return
            except KnowledgeUnavailable:
                await asyncio.sleep(0.02)


async def test_a_server_that_hangs_dies_and_comes_back(tmp_path: Path) -> None:
    """It is waited for no longer than a query may take; once it is back, it is used again by itself."""
    with own_server(tmp_path) as (server, guard):
        async with opened(server) as graph:
            await graph.put([employed("d1", "Claire Dubois", "Boreas")])
            os.kill(server.pid, signal.SIGSTOP)
            begun = time.monotonic()
            with pytest.raises(KnowledgeUnavailable, match="does not answer in time"):
                await graph.read(USER, "RETURN 1", limits=Limits(seconds=0.5))
            assert time.monotonic() - begun < 15
            begun = time.monotonic()
            with pytest.raises(KnowledgeUnavailable):
                await graph.read(USER, "RETURN 1")
            assert time.monotonic() - begun < 1
            os.kill(server.pid, signal.SIGCONT)
            await answered(graph)
            os.kill(server.pid, signal.SIGKILL)
            with pytest.raises(KnowledgeUnavailable, match="SOUVENIR_NEO4J_URI"):
                await graph.put([employed("d2", "Claire Dubois", "Boreas")])
            await asyncio.to_thread(guard.restart)
            await answered(graph)
            await graph.put([employed("d3", "Paul Martin", "Boreas")])
            assert await keys(graph) == {"d1", "d3", "claire dubois", "paul martin", "boreas"}
