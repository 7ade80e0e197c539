"""Relational questions: a model asks the knowledge graph through its tools, and answers with sources."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.graphs.agent.home import BIG, Home, home, routes_file
from tests.ollama_double import OllamaDouble, Reply, ToolCall, ollama_double

MINUTES = (
    "Claire Dubois, treasurer of Valombre Cooperative Ltd, opened the general assembly of 14 April 2026."
)
LETTER = "Dear members, Claire Dubois has read the report of Harbourside Components Ltd."
SAID = {
    "people": [{"name": "Claire Dubois"}],
    "organizations": [{"name": "Valombre Cooperative Ltd"}],
    "events": [{"name": "general assembly", "date": "2026-04-14"}],
    "employments": [
        {"person": "Claire Dubois", "organization": "Valombre Cooperative Ltd", "role": "treasurer"}
    ],
}
READ_LETTER = {
    "people": [{"name": "Claire Dubois"}],
    "organizations": [{"name": "Harbourside Components Ltd"}],
}


@pytest.fixture
async def double() -> AsyncIterator[OllamaDouble]:
    """A model that reads documents, and waits to be told what to say."""
    async with ollama_double(BIG) as one:
        yield one


@pytest.fixture
async def at(double: OllamaDouble, tmp_path: Path) -> AsyncIterator[Home]:
    """A Souvenir that has read two documents."""
    async with home(tmp_path / "memory", double, routes_file(tmp_path, BIG, extraction=True)) as opened:
        reading(double)
        await opened.know(MINUTES, title="Minutes")
        await opened.know(LETTER, title="Letter")
        await opened.understand()
        yield opened


def reading(double: OllamaDouble, *replies: Reply) -> None:
    """Let the model read the documents, and say these things."""
    double.reply(
        BIG,
        Reply(text=json.dumps(SAID), when="treasurer", in_background=True),
        Reply(text=json.dumps(READ_LETTER), when="Dear members", in_background=True),
        *replies,
    )


def calling(double: OllamaDouble, tool: str, answer: str, **arguments: object) -> None:
    """Let the model call a tool once, and then answer."""
    reading(double, Reply(tool_calls=[ToolCall(tool, arguments)]), Reply(text=answer, after_tools=True))


def shown(double: OllamaDouble) -> str:
    """What the model was shown by its last tool."""
    return str(double.requests("/api/chat")[-1].messages[-1]["content"])


async def test_both_documents_were_read_by_the_model(at: Home) -> None:
    """The ledger says done, and nothing waits."""
    async with at.services.archive.read() as unit:
        counts = await unit.ledger.counts("local")
    assert counts["knowledge"] == {"done": 2}


async def test_who_works_where(at: Home, double: OllamaDouble) -> None:
    """The neighbours of a person, and the passage that says so as a source."""
    calling(
        double,
        "entity_neighbours",
        "She is treasurer of Valombre Cooperative Ltd [1][2].",
        name="claire dubois",
    )
    answer = await at.ask("Whom does Claire Dubois work for?")
    assert '"role": "treasurer"' in shown(double)
    assert "Harbourside Components Ltd" in shown(double)
    assert {source["title"] for source in answer["sources"]} == {"Minutes", "Letter"}
    assert answer["degraded"] == []


async def test_how_two_are_connected(at: Home, double: OllamaDouble) -> None:
    """Through the person whom both documents name."""
    calling(
        double,
        "path_between",
        "Through Claire Dubois.",
        name="Harbourside Components",
        other_name="Valombre Cooperative",
    )
    await at.ask("How are Harbourside and Valombre connected?")
    assert "Claire Dubois" in shown(double)
    assert "MENTIONS" in shown(double) or "WORKS_FOR" in shown(double)


async def test_what_happened_when(at: Home, double: OllamaDouble) -> None:
    """Events in order, of a time that is asked for."""
    calling(double, "timeline", "On 14 April.", start="2026-04", end="2026-04")
    await at.ask("What happened in April 2026?")
    assert '"date": "2026-04-14"' in shown(double)
    calling(double, "timeline", "Nothing.", start="2025", end="2025-12-31")
    await at.ask("What happened in 2025?")
    assert "holds nothing" in shown(double)


async def test_a_query_of_the_models_own(at: Home, double: OllamaDouble) -> None:
    """A plain read runs; its rows are data in a fence."""
    query = "MATCH (p:Person)-[w:WORKS_FOR]->(o:Organization) RETURN p.name AS person, o.name AS firm"
    calling(double, "query_graph", "One does.", cypher=query)
    await at.ask("How many people work somewhere?")
    assert "<rows>" in shown(double)
    assert '{"person": "Claire Dubois", "firm": "Valombre Cooperative Ltd"}' in shown(double)


@pytest.mark.parametrize(
    "query",
    [
        "MATCH (n) DETACH DELETE n",
        "LOAD CSV FROM 'file:///etc/passwd' AS l RETURN l",
        "MATCH (n:Wizard) RETURN n",
    ],
)
async def test_a_query_that_is_no_plain_read_is_refused(at: Home, double: OllamaDouble, query: str) -> None:
    """The model learns why, and the turn goes on."""
    calling(double, "query_graph", "I cannot say.", cypher=query)
    answer = await at.ask("Do what you are told.")
    assert shown(double).startswith("Not run. The query was refused")
    assert answer["answer"] == "I cannot say."


async def test_after_two_repairs_no_further_query_is_run(at: Home, double: OllamaDouble) -> None:
    """A model that keeps failing is told to answer with what there is."""
    broken = ToolCall("query_graph", {"cypher": "MATCH (p:Person) RETURN p.name ORDER"})
    reading(
        double, Reply(tool_calls=[broken], after_tools=None), Reply(tool_calls=[broken], after_tools=True)
    )
    await at.ask("Who is there?")
    results = [one["content"] for one in double.requests("/api/chat")[-1].messages if one["role"] == "tool"]
    assert [one.startswith("Not run.") for one in results] == [True, True, True, False]
    assert "No further query" in results[-1]


async def test_the_graph_of_another_user_is_not_seen(at: Home, double: OllamaDouble) -> None:
    """Another person asks with the same words and finds nothing."""
    calling(double, "find_entity", "Nobody.", name="Claire Dubois")
    await at.ask("Who is Claire Dubois?", user="paul")
    assert "holds nothing" in shown(double)


async def test_passages_of_what_the_question_names_are_found(at: Home, double: OllamaDouble) -> None:
    """The knowledge leg says so in the sources."""
    reading(double, Reply(text="See [1]."))
    answer = await at.ask("Claire Dubois?")
    assert answer["sources"][0]["legs"]["knowledge"] > 0


async def test_forgetting_a_document_blanks_what_was_answered_from_its_rows(
    at: Home, double: OllamaDouble
) -> None:
    """An answer that names what the graph had of it goes; another one stays."""
    calling(double, "find_entity", "Harbourside Components Ltd is a firm.", name="Harbourside")
    first = await at.ask("What is Harbourside?")
    calling(double, "timeline", "There was an assembly.", start="2026")
    second = await at.ask("What happened in 2026?")
    async with at.services.archive.read() as unit:
        letter = next(one.id for one in await unit.documents.list("local") if one.title == "Letter")
    assert await at.services.forgetter.document("local", letter)
    [kept] = await at.turns(second["thread_id"])
    [blanked] = await at.turns(first["thread_id"])
    assert kept.answer == "There was an assembly."
    assert "Harbourside" not in blanked.answer
    calling(double, "find_entity", "Nothing.", name="Harbourside")
    await at.ask("And now, what is it?")
    assert "holds nothing" in shown(double)
