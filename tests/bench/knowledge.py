"""How fast the knowledge graph takes documents in and answers, on both engines: `--only knowledge`.

The documents are made up: four people, two organisations, three topics and an event each, drawn with long
tails, so that a few names are in very many documents. What is asked about is drawn from the documents too:
names come up in questions as often as in documents, those that everything speaks of among them.
"""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from functools import partial
from pathlib import Path

import psutil

from memory.archive.archive import open_archive
from memory.archive.entities import Chunk, Document
from memory.knowledge.arcadedb import open_arcadedb
from memory.knowledge.errors import KnowledgeError, KnowledgeUnavailable
from memory.knowledge.facts import DocumentFacts
from memory.knowledge.named import NamedPassages
from memory.knowledge.neo4j import open_neo4j
from memory.knowledge.protocol import KnowledgeGraph, Limits
from memory.knowledge.reader import GraphReader
from memory.long_term.edge import open_edge_index
from memory.long_term.entries import Question
from memory.long_term.passages import document_entries
from memory.long_term.recall import Recall
from server.composition import utc_now
from tests.bench.knowledge_recall import USER, World
from tests.bench.latency import RandomEmbedder, Writer
from tests.services import neo4j, neo4j_jars
from tests.services.missing import Missing
from tools.knowledge_graph import nodes, templates

ASKED = 200
_WARM = 20
_GROUP = 100
_TO_OPEN = 60.0
_MOST_SECONDS = 30.0
"""For one kind of question: what is so slow is asked less often."""


Probe = Callable[[KnowledgeGraph, World], Awaitable[object]]


def _cypher(pattern: str, returned: str) -> Probe:
    """Return a probe of a pattern that starts at a person, `p`."""
    cypher = f"MATCH (p:Person {{user: $user, key: $key}}) WITH p MATCH (p){pattern} RETURN {returned}"
    return lambda graph, world: graph.read(
        USER, cypher, {"key": world.asked("Person").key}, limits=Limits(seconds=10)
    )


PROBES: dict[str, Probe] = {
    "one hop: a person's documents": _cypher("<--(d:Document)", "d.name ORDER BY d.name LIMIT 20"),
    "two hops: what they speak of": _cypher(
        "<--(d:Document)-->(t:Topic)", "t.name AS name, count(*) AS times ORDER BY times DESC, name LIMIT 10"
    ),
    "two hops: colleagues": _cypher(
        "-[:WORKS_FOR]->(:Organization)<-[:WORKS_FOR]-(q:Person)", "q.name ORDER BY q.key LIMIT 20"
    ),
    "four hops: who else writes on these topics": _cypher(
        "<--(:Document)-->(:Topic)<--(e:Document)-[:WRITTEN_BY]->(q:Person)", "e.name, q.name LIMIT 20"
    ),
    "find, the whole name": lambda graph, world: nodes.find(graph, USER, world.asked("Person").name),
    "find, a part of it": lambda graph, world: nodes.find(
        graph, USER, world.asked("Person").name.split()[-1]
    ),
    "employers": lambda graph, world: templates.employers(graph, USER, world.asked("Organization")),
    "documents": lambda graph, world: templates.documents(graph, USER, world.asked("Person")),
    "beside": lambda graph, world: templates.beside(graph, USER, world.asked("Person")),
    "path": lambda graph, world: templates.path(graph, USER, world.asked("Person"), world.asked("Person")),
    "events, of a person": lambda graph, world: templates.events(
        graph, USER, world.asked("Person"), "2016", "2022~"
    ),
    "events, of a year": lambda graph, world: templates.events(
        graph, USER, None, year := world.asked("Event").date[:4], f"{year}~"
    ),
    "recall's leg": lambda graph, world: NamedPassages(GraphReader(graph), 10).passages(
        USER, world.question()
    ),
}
Opening = Callable[[], AbstractAsyncContextManager[KnowledgeGraph]]


Measured = tuple[str, str, dict[str, str]]
"""Of an engine: its name, a row about the whole, and a cell for each kind of question."""


async def section() -> str:
    """Fill both engines, ask them, and return the tables."""
    world = World()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name, "arcadedb")
        opening = partial(open_arcadedb, folder, clock=utc_now)
        found = [await _measured("ArcadeDB", opening, psutil.Process(), folder, world)]
        async with opening() as graph:
            recalled = await _recall(graph, world)
        missing = _without_server()
        if missing is None:
            found.append(await _server(Path(name, "neo4j"), world))
    engines = [engine for engine, _, _ in found]
    lines = [
        world.described(),
        "",
        "| | documents/s | openings (s) | on disk (MiB) | RSS before, open, filled, asked (MiB) |",
        "|---|---|---|---|---|",
        *(row for _, row, _ in found),
        *([f"| Neo4j | not measured: {missing} |"] if missing else []),
        "",
        f"| p50, p95 of {ASKED} (ms) | {' | '.join(engines)} |",
        f"|---|{'---|' * len(engines)}",
        *(f"| {probe} | {' | '.join(cells[probe] for _, _, cells in found)} |" for probe in PROBES),
        "",
        recalled,
        f"load at the end: {psutil.getloadavg()[0]:.1f} on {psutil.cpu_count()} cores",
    ]
    return "\n".join(lines)


def _without_server() -> str | None:
    """Return what is missing for a Neo4j of our own; None when nothing is."""
    try:
        neo4j_jars.java()
        neo4j_jars.jars()
    except Missing as missing:
        return str(missing)
    return None


async def _server(folder: Path, world: World) -> Measured:
    folder.mkdir()
    with neo4j.own_server(folder) as (server, _):
        opening = partial(open_neo4j, server.uri, server.username, server.password, clock=utc_now)
        return await _measured("Neo4j", opening, psutil.Process(server.pid), folder / "data", world)


async def _measured(
    engine: str, opening: Opening, process: psutil.Process, files: Path, world: World
) -> Measured:
    memory = [process.memory_info().rss]
    begun = time.perf_counter()
    async with opening() as graph:
        await _ready(graph)
        opened = time.perf_counter() - begun
        memory.append(process.memory_info().rss)
        begun = time.perf_counter()
        for start in range(0, len(world.documents), _GROUP):
            await graph.put(world.documents[start : start + _GROUP])
        rate = len(world.documents) / (time.perf_counter() - begun)
        memory.append(process.memory_info().rss)
        cells = {name: await _asked(probe, graph, world) for name, probe in PROBES.items()}
        memory.append(process.memory_info().rss)
    begun = time.perf_counter()
    async with opening() as graph:
        await templates.documents(graph, USER, world.asked("Person"))
        again = time.perf_counter() - begun
    size = sum(one.stat().st_size for one in files.rglob("*") if one.is_file())
    held = ", ".join(f"{one / 2**20:.0f}" for one in memory)
    row = f"| {engine} | {rate:.0f} | {opened:.1f}, {again:.2f} | {size / 2**20:.0f} | {held} |"
    return engine, row, cells


async def _ready(graph: KnowledgeGraph) -> None:
    """Wait for an engine that is still being prepared."""
    async with asyncio.timeout(_TO_OPEN):
        while True:
            with suppress(KnowledgeUnavailable):
                await graph.ping()
                return
            await asyncio.sleep(0.1)


async def _asked(probe: Probe, graph: KnowledgeGraph, world: World) -> str:
    """Ask in turn, after a few that warm it up; those that failed or were stopped count, and are told."""
    times: list[float] = []
    failed: list[str] = []
    begun = time.perf_counter()
    for number in range(_WARM + ASKED):
        started = time.perf_counter()
        try:
            await probe(graph, world)
        except KnowledgeError as error:
            failed.append(str(error))
        if number >= _WARM:
            times.append((time.perf_counter() - started) * 1000)
        if time.perf_counter() - begun > _MOST_SECONDS and len(times) > 1:
            break
    told = f" ({len(failed)} failed: {failed[0]})" if failed else ""
    return f"{percentiles(times)}{told}" + (f" (n = {len(times)})" if len(times) < ASKED else "")


def percentiles(times: list[float]) -> str:
    """Return median and 95th percentile as text."""
    return f"{statistics.median(times):.1f}, {statistics.quantiles(times, n=20)[18]:.1f}"


async def _recall(graph: KnowledgeGraph, world: World) -> str:
    """Return how long recall takes without and with the leg, in a memory of these documents.

    Their texts are made-up words around the names; questions too. The same ones are asked, in turn first
    without and first with; each has readings of its own, so that neither finds what the other has read.
    """
    told, embedder, writer = world.documents, RandomEmbedder(1), Writer(1)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        async with (
            open_archive(Path(folder), clock=utc_now) as archive,
            open_edge_index(Path(folder, "recall")) as index,
        ):
            for start in range(0, len(told), _GROUP):
                pairs = [_written(one, writer) for one in told[start : start + _GROUP]]
                async with archive.unit() as unit:
                    for document, chunks in pairs:
                        await unit.documents.put(document, chunks)
                entries = [entry for pair in pairs for entry in document_entries(*pair)]
                await index.upsert(entries, await embedder.embed_documents([one.text for one in entries]))
            await index.confirm()
            plain = Recall(index, archive, utc_now, embedder)
            named = NamedPassages(GraphReader(graph), 10)
            legged = Recall(index, archive, utc_now, embedder, named=named)
            times: tuple[list[float], list[float]] = ([], [])
            failed = 0
            for number in range(-_WARM, ASKED):
                text = f"{world.question()} {writer.sentence(6)}"
                for turn in (0, 1) if number % 2 else (1, 0):
                    started = time.perf_counter()
                    found = await (plain, legged)[turn].search(USER, Question(text, "en"))
                    if number >= 0:
                        times[turn].append((time.perf_counter() - started) * 1000)
                        failed += bool(found.degraded)
    without, beside = map(percentiles, times)
    return (
        f"recall, {len(told):,} passages (ms): without the leg {without}; with it {beside}; {failed} failed"
    )


def _written(told: DocumentFacts, writer: Writer) -> tuple[Document, list[Chunk]]:
    """Return a document of one passage that names all that its facts say."""
    now, drawn = utc_now(), random.Random(told.document_id)
    names = [link.entity.name for link in told.links]
    words = writer.sentence(80 - len(names)).split()
    for name in names:
        words.insert(drawn.randrange(len(words)), name)
    chunk = Chunk(told.first_chunk, told.document_id, told.user, 0, " ".join(words), "", told.lang)
    identity, kind = told.document_id, "text/plain"
    return Document(identity, USER, told.uri, told.title, kind, told.lang, "", 0, "", now, now, 1), [chunk]
