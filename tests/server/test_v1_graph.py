"""`/v1/graph`: what documents said, shown and asked for, on the embedded engine."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest

from memory.knowledge.arcadedb import open_arcadedb
from server.app import create_app
from server.composition import Services, open_services, utc_now
from server.owner import Owner
from server.settings import Settings
from server.v1.graph_refusals import FRENCH as REFUSALS_IN_FRENCH
from tests.ollama_double import ollama_double
from tests.server.v1_client import FRENCH, Api, failure
from tools.knowledge_graph.guard import Rule

MINUTES = """WEBVTT

00:00:01.000 --> 00:00:04.000
<v Claire Dubois>The general assembly of 14 April 2026 is open.

00:00:05.000 --> 00:00:09.000
<v Marc Petit>Harbourside Components Ltd has delivered the hubs.
"""
LETTER = """From: Claire Dubois <claire@valombre.example>
To: Marc Petit <marc@harbourside.example>
Subject: The hubs
Date: Tue, 14 Apr 2026 10:00:00 +0200
Content-Type: text/plain; charset=utf-8

Dear Marc,

Harbourside Components Ltd sent us the hubs. Thank you.

Claire Dubois
Treasurer, Valombre Cooperative Ltd
"""
REFUSED: dict[str, Rule] = {
    "CREATE (p:Person {name: 'x'}) RETURN p": "writes",
    "MATCH (n) DETACH DELETE n": "writes",
    "MATCH (n:Person) SeT n.name = 'x' RETURN n": "writes",
    "LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line": "load-csv",
    "CALL db.labels() YIELD label RETURN label": "procedure",
    "MATCH (n:Secret) RETURN n": "label",
    "MATCH (n) RETURN n; MATCH (m) RETURN m": "one-statement",
    "DROP INDEX x": "administration",
}
ENDLESS = "UNWIND range(1, 999) AS a UNWIND range(1, 999) AS b UNWIND range(1, 999) AS c WITH a WHERE a < 0"
ENDLESS += " RETURN a"


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[tuple[Api, Services]]:
    """Every part of Souvenir, and its API."""
    async with ollama_double() as nobody:
        nobody.stop()
        settings = settings.model_copy(update={"ollama_url": nobody.url})
        async with open_services(settings) as services:
            owner = Owner("command", "http://127.0.0.1", "token", os.getpid())
            transport = httpx.ASGITransport(create_app(services, owner.token))
            async with httpx.AsyncClient(transport=transport, base_url=owner.url) as http:
                yield Api(http, owner, nobody), services


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A folder of the test's own."""
    return Settings(data_dir=tmp_path / "memory", offline=False)


@pytest.fixture
async def api(settings: Settings) -> AsyncIterator[Api]:
    """A Souvenir with an empty memory, whose models do not answer: rules alone read."""
    async with opened(settings) as (one, _):
        yield one


@pytest.fixture
async def read(settings: Settings) -> AsyncIterator[Api]:
    """A Souvenir that has read the minutes of a meeting and a letter into its graph."""
    async with opened(settings) as (one, services):
        await one.upload(("minutes.vtt", MINUTES.encode()), ("letter.eml", LETTER.encode()))
        assert await services.projector.read_by_rules()
        yield one


async def ask(api: Api, cypher: str, **headers: str) -> httpx.Response:
    """What the API answers to a query."""
    return await api.http.post("/v1/graph/query", json={"cypher": cypher}, headers=headers)


async def rows(api: Api, cypher: str) -> list[list[Any]]:
    """The rows of a query, which must be well."""
    return list((await api.post("/v1/graph/query", {"cypher": cypher}))["rows"])


async def test_the_schema_of_an_empty_graph(api: Api) -> None:
    """The ontology is told with its properties, as text too, and there is nothing yet."""
    schema = await api.get("/v1/graph/schema")
    assert schema["backend"] == "arcadedb"
    assert set(schema["nodes"]) == {"Document", "Person", "Organization", "Topic", "Event"}
    assert not any(schema["nodes"].values())
    assert not any(schema["documents"].values())
    assert "date" in schema["properties"]["Event"]
    [works] = [one for one in schema["relationships"] if one["type"] == "WORKS_FOR"]
    assert (works["start"], works["end"]) == ("Person", "Organization")
    assert "role" in works["properties"]
    assert "(:Document)-[:MENTIONS]->(:Topic)" in schema["text"]


async def test_the_schema_counts_what_was_read(read: Api) -> None:
    """How many nodes of each label, and how far the documents are."""
    schema = await read.get("/v1/graph/schema")
    assert schema["nodes"]["Document"] == 2
    assert schema["nodes"]["Person"] >= 2
    assert schema["nodes"]["Organization"] >= 2
    assert sum(schema["documents"].values()) == 2  # one may be read again, for a name in the other
    assert schema["documents"]["done"] == schema["documents"]["failed"] == 0


async def test_somebody_is_shown_by_a_part_of_the_name(read: Api) -> None:
    """Where she works, the documents that she wrote or that name her, and what else these speak of."""
    shown = await read.get("/v1/graph/show", params={"name": "dubois"})
    assert shown["entity"] == {"label": "Person", "name": "Claire Dubois", "key": "claire dubois", "date": ""}
    [work] = shown["works_for"]
    assert (work["organization"], work["role"]) == ("Valombre Cooperative Ltd", "Treasurer")
    ties = {(one["document"], one["relationship"]) for one in shown["documents"]}
    assert {("minutes", "WRITTEN_BY"), ("The hubs", "WRITTEN_BY")} <= ties
    assert shown["document_count"] == 2
    beside = {(one["label"], one["name"]): one["documents"] for one in shown["beside"]}
    assert beside["Person", "Marc Petit"] == 2
    assert beside["Organization", "Harbourside Components Ltd"] == 2


async def test_an_organisation_is_shown_with_its_people(read: Api) -> None:
    """Case and accents do not matter."""
    shown = await read.get("/v1/graph/show", params={"name": "VALOMBRÉ cooperative"})
    assert shown["entity"]["label"] == "Organization"
    assert [one["person"] for one in shown["works_for"]] == ["Claire Dubois"]


async def test_an_event_has_its_date(read: Api) -> None:
    """As precise as it is known."""
    shown = await read.get("/v1/graph/show", params={"name": "assembly", "label": "Event"})
    assert shown["entity"]["date"] == "2026-04-14"


async def test_others_of_the_name_are_told(read: Api) -> None:
    """A part that several names hold: the one with the shortest is shown, the others are named."""
    shown = await read.get("/v1/graph/show", params={"name": "a"})
    names = [shown["entity"]["name"], *(one["name"] for one in shown["also"])]
    assert {"Marc Petit", "Claire Dubois"} <= set(names)
    assert shown["entity"] not in shown["also"]


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "holds nothing of this name"), ("fr", "n'a rien de ce nom")]
)
async def test_an_unknown_name(read: Api, lang: str, words: str) -> None:
    """Said in the person's language, whatever was asked for."""
    for name in ("Zebulon", "!!!", "' OR 1=1 //", "%", "\N{RIGHT-TO-LEFT OVERRIDE}", " "):
        response = await read.http.get(
            "/v1/graph/show", params={"name": name}, headers={"Accept-Language": lang}
        )
        status, code, message = failure(response)
        assert (status, code) == (404, "unknown_entity")
        assert words in message


async def test_the_label_narrows(read: Api) -> None:
    """Claire is nobody's topic; what is no label is refused."""
    found = await read.http.get("/v1/graph/show", params={"name": "Claire", "label": "Person"})
    assert found.json()["entity"]["name"] == "Claire Dubois"
    other = await read.http.get("/v1/graph/show", params={"name": "Claire", "label": "Organization"})
    assert failure(other)[0] == 404
    for params in ({"name": "Claire", "label": "Document"}, {"name": ""}, {"name": "a" * 201}, {}):
        response = await read.http.get("/v1/graph/show", params=params)
        assert failure(response)[:2] == (422, "invalid_request")


async def test_a_forgotten_document_is_not_shown(read: Api) -> None:
    """What only it said is gone from the graph as well."""
    assert len(await rows(read, "MATCH (:Person)-[w:WORKS_FOR]->() RETURN w.role")) == 1
    documents = (await read.get("/v1/documents"))["documents"]
    [letter] = [one["document_id"] for one in documents if one["title"] == "The hubs"]
    await read.http.delete(f"/v1/documents/{letter}")
    response = await read.http.get("/v1/graph/show", params={"name": "Valombre Cooperative"})
    assert failure(response)[0] == 404
    assert await rows(read, "MATCH (:Person)-[w:WORKS_FOR]->() RETURN w.role") == []


async def test_a_query_has_its_rows(read: Api) -> None:
    """Values as JSON has them; nodes, relationships and paths with label, type and properties."""
    cypher = "MATCH (d:Document)-[r:RELATED_TO]->(e:Event) RETURN d.name AS d, r, e, 1.5 AS n, null AS no"
    found = await read.post("/v1/graph/query", {"cypher": cypher})
    assert (found["columns"], found["cut"]) == (["d", "r", "e", "n", "no"], False)
    [[title, relationship, event, *plain]] = found["rows"]
    assert (title, plain) == ("minutes", [1.5, None])
    assert relationship["type"] == "RELATED_TO"
    assert (event["label"], event["date"]) == ("Event", "2026-04-14")
    assert "user" not in {*relationship, *event}
    [[path]] = await rows(read, "MATCH p = (:Document)-[:RELATED_TO]->(:Event) RETURN p")
    assert [one.get("label") or one.get("type") for one in path] == ["Document", "RELATED_TO", "Event"]


async def test_nothing_found_is_no_failure(read: Api) -> None:
    """No rows, and the columns that were asked for."""
    found = await read.post("/v1/graph/query", {"cypher": "MATCH (p:Person {key: 'x'}) RETURN p.name"})
    assert found == {"columns": ["p.name"], "rows": [], "cut": False}


async def test_many_rows_are_cut(api: Api) -> None:
    """Fifty at most, and 32,000 bytes; that there is more is said."""
    found = await api.post("/v1/graph/query", {"cypher": "UNWIND range(1, 51) AS n RETURN n"})
    assert (len(found["rows"]), found["cut"]) == (50, True)
    found = await api.post("/v1/graph/query", {"cypher": "UNWIND range(1, 50) AS n RETURN n"})
    assert (len(found["rows"]), found["cut"]) == (50, False)


async def test_a_query_that_does_not_only_read_is_refused(read: Api) -> None:
    """The rule and a sentence, in both languages; the graph is as it was."""
    count = "MATCH (n) RETURN count(n)"
    before = await rows(read, count)
    for cypher, rule in REFUSED.items():
        status, code, english = failure(await ask(read, cypher, **{"Accept-Language": "en"}))
        assert (status, code) == (422, "query_not_run")
        assert english.startswith(f"The query was refused ({rule}): ")
        french = failure(await ask(read, cypher, **FRENCH))[2]
        assert french == f"La requête est refusée ({rule}) : {REFUSALS_IN_FRENCH[rule]}"
    assert await rows(read, count) == before


def test_every_rule_is_told_in_french() -> None:
    """A rule that is added to the guard needs its sentence."""
    assert set(REFUSALS_IN_FRENCH) == set(get_args(Rule))


async def test_a_query_that_the_engine_cannot_run(api: Api) -> None:
    """What the engine says of it, in one line without a trace of its insides."""
    status, code, message = failure(await ask(api, "RETURN 1 / 0 AS n", **{"Accept-Language": "en"}))
    assert (status, code) == (422, "query_not_run")
    assert message.startswith("The query failed: ")
    assert "Exception" not in message
    french = failure(await ask(api, "RETURN 1 / 0 AS n", **FRENCH))[2]
    assert french.startswith("La requête n'a pas pu être exécutée : ")
    assert "The query" not in french


async def test_a_query_that_takes_too_long_is_left(api: Api) -> None:
    """After two seconds; then others are answered as before."""
    status, _, message = failure(await ask(api, ENDLESS, **{"Accept-Language": "fr"}))
    assert status == 422
    assert "n'a pas fini à temps" in message
    assert await rows(api, "RETURN 1 AS one") == [[1]]


@pytest.mark.parametrize("body", [{}, {"cypher": ""}, {"cypher": "x" * 4001}, {"cypher": 1}, [], {"q": "x"}])
async def test_bodies_that_are_no_query(api: Api, body: Any) -> None:
    """One line says what is wrong."""
    response = await api.http.post("/v1/graph/query", json=body)
    assert failure(response)[:2] == (422, "invalid_request")


@pytest.fixture
async def away(settings: Settings) -> AsyncIterator[Api]:
    """A Souvenir whose graph cannot be opened: somebody else holds it."""
    async with opened(settings):
        pass
    async with open_arcadedb(settings.data_dir / "knowledge", clock=utc_now), opened(settings) as (one, _):
        yield one


async def test_a_graph_that_does_not_answer(away: Api) -> None:
    """All three say so with the reason, in the person's language."""
    told = [
        await away.http.get("/v1/graph/schema", headers=FRENCH),
        await away.http.get("/v1/graph/show", params={"name": "Claire"}, headers=FRENCH),
        await ask(away, "RETURN 1 AS one", **FRENCH),
    ]
    for response in told:
        status, code, message = failure(response)
        assert (status, code) == (503, "knowledge_unavailable")
        assert message.startswith("Le graphe de connaissances ne répond pas (")
        assert "()" not in message


async def test_the_other_memories_go_on_without_the_graph(away: Api) -> None:
    """Documents are stored and found; only the graph waits, and the ledger says why."""
    await away.upload(("minutes.vtt", MINUTES.encode()))
    found = await away.get("/v1/recall", params={"query": "hubs"})
    assert found["passages"]
    [document] = (await away.get("/v1/documents"))["documents"]
    assert document["projections"]["knowledge"]["state"] == "pending"
