"""Documents on their way into the knowledge graph: by rules, by a model, through all that fails."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from graphs.extraction.reading.names import Names
from graphs.extraction.reading.reader import RulesReader
from graphs.extraction.reading.unread import NotRead
from graphs.extraction.unlooked import Unlooked
from graphs.ingestion.knowledge.resources import Understanding
from graphs.ingestion.projector import Projector
from memory.archive.entities import Chunk, Document, LedgerEntry
from memory.knowledge.checksum import checksum
from memory.knowledge.errors import KnowledgeUnavailable
from memory.knowledge.facts import RULES, DocumentFacts
from tests.graphs.agent.home import BIG, SMALL, Home, home, routes_file
from tests.memory.knowledge.graph_double import GraphDouble
from tests.ollama_double import Fault, OllamaDouble, Reply, ollama_double

SIGNED = "The lease was signed by Mrs Claire Dubois, treasurer of Boreas Shipping Ltd."
SURE = "The lease was signed by Mrs Zorvan Quimby, treasurer of Boreas Shipping Ltd."
NAMED = "Nobody expected it, but Zorvan Quimby stayed until the end of the winter."
"""Nothing here tells that this is a person."""


@pytest.fixture
async def double() -> AsyncIterator[OllamaDouble]:
    """An Ollama that reads documents, and finds nothing in them unless it is told to."""
    async with ollama_double(BIG, SMALL) as one:
        yield one


@pytest.fixture
async def at(double: OllamaDouble, tmp_path: Path) -> AsyncIterator[Home]:
    """A Souvenir whose documents are read by rules only."""
    async with home(tmp_path / "memory", double, routes_file(tmp_path, BIG)) as opened:
        yield opened


@pytest.fixture
async def reading(double: OllamaDouble, tmp_path: Path) -> AsyncIterator[Home]:
    """A Souvenir whose documents are read by a model too."""
    async with home(tmp_path / "memory", double, routes_file(tmp_path, BIG, extraction=True)) as opened:
        yield opened


async def row(at: Home, document: str) -> LedgerEntry:
    """What the ledger says of a document's part in the graph."""
    async with at.services.archive.read() as unit:
        return (await unit.ledger.states("local", "document", [document]))[document]["knowledge"]


async def names(at: Home, document: str) -> set[str]:
    """What the graph leads to from a document, by keys."""
    cypher = "MATCH (d:Document {user: $user, key: $key})-->(e) RETURN e.key AS key"
    return {str(one[0]) for one in (await at.services.graph.read("local", cypher, {"key": document})).rows}


async def test_rules_read_at_once(at: Home) -> None:
    """The ledger says `partial`, by what, and that no model is to follow."""
    document = await at.know(SIGNED)
    await at.understand()
    assert {"claire dubois", "boreas shipping ltd"} <= await names(at, document)
    found = await row(at, document)
    assert (found.state, found.reason) == (
        "partial",
        "read by rules; the routes name no model for extraction",
    )


async def test_a_model_reads_it_again(reading: Home, double: OllamaDouble) -> None:
    """Then it is `done`, every node says who read it, and nothing is asked twice."""
    said = {"people": [{"name": "Claire Dubois"}], "topics": [{"name": "lease"}]}
    double.reply(BIG, Reply(text=json.dumps(said), in_background=True))
    document = await reading.know(SIGNED)
    await reading.understand()
    assert await names(reading, document) == {"claire dubois", "lease"}
    assert (await row(reading, document)).state == "done"
    cypher = "MATCH (p:Person {user: $user}) RETURN p.extractor AS extractor"
    assert (await reading.services.graph.read("local", cypher)).rows == ((f"ollama:{BIG}",),)
    before = await checksum(reading.services.graph, "local")
    await again(reading, document)
    assert await checksum(reading.services.graph, "local") == before
    assert len(double.requests("/api/chat", in_background=True)) == 1


async def again(at: Home, document: str) -> None:
    """Have a document read once more."""
    async with at.services.archive.unit() as unit:
        await unit.ledger.enqueue("local", "document", document, "knowledge")
    await at.understand()


async def test_a_model_that_does_not_answer_is_waited_for(reading: Home, double: OllamaDouble) -> None:
    """The rules' part is there meanwhile, the ledger says why, and it is read when the model is back."""
    for model in (BIG, SMALL):
        double.fault(model, Fault("status"))
    document = await reading.know(SIGNED)
    assert await reading.services.projector.read_by_rules()
    assert not await reading.services.projector.read_by_model()
    found = await row(reading, document)
    assert found.state == "partial"
    assert found.reason
    assert found.reason.startswith("a model has not read it yet: ollama:")
    assert "boreas shipping ltd" in await names(reading, document)
    for model in (BIG, SMALL):
        double.fault(model)
    await reading.services.router.tend()
    await reading.understand()
    assert (await row(reading, document)).state == "done"


@pytest.mark.parametrize(
    "said",
    [
        "Once upon a time",
        '{"wizards": []}',
        '{"people": [{"name": "Jean Valjean"}]}',
        "{",
        '{"title": "Said"}',
    ],
)
async def test_what_a_model_makes_up_is_never_written(reading: Home, double: OllamaDouble, said: str) -> None:
    """Prose, invented labels and names, the schema: asked again once, then left out, counted and said."""
    double.reply(BIG, Reply(text=said, in_background=True))
    document = await reading.know(SIGNED)
    await reading.understand()
    found = await row(reading, document)
    assert found.state == "partial"
    assert "1 of 1 parts could not be read" in (found.reason or "")
    assert len(double.requests("/api/chat", in_background=True)) == 2
    assert {"claire dubois", "boreas shipping ltd"} <= await names(reading, document)


async def test_names_that_become_known_later_are_found_too(at: Home) -> None:
    """Whichever document comes first, the graph ends the same."""
    first = await at.know(NAMED, title="Named")
    await at.understand()
    assert "zorvan quimby" not in await names(at, first)
    await at.know(SURE, title="Signed")
    await at.understand()
    await at.understand()  # the second look had it read again
    assert "zorvan quimby" in await names(at, first)


async def test_a_second_look_outlives_the_process(double: OllamaDouble, tmp_path: Path) -> None:
    """Cut off before it, the next start makes up for it."""
    routes = routes_file(tmp_path, BIG)
    async with home(tmp_path / "memory", double, routes) as at:
        first = await at.know(NAMED, title="Named")
        await at.understand()
        await at.know(SURE, title="Signed")
        await at.understand()
        async with at.services.archive.read() as unit:
            assert await unit.documents.known("local", [first])
    await Unlooked(tmp_path / "memory" / "knowledge" / "unlooked.json").add("local")
    async with home(tmp_path / "memory", double, routes) as at:
        await at.understand()
        await at.understand()
        assert "zorvan quimby" in await names(at, first)
    assert not await Unlooked(tmp_path / "memory" / "knowledge" / "unlooked.json").users()


async def test_what_is_forgotten_leaves_no_name_in_any_file(at: Home, tmp_path: Path) -> None:
    """Nor in the indexes and logs of the engine."""
    document = await at.know("Mrs Zenobia Quillfeather signed for Quillfeather Ltd.")
    await at.understand()
    folder = tmp_path / "memory" / "knowledge"
    assert holding(folder, b"quillfeather")
    assert await at.services.forgetter.document("local", document)
    assert not holding(folder, b"quillfeather")


def holding(folder: Path, word: bytes) -> list[Path]:
    """The files that hold a word, whatever the case."""
    return [one for one in folder.rglob("*") if one.is_file() and word in one.read_bytes().lower()]


async def test_another_engine_is_filled_from_the_archive(double: OllamaDouble, tmp_path: Path) -> None:
    """When the graph that was filled is not the one that is opened, everything is read again."""
    routes = routes_file(tmp_path, BIG)
    async with home(tmp_path / "memory", double, routes) as at:
        document = await at.know(SIGNED)
        await at.understand()
    (tmp_path / "memory" / "knowledge" / "home.json").write_text('{"backend": "another"}')
    async with home(tmp_path / "memory", double, routes) as at:
        await at.understand()
        assert "boreas shipping ltd" in await names(at, document)


def projector(at: Home, graph: GraphDouble, tmp_path: Path) -> Projector:
    """One that fills a graph of the test's own."""
    services = at.services
    given = services.projector.understanding
    assert given
    work = Understanding(graph, Unlooked(tmp_path / "unlooked.json"), given.rules)
    return Projector(services.archive, services.index, services.sessions, understanding=work)


async def test_a_graph_that_does_not_answer_is_waited_for(at: Home, tmp_path: Path) -> None:
    """The ledger keeps the document with the reason; erasing waits too; both are done when it is back."""
    graph = GraphDouble()
    graph.error = KnowledgeUnavailable("connection refused")
    document = await at.know(SIGNED)
    await at.understand()
    mine = projector(at, graph, tmp_path)
    async with at.services.archive.unit() as unit:
        await unit.ledger.enqueue("local", "document", document, "knowledge")
        await unit.ledger.enqueue("local", "document", "gone", "knowledge", "erase")
    assert not await mine.read_by_rules()
    assert not await mine.erase_from_graph()
    found = await row(at, document)
    assert (found.state, found.reason) == ("pending", "connection refused")
    graph.error = None
    assert await mine.read_by_rules()
    assert graph.held[document].extractor == RULES
    assert (await row(at, document)).state == "partial"


async def test_a_graph_that_hangs_holds_up_neither_words_nor_the_end(at: Home, tmp_path: Path) -> None:
    """What is found by its words is found, and whoever stops waiting leaves no claim behind."""
    graph = GraphDouble()
    graph.hangs = True
    document = await at.know(SIGNED)
    await at.understand()
    mine = projector(at, graph, tmp_path)
    await again_pending(at, document)
    stuck = asyncio.create_task(mine.read_by_rules())
    await graph.was_asked.wait()
    assert await mine.catch_up()
    stuck.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stuck
    graph.hangs = False
    assert await mine.read_by_rules()
    assert document in graph.held


async def again_pending(at: Home, document: str) -> None:
    """Ask for a document to be read once more."""
    async with at.services.archive.unit() as unit:
        await unit.ledger.enqueue("local", "document", document, "knowledge")


class Unable(RulesReader):
    """Rules that can read nothing."""

    async def read(
        self, document: Document, chunks: Sequence[Chunk], names: Names | None = None
    ) -> DocumentFacts:
        """Say so."""
        raise NotRead("it takes more than 60 s")


async def test_what_rules_cannot_read_is_said(at: Home, tmp_path: Path) -> None:
    """The document is in the graph, without what it speaks of; the ledger does not claim to have read it."""
    graph = GraphDouble()
    document = await at.know(SIGNED)
    await at.understand()
    await again_pending(at, document)
    work = Understanding(graph, Unlooked(tmp_path / "unlooked.json"), Unable())
    services = at.services
    mine = Projector(services.archive, services.index, services.sessions, understanding=work)
    assert await mine.read_by_rules()
    assert graph.held[document].links == ()
    found = await row(at, document)
    assert (found.state, found.reason) == ("partial", "rules could not read it: it takes more than 60 s")


async def test_it_waits_while_documents_are_coming(at: Home, tmp_path: Path) -> None:
    """Finding them comes first."""
    graph = GraphDouble()
    document = await at.know(SIGNED)
    await at.understand()
    mine = projector(at, graph, tmp_path)
    await again_pending(at, document)
    with mine.bulk():
        reading = asyncio.create_task(mine.read_by_rules())
        assert await mine.catch_up()
        assert not graph.asked
    assert await reading
    assert document in graph.held
