"""Queries that want too much of the embedded engine: they end, and nobody else notices."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from memory.knowledge.arcadedb import open_arcadedb
from memory.knowledge.arcadedb.engine import Engine
from memory.knowledge.arcadedb.sharing import Shared
from memory.knowledge.checksum import checksum
from memory.knowledge.errors import KnowledgeUnavailable, QueryFailed, QueryRefused, QueryTooSlow
from memory.knowledge.facts import DocumentFacts
from memory.knowledge.protocol import KnowledgeGraph, Limits
from tests.clock import FakeClock
from tests.memory.knowledge.harbour import harbour
from tests.memory.knowledge.samples import EVERYTHING, USER, facts, link

DOUBLING = "WITH 'xxxxxxxxxx' AS s " + "WITH s + s AS s " * 40 + "RETURN size(s)"
ENDLESS = "RETURN size([(a)-[*1..12]-(b) | b.name])"
"""The engine looks at the time between steps only: this is one."""


@pytest.fixture
async def graph(tmp_path: Path, clock: FakeClock) -> AsyncIterator[KnowledgeGraph]:
    """A few hundred nodes, closely tied."""
    async with open_arcadedb(tmp_path, clock=clock) as opened:
        topics = [link("Topic", f"topic {at}", "c") for at in range(40)]
        await opened.put([*harbour(), *(facts(f"bulk {at}", *topics[at:]) for at in range(20))])
        yield opened


async def test_too_much_memory_is_a_failure_of_the_query(graph: KnowledgeGraph) -> None:
    """And the engine goes on."""
    before = await checksum(graph, USER)
    reduce = "RETURN reduce(s = 'x', i IN range(1, 40) | s + s)"
    for cypher in (DOUBLING, reduce):
        with pytest.raises(QueryFailed, match="memory"):
            await graph.read(USER, cypher, limits=Limits(seconds=10))
    with pytest.raises(QueryRefused):
        await graph.read(USER, reduce, verify=True)
    assert await checksum(graph, USER) == before


async def test_writers_outlive_that_memory_runs_out(tmp_path: Path, clock: FakeClock) -> None:
    """What was acknowledged is there, whatever queries took at the same time."""
    said = [facts(f"d{at}", *(link("Topic", f"{at} {one}", "c") for one in range(5))) for at in range(20)]
    async with open_arcadedb(tmp_path, clock=clock) as graph:
        greedy = asyncio.create_task(_greedy(graph))
        for one in said:
            await _put(graph, one)
        greedy.cancel()
        await asyncio.wait([greedy])
        after = await checksum(graph, USER)
    async with open_arcadedb(tmp_path, clock=clock) as graph:
        assert await checksum(graph, USER) == after
        await graph.clear()
        await graph.put(said)
        assert await checksum(graph, USER) == after


async def _greedy(graph: KnowledgeGraph) -> None:
    while True:
        with pytest.raises((QueryFailed, QueryTooSlow)):
            await graph.read(USER, DOUBLING, verify=True)


async def _put(graph: KnowledgeGraph, one: DocumentFacts) -> None:
    """As the projector does: again, when it did not work."""
    for _ in range(5):
        try:
            await graph.put([one])
        except KnowledgeUnavailable:
            continue
        return
    pytest.fail("it is never written")


@pytest.mark.timeout(60)
async def test_threads_are_not_lost_for_good(graph: KnowledgeGraph) -> None:
    """Queries that the engine does not stop end all the same, and others can be asked again."""
    for _ in range(6):
        with pytest.raises((QueryTooSlow, KnowledgeUnavailable)):
            await graph.read(USER, ENDLESS, limits=Limits(seconds=0.2), verify=True)
        assert (await graph.read(USER, "RETURN 1 AS one", limits=EVERYTHING)).rows == ((1,),)
    async with asyncio.timeout(60):
        while True:
            try:
                assert (await graph.read(USER, "RETURN 2 AS two", verify=True)).rows == ((2,),)
                return
            except (KnowledgeUnavailable, QueryTooSlow):
                await asyncio.wait(asyncio.all_tasks() - {asyncio.current_task()}, timeout=0.2)


@pytest.mark.parametrize(
    "cypher",
    [
        "RETURN [x IN range(1, 9) | [y IN range(1, 9) | x * y]]",
        "RETURN all(x IN [1, 2] WHERE any(y IN [3] WHERE x = y))",
        "RETURN [x IN [1] | x] + [x IN [1] | x] + [x IN [1] | x] + [x IN [1] | x] + [x IN [1] | x]",
    ],
)
async def test_loops_in_loops_are_refused(graph: KnowledgeGraph, cypher: str) -> None:
    """Nothing could stop them; one after the other is fine."""
    with pytest.raises(QueryRefused, match="cannot be stopped"):
        await graph.read(USER, cypher, verify=True)
    plain = "RETURN [x IN [y IN [1, 2] | y + 1] WHERE x IN [2] | x] AS one"
    assert (await graph.read(USER, plain, verify=True)).rows == (([2],),)


async def test_what_the_engine_counts_wrongly_is_refused(graph: KnowledgeGraph) -> None:
    """With what to write instead, which is right."""
    wrong = (
        "MATCH (d:Document {key: 'lease'}) OPTIONAL MATCH (d)-[:MENTIONS]->(t:Topic) WITH d, count(t) AS n"
    )
    with pytest.raises(QueryFailed, match="DISTINCT"):
        await graph.read(USER, f"{wrong} RETURN n", verify=True)
    right = wrong.replace("count(t)", "count(DISTINCT t)")
    assert (await graph.read(USER, f"{right} RETURN n", verify=True)).rows == ((2,),)


class _Gated:
    """Opens nothing, as slowly as it is told."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.go = threading.Event()

    def __call__(self, name: str) -> Engine:
        """Wait where the name says so."""
        if name == "slow":
            self.asked.set()
            assert self.go.wait(10)
        raise KnowledgeUnavailable(name)


def test_only_who_needs_a_database_waits_for_it() -> None:
    """While one is opened, others are."""
    gate = _Gated()
    shared = Shared(gate, 2)
    seen: list[str] = []

    def use(name: str) -> None:
        try:
            shared.keep(name)
        except KnowledgeUnavailable as error:
            seen.append(str(error))

    slow = threading.Thread(target=use, args=("slow",))
    slow.start()
    assert gate.asked.wait(10)
    use("quick")
    assert seen == ["quick"]
    gate.go.set()
    slow.join(10)
    assert seen == ["quick", "slow"]
