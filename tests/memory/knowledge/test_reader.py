"""Asking the graph on the way of a turn: in time or not at all, and once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from memory.knowledge.deferred import deferred
from memory.knowledge.errors import KnowledgeUnavailable, QueryFailed
from memory.knowledge.named import NamedPassages, names_in
from memory.knowledge.protocol import KnowledgeGraph, Rows
from memory.knowledge.reader import REST_SECONDS, GraphReader
from tests.memory.knowledge.graph_double import GraphDouble

ASK = "RETURN 1 AS one"


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


async def ask(reader: GraphReader, seconds: float = 0.05) -> Rows:
    """Ask something."""
    return await reader.within(seconds, lambda graph: graph.read("marie", ASK))


async def test_a_graph_that_hangs_is_waited_for_once() -> None:
    """Until it has rested, everybody else is told at once why; then it is asked again."""
    graph, clock = GraphDouble(), Clock()
    reader = GraphReader(graph, clock)
    graph.hangs = True
    for _ in range(3):
        with pytest.raises(KnowledgeUnavailable, match="no answer within 50 ms"):
            await ask(reader)
    assert len(graph.asked) == 1
    graph.hangs = False
    clock.now += REST_SECONDS
    assert await ask(reader) == Rows((), ())


async def test_a_query_that_fails_is_its_own_fault() -> None:
    """The graph is not left alone for it."""
    graph = GraphDouble()
    graph.error = QueryFailed("a comma is missing")
    reader = GraphReader(graph, Clock())
    for _ in range(2):
        with pytest.raises(QueryFailed):
            await ask(reader)
    assert len(graph.asked) == 2


async def test_passages_of_what_is_named() -> None:
    """Rare names count more than common ones; what everything speaks of, and plain words, count nothing."""

    def answer(cypher: str, parameters: Mapping[str, Any]) -> Rows:
        if "documents" in cypher:
            found = (
                ("Person", "claire dubois", 1),
                ("Organization", "valombre", 90),
                ("Person", "anne", 5000),
                ("Topic", "budget", 1),
                ("Topic", "yearly budget", 2),
            )
            return Rows(("label", "key", "documents"), found)
        assert (parameters["Person"], parameters["Topic"]) == (["claire dubois"], ["yearly budget"])
        tied = [("Person", "claire dubois", ["a", "b"]), ("Organization", "valombre", ["b", "c"])]
        everywhere = ("Topic", "yearly budget", [f"x{n}" for n in range(100)])
        return Rows(("label", "key", "chunks"), (*tied, everywhere))

    reader = GraphReader(GraphDouble(answer))
    tied = await NamedPassages(reader).passages(
        "marie", "What did Claire Dubois say of Valombre's yearly budget, Anne?"
    )
    assert sorted(tied, key=lambda one: -tied[one]) == ["b", "a", "c"]


async def test_a_question_without_words_asks_nothing() -> None:
    """Nor does one for a graph into which nothing was ever put."""
    graph = GraphDouble()
    assert await NamedPassages(GraphReader(graph)).passages("marie", " ?! ") == {}

    @asynccontextmanager
    async def opening() -> AsyncIterator[KnowledgeGraph]:
        yield graph

    async with deferred("double", opening, alone=True, holds=False) as later:
        assert await NamedPassages(GraphReader(later)).passages("marie", "Claire Dubois") == {}
    assert graph.asked == []


def test_the_names_in_a_question() -> None:
    """Every word and every row of words, as keys have them; bounded, whatever is pasted."""
    assert list(names_in("L’Été, Claire ?")) == ["l ete claire", "l ete", "ete claire", "ete", "claire"]
    assert len(list(names_in("mot " * 10_000))) < 10
    assert len(list(names_in(" ".join(f"mot{n}" for n in range(5_000))))) <= 400


async def test_an_engine_is_opened_once_and_when_it_is_needed() -> None:
    """Several that ask at once share one opening; who leaves does not stop it; at the end it is closed."""
    events: list[str] = []
    may_open = asyncio.Event()

    @asynccontextmanager
    async def opening() -> AsyncIterator[KnowledgeGraph]:
        events.append("opening")
        await may_open.wait()
        yield GraphDouble()
        events.append("closed")

    async with deferred("double", opening, alone=True) as graph:
        assert events == []
        asking = [asyncio.create_task(graph.ping()) for _ in range(3)]
        await asyncio.sleep(0)
        asking[0].cancel()
        may_open.set()
        assert await asyncio.gather(*asking[1:]) == ["double", "double"]
    assert events == ["opening", "closed"]


async def test_an_engine_that_cannot_be_opened_says_why() -> None:
    """Each time it is asked; it is not opened again for everyone who asks."""
    openings = 0

    @asynccontextmanager
    async def opening() -> AsyncIterator[KnowledgeGraph]:
        nonlocal openings
        openings += 1
        raise KnowledgeUnavailable("there is no engine for this system")
        yield GraphDouble()

    async with deferred("double", opening, alone=True) as graph:
        for _ in range(3):
            with pytest.raises(KnowledgeUnavailable, match="no engine"):
                await graph.ping()
    assert openings == 1
