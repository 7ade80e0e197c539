"""What a read may do, how much it may give and take, and what it says when it may not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from memory.knowledge.checksum import checksum
from memory.knowledge.errors import QueryFailed, QueryRefused, QueryTooSlow
from memory.knowledge.protocol import KnowledgeGraph, Limits
from tests.memory.knowledge.samples import EVERYTHING, USER, employed, facts, link

WRITES = (
    "CREATE (n:Person {user: $user, key: 'eve'}) RETURN n",
    "MERGE (n:Topic {user: $user, key: 'tides'}) ON MATCH SET n.name = 'x' RETURN n",
    "MATCH (n:Person {user: $user}) SET n.name = 'x' RETURN n",
    "MATCH (n:Person {user: $user}) DETACH DELETE n",
    "MATCH (n:Person {user: $user}) REMOVE n.name RETURN n",
    "MATCH (n:Person {user: $user}) CALL (n) { SET n.name = 'x' RETURN 1 AS one } RETURN one",
    "UNWIND [1, 2] AS x CREATE (:Topic {key: x})",
    "MATCH (n) FOREACH (x IN [1] | SET n.age = x)",
    "CREATE INDEX names FOR (n:Person) ON (n.name)",
)


@pytest.mark.parametrize("verify", [False, True])
async def test_nothing_is_written_by_reading(graph: KnowledgeGraph, verify: bool) -> None:
    """Whether the engine is asked first or not, writing is refused and changes nothing."""
    await graph.put([employed("d1", "Ana", "Boreas"), facts("d2", link("Topic", "tides", "c"))])
    before = await checksum(graph, USER)
    for cypher in WRITES:
        with pytest.raises((QueryRefused, QueryFailed)):
            await graph.read(USER, cypher, verify=verify)
        assert await checksum(graph, USER) == before, cypher
    for cypher in WRITES[:4]:
        with pytest.raises(QueryRefused):
            await graph.read(USER, cypher, verify=True)


async def test_plain_values_come_back(graph: KnowledgeGraph) -> None:
    """Of every kind that a query can give, and parameters of every kind reach it."""
    await graph.put([employed("d1", "Ana", "Boreas", role="clerk")])
    given: dict[str, Any] = {"text": "é", "number": 7, "real": 0.5, "yes": True, "none": None}
    given |= {"list": [1, ["a"]], "map": {"a": {"b": [1]}}, "large": 2**53 + 1}
    names = ", ".join(f"${name} AS {name}" for name in given)
    found = await graph.read(USER, f"RETURN {names}, $user AS user, 0.0 / 0.0 AS nothing", given)
    assert found.columns == (*given, "user", "nothing")
    assert found.records() == [{**given, "user": USER, "nothing": None}]
    cypher = "MATCH p = (:Document {user: $user})-[:MENTIONS]->(o:Organization) RETURN p, o, [o.key] AS keys"
    [[path, node, keys]] = (await graph.read(USER, cypher)).rows
    assert [one.get("label") or one["type"] for one in path] == ["Document", "MENTIONS", "Organization"]
    assert (node["label"], node["key"], keys) == ("Organization", "boreas", ["boreas"])
    assert "user" not in node


async def test_columns_are_named_without_rows(graph: KnowledgeGraph) -> None:
    """An empty answer says what it would have held."""
    found = await graph.read(USER, "MATCH (p:Person {user: $user}) RETURN p.name AS who, p.key")
    assert (found.columns, found.rows, found.cut) == (("who", "p.key"), (), False)


async def test_rows_are_cut(graph: KnowledgeGraph) -> None:
    """And it is said that there were more; exactly as many as allowed are not cut."""
    cypher = "UNWIND range(1, 10) AS x RETURN x"
    found = await graph.read(USER, cypher, limits=Limits(rows=3))
    assert (found.rows, found.cut) == (((1,), (2,), (3,)), True)
    assert not (await graph.read(USER, cypher, limits=Limits(rows=10))).cut


async def test_bytes_are_cut(graph: KnowledgeGraph) -> None:
    """Whole rows only; one that is too large by itself is not made."""
    cypher = "UNWIND range(1, 10) AS x RETURN 'ééééé' + toString(x) AS text"
    found = await graph.read(USER, cypher, limits=Limits(bytes=40))
    assert found.cut
    assert 1 <= len(found.rows) <= 3
    found = await graph.read(USER, "WITH range(1, 1000) AS x RETURN x + x + x AS x", limits=Limits(bytes=100))
    assert (found.columns, found.rows, found.cut) == (("x",), (), True)


async def test_what_cannot_be_run_says_why(graph: KnowledgeGraph) -> None:
    """In one line for who wrote it, without the engine's classes."""
    for cypher in ("MATCH (n RETURN n", "RETURN 1 / 0", "RETURN nofunction(1)", "RETURN 1 AS a, 2 AS a"):
        with pytest.raises((QueryFailed, QueryRefused)) as failed:
            await graph.read(USER, cypher, verify=True)
        said = str(failed.value)
        assert said
        assert "\n" not in said
        assert len(said) <= 300
        assert not {"com.arcadedb", "Exception", "org.neo4j"} & set(said.split())


SLOW = (
    "UNWIND range(1, 1000) AS a UNWIND range(1, 1000) AS b UNWIND range(1, 1000) AS c "
    "WITH a, b, c WHERE a + b = -c RETURN count(*)"
)


@pytest.mark.parametrize("verify", [False, True])
async def test_a_slow_query_ends_in_its_time(graph: KnowledgeGraph, verify: bool) -> None:
    """It is stopped or left, and the next one is answered at once."""
    took, error = await timed(lambda: graph.read(USER, SLOW, limits=Limits(seconds=0.5), verify=verify))
    assert isinstance(error, QueryTooSlow)
    assert took < 10
    took, error = await timed(lambda: graph.read(USER, "RETURN 1", limits=EVERYTHING))
    assert error is None
    assert took < 10


async def timed(work: Callable[[], Any]) -> tuple[float, Exception | None]:
    """How long something took, and how it failed."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    try:
        await work()
    except Exception as error:
        return loop.time() - begun, error
    return loop.time() - begun, None


async def test_who_leaves_does_not_hold_up_others(graph: KnowledgeGraph) -> None:
    """A caller that stops waiting leaves the graph as it was."""
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await graph.read(USER, SLOW, verify=True)
    assert (await graph.read(USER, "RETURN 1 AS one", limits=EVERYTHING)).rows == ((1,),)


async def test_the_engine_says_who_it_is(graph: KnowledgeGraph) -> None:
    """And it is the one that was asked for that answers: each has something that the other has not."""
    name = {"arcadedb": "ArcadeDB", "neo4j": "Neo4j"}[graph.backend]
    said = await graph.ping()
    assert said.startswith(f"{name} ")
    assert said.split(" ")[1][0].isdigit()
    if graph.backend == "arcadedb":
        await graph.put([facts("d1")])
        [[record]] = (await graph.read(USER, "MATCH (d:Document) RETURN elementId(d)")).rows
        assert str(record).startswith("#")
    else:
        [[kernel]] = (await graph.read(USER, "CALL dbms.components() YIELD name RETURN name")).rows
        assert kernel == "Neo4j Kernel"
