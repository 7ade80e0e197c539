"""The knowledge graph on a Neo4j server: what is not the same for an engine in this process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from memory.knowledge.checksum import checksum
from memory.knowledge.errors import QueryFailed, QueryRefused, QueryTooSlow
from memory.knowledge.neo4j import open_neo4j
from memory.knowledge.neo4j.graph import Neo4jKnowledge
from memory.knowledge.neo4j.schema import CONSTRAINTS
from memory.knowledge.protocol import Limits
from tests.memory.knowledge.harbour import harbour
from tests.memory.knowledge.samples import USER, employed, facts, keys, link
from tests.services.neo4j import Neo4jServer
from tests.services.neo4j_graph import MINUTES, PATIENT, ask, opened, running, until_idle


@pytest.fixture
async def graph(neo4j_server: Neo4jServer) -> AsyncIterator[Neo4jKnowledge]:
    """A graph with nothing in it."""
    async with opened(neo4j_server) as graph:
        yield graph


async def test_which_engine_answers(graph: Neo4jKnowledge, neo4j_server: Neo4jServer) -> None:
    """Its name, version and edition, as the server tells them."""
    [[name, version, edition]] = ask(
        neo4j_server, "CALL dbms.components() YIELD name, versions, edition RETURN name, versions[0], edition"
    )
    assert name == "Neo4j Kernel"
    assert await graph.ping() == f"Neo4j {version} ({edition})"
    assert graph.backend == "neo4j"


async def test_constraints_are_there(graph: Neo4jKnowledge, neo4j_server: Neo4jServer) -> None:
    """One node for a user and a key, of each label; and one turn to write for each user."""
    found = ask(neo4j_server, "SHOW CONSTRAINTS YIELD name, type, labelsOrTypes, properties")
    assert {name: (type_, labels[0], properties) for name, type_, labels, properties in found} == {
        name: ("UNIQUENESS", label, ["user"] if properties == "n.user" else ["user", "key"])
        for name, (label, properties) in CONSTRAINTS.items()
    }


async def test_two_users_share_nothing(graph: Neo4jKnowledge, neo4j_server: Neo4jServer) -> None:
    """The same names in the same documents are two graphs: what one forgets stays with the other."""
    for user in (USER, "ana"):
        await graph.put([employed("d1", "Claire Dubois", "Boreas", user=user)])
    assert await checksum(graph, USER) == await checksum(graph, "ana")
    across = "MATCH (a)-[r]-(b) WHERE a.user <> b.user OR r.user <> a.user OR r.user IS NULL RETURN a"
    assert ask(neo4j_server, across) == []
    await graph.forget(USER, ["d1"])
    assert await keys(graph) == set()
    assert await keys(graph, "ana") == {"d1", "claire dubois", "boreas"}


async def test_many_write_at_once(graph: Neo4jKnowledge, neo4j_server: Neo4jServer) -> None:
    """Eight writers, through two drivers, of the same documents: the graph is that of one writer."""
    documents = harbour()
    await graph.put(documents)
    expected = await checksum(graph, USER)
    await graph.clear()
    async with opened(neo4j_server) as other:
        turns = [documents[n:] + documents[:n] for n in range(8)]
        await asyncio.gather(*((graph, other)[n % 2].put(turn) for n, turn in enumerate(turns)))
    assert await checksum(graph, USER) == expected
    twice = "MATCH (a)-[r]->(b) WITH a, b, type(r) AS t, count(*) AS times WHERE times > 1 RETURN a, b, t"
    assert ask(neo4j_server, twice) == []


async def test_turns_are_never_seen(graph: Neo4jKnowledge, neo4j_server: Neo4jServer) -> None:
    """That by which writers take turns is no part of the graph."""
    await graph.put([facts("d1", link("Topic", "tides", "d1-0"))])
    assert sorted(ask(neo4j_server, "MATCH (n) RETURN labels(n)")) == [[["Document"]], [["Topic"]]]


async def test_alone_only_when_proved(neo4j_server: Neo4jServer) -> None:
    """A query may reach everything only where all is one user's: proved, never guessed."""
    async with opened(neo4j_server, only_user=None) as graph:
        assert not graph.alone(USER)
    async with open_neo4j(
        neo4j_server.uri,
        neo4j_server.username,
        neo4j_server.password,
        only_user=USER,
        clock=lambda: datetime.now(UTC),
    ) as unasked:
        assert not unasked.alone(USER)
    async with opened(neo4j_server) as graph:
        assert graph.alone(USER)
        assert not graph.alone("ana")
        await graph.put([employed("d1", "Claire Dubois", "Boreas", user="ana")])
        assert not graph.alone(USER)
    async with opened(neo4j_server) as graph:
        assert not graph.alone(USER)
        await graph.clear()
        assert graph.alone(USER)
    ask(neo4j_server, "CREATE (:Somebody {name: 'else'})")
    async with opened(neo4j_server) as graph:
        assert not graph.alone(USER)
        await graph.clear()
        assert ask(neo4j_server, "MATCH (n) RETURN labels(n)") == [[["Somebody"]]]


@pytest.mark.parametrize(
    "cypher",
    [
        "CREATE (n:Topic) RETURN n",
        "UNWIND [1] AS x CALL { CREATE (:Topic) } IN TRANSACTIONS RETURN 1",
        "LOAD CSV FROM 'http://127.0.0.1:9/' AS line RETURN line",
        "CALL db.labels()",
        "SHOW TRANSACTIONS",
        "SHOW USERS",
        "TERMINATE TRANSACTION 'neo4j-transaction-1'",
    ],
)
async def test_what_is_no_plain_read_is_refused(graph: Neo4jKnowledge, cypher: str) -> None:
    """Asked to verify, the server's plan decides; it is not run."""
    with pytest.raises(QueryRefused):
        await graph.read(USER, cypher, verify=True)


async def test_a_read_never_writes(graph: Neo4jKnowledge) -> None:
    """Not verified either."""
    for cypher in ("CREATE (n:Topic) RETURN n", "CREATE USER x SET PASSWORD 'long enough'"):
        with pytest.raises(QueryRefused):
            await graph.read(USER, cypher)
    assert await keys(graph) == set()


@pytest.mark.parametrize(
    "cypher", ["MATCH (n", "RETURN nothing", "RETURN foo(1)", "RETURN 1 / 0", "RETURN $no"]
)
@pytest.mark.parametrize("verify", [False, True])
async def test_a_wrong_query_says_why(graph: Neo4jKnowledge, cypher: str, verify: bool) -> None:
    """On one short line, for who wrote it; and the graph is not left alone for it."""
    with pytest.raises(QueryFailed) as failed:
        await graph.read(USER, cypher, verify=verify)
    said = str(failed.value)
    assert said and "\n" not in said and len(said) <= 300
    assert "org.neo4j" not in said and "EXPLAIN" not in said
    assert (await graph.read(USER, "RETURN $user")).rows == ((USER,),)


async def test_values_are_plain(graph: Neo4jKnowledge) -> None:
    """Times and places too; what only keeps the graph is not shown."""
    await graph.put([employed("d1", "Claire Dubois", "Boreas")])
    found = await graph.read(
        USER,
        "MATCH p = (:Person {user: $user})-[r:WORKS_FOR]->(:Organization) RETURN p, r, "
        "date('2026-01-02') AS d, datetime('2026-01-02T03:04:05Z') AS t, duration('P1DT2H') AS u, "
        "point({x: 1, y: 2}) AS at, 0.0 / 0.0 AS none, $given AS given",
        {"given": {"list": ("a", 1, None)}},
    )
    [record] = found.records()
    assert [one.get("label") or one["type"] for one in record["p"]] == ["Person", "WORKS_FOR", "Organization"]
    assert not {"user", "evidence"} & {*record["r"], *record["p"][0]}
    assert record["d"] == "2026-01-02" and record["t"] == "2026-01-02T03:04:05+00:00"
    assert record["u"] == "P1DT2H" and record["at"] == {"srid": 7203, "coordinates": [1.0, 2.0]}
    assert record["none"] is None and record["given"] == {"list": ["a", 1, None]}


async def test_a_million_rows_are_not_fetched(graph: Neo4jKnowledge) -> None:
    """The first ones come, and the server does not make the others."""
    found = await graph.read(USER, "UNWIND range(1, 100000000) AS x RETURN x")
    assert found.cut and len(found.rows) == Limits().rows
    wide = "UNWIND range(1, 100000000) AS x RETURN [y IN range(1, 200) | 'word'] AS words"
    cut = await graph.read(USER, wide, limits=Limits(bytes=5_000))
    assert cut.cut and len(cut.rows) == 3


async def test_a_query_that_runs_for_minutes_is_stopped(
    graph: Neo4jKnowledge, neo4j_server: Neo4jServer
) -> None:
    """In its time here, and on the server as well."""
    begun = time.monotonic()
    with pytest.raises(QueryTooSlow):
        await graph.read(USER, MINUTES, limits=Limits(seconds=0.5))
    assert time.monotonic() - begun < 20
    await until_idle(neo4j_server)
    assert (await graph.read(USER, "RETURN 1")).rows == ((1,),)


async def test_who_stops_waiting_leaves_nothing_broken(
    graph: Neo4jKnowledge, neo4j_server: Neo4jServer
) -> None:
    """A call that is cancelled ends on the server too, and the next ones are answered."""
    asking = [asyncio.create_task(graph.read(USER, MINUTES, limits=PATIENT)) for _ in range(4)]
    async with asyncio.timeout(10):
        while len(await asyncio.to_thread(running, neo4j_server)) < 4:
            pass
    for one in asking:
        one.cancel()
    assert all(
        isinstance(one, asyncio.CancelledError)
        for one in await asyncio.gather(*asking, return_exceptions=True)
    )
    answers = await asyncio.gather(*(graph.read(USER, "RETURN 1") for _ in range(16)))
    assert all(one.rows == ((1,),) for one in answers)
    await until_idle(neo4j_server)
