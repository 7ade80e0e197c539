"""Hostile queries that reach an engine without the guard: nothing is changed, read or reached."""

from __future__ import annotations

import asyncio
import json
import random
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from memory.knowledge.checksum import checksum
from memory.knowledge.errors import KnowledgeUnavailable, QueryFailed, QueryRefused, QueryTooSlow
from memory.knowledge.protocol import KnowledgeGraph, Limits, Rows
from tests.memory.knowledge.harbour import harbour
from tests.memory.knowledge.samples import USER, facts, link
from tests.tools.knowledge_graph.guard.corpus import Hostile, hostile

CANARY = "canary-7f3a"
SECONDS = 1.0
SLACK = 20.0
"""The machine is shared."""
BREATH = 90.0
"""Neo4j ends a query between two rows only: one row that takes a minute keeps it busy after it was left."""
LINGERING = ("bomb-009", "bomb-011")
"""Those of which one row takes that long: with the slow tests."""
ELSEWHERE = ("file:///etc/passwd", "file:///etc/hosts", "file:///x")
BOMBS = [one for one in hostile() if one.engine in ("timeout", "memory")]
OTHERS = [one for one in hostile() if one.engine in ("refuse", "harmless")]


@asynccontextmanager
async def watched(graph: KnowledgeGraph, folder: Path) -> AsyncIterator[tuple[str, int]]:
    """Fill the graph; give a file to read and a port to reach; check that neither was."""
    await graph.put([*harbour(), facts("bulk", *(link("Topic", f"topic {at}", "c") for at in range(100)))])
    canary = folder / "canary.csv"
    canary.write_text(f"{CANARY}\n")
    before = await checksum(graph, USER)
    reached: list[str] = []

    async def note(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.append("a connection")
        writer.close()

    server = await asyncio.start_server(note, "127.0.0.1", 0, family=socket.AF_INET)
    async with server:
        yield canary.as_uri(), server.sockets[0].getsockname()[1]
    assert not reached
    assert await checksum(graph, USER) == before


async def held(graph: KnowledgeGraph, query: str) -> tuple[Rows | None, float]:
    """Run a query as a model's; return what came, and how long it took."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    try:
        found = await graph.read(USER, query, limits=Limits(seconds=SECONDS), verify=True)
    except (QueryRefused, QueryFailed, QueryTooSlow, KnowledgeUnavailable):
        found = None  # the last: the server was too busy with it to say anything, and was left
    return found, loop.time() - begun


async def counted(graph: KnowledgeGraph) -> Rows:
    """Count the documents, once the engine has taken breath."""
    async with asyncio.timeout(BREATH):
        while True:
            try:
                return await graph.read(USER, "MATCH (d:Document {user: $user}) RETURN count(d)")
            except (KnowledgeUnavailable, QueryTooSlow):
                await asyncio.sleep(0.05)  # a server that did not answer is left alone for a second


def aimed(one: Hostile, file: str, port: int) -> str:
    """The query, with its files and addresses replaced by those that are watched."""
    query = one.query.replace("http://127.0.0.1:9/", f"http://127.0.0.1:{port}/")
    query = query.replace("http://127.0.0.1/", f"http://127.0.0.1:{port}/")
    query = query.replace("ftp://127.0.0.1/", f"ftp://127.0.0.1:{port}/")
    for other in ELSEWHERE:
        query = query.replace(other, file)
    return query


async def try_all(graph: KnowledgeGraph, folder: Path, queries: Sequence[Hostile]) -> None:
    """Run them one by one; say at the end which did not end in time or gave what they must not."""
    wrong = []
    async with watched(graph, folder) as (file, port):
        for one in queries:
            found, took = await held(graph, aimed(one, file, port))
            said = json.dumps(found.rows if found else (), default=str)
            if CANARY in said or "root:" in said or took > SECONDS + SLACK:
                wrong.append((one.id, took, said[:200]))
            if found and one.engine == "refuse" and one.rules == ["writes"]:
                wrong.append((one.id, took, "was run"))
    assert not wrong


async def test_nothing_comes_of_them(graph: KnowledgeGraph, tmp_path: Path) -> None:
    """Writes, procedures, files, addresses, several statements, escapes: as if they had not been asked."""
    await try_all(graph, tmp_path, OTHERS)


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.soak)], ids=["some", "all"])
async def test_bombs_end_in_their_time(graph: KnowledgeGraph, tmp_path: Path, seed: int, every: bool) -> None:
    """Stopped or left; the next read is answered soon after, and nothing has changed."""
    async with watched(graph, tmp_path):
        some = random.Random(seed).sample([one for one in BOMBS if one.id not in LINGERING], 6)
        for one in BOMBS if every else some:
            _, took = await held(graph, one.query)
            assert took < SECONDS + SLACK, one.id
            assert (await counted(graph)).rows == ((9,),), one.id


async def test_files_and_addresses_stay_unread(graph: KnowledgeGraph, tmp_path: Path) -> None:
    """By LOAD CSV anywhere in a query, and whether the engine is asked first or not."""
    async with watched(graph, tmp_path) as (file, port):
        path = file.removeprefix("file://")
        for url in (file, path, f"http://127.0.0.1:{port}/x.csv", f"http://localhost:{port}/x.csv"):
            load = f"LOAD CSV FROM '{url}' AS line RETURN line"
            for query in (
                load,
                f"MATCH (d:Document) WITH d LIMIT 1 {load}",
                f"CALL {{ {load} }} RETURN line",
                f"CALL () {{ {load} }} RETURN line",
                f"RETURN COLLECT {{ {load} }} AS lines",
                f"RETURN EXISTS {{ {load} }} AS there",
                f"RETURN [x IN COLLECT {{ {load} }} | x] AS lines",
            ):
                for verify in (True, False):
                    with pytest.raises((QueryRefused, QueryFailed)):
                        await graph.read(USER, query, verify=verify)
