"""The composition root: the one place that chooses backends and opens them.

Everything is opened once per process, in one stack, from one frozen `Settings`.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from langchain_core.tools import BaseTool

from graphs.agent.graph import build_agent
from graphs.agent.nodes import AgentNodes
from graphs.agent.speaking import Speaker
from graphs.extraction.reading.reader import open_rules_reader
from graphs.forgetting import Forgetter
from graphs.ingestion.graph import build_ingestion
from graphs.ingestion.ingestor import Ingestor
from graphs.ingestion.knowledge.resources import Understanding
from graphs.ingestion.nodes import IngestionNodes
from graphs.ingestion.parsing.client import ParserPool, open_parser_pool
from graphs.ingestion.projector import Projector, running
from graphs.ingestion.rebuilding import requeue
from graphs.ingestion.vectors import BATCH
from graphs.models.cached_answers import CachedAnswers
from graphs.models.embedding.ollama import OllamaEmbedder
from graphs.models.router import Router
from graphs.models.routes import Routes, load_routes
from memory.archive.archive import Archive, open_archive
from memory.knowledge.deferred import DeferredGraph
from memory.knowledge.named import DEADLINE_SECONDS, NamedPassages
from memory.knowledge.reader import GraphReader
from memory.long_term.edge import EdgeIndex, open_edge_index
from memory.long_term.recall import Recall
from memory.short_term.lease import Lease
from memory.short_term.protocol import SessionStore
from memory.shortcut import Shortcut
from server.knowledge import open_knowledge, resume_knowledge, unlooked
from server.models import Models, open_models
from server.sessions import ShortTerm, open_short_term
from server.settings import Settings
from server.turns import Checkpoints, Execution, Place, TurnRunner
from tools.context import TurnContext
from tools.knowledge_graph import GRAPH_TOOLS
from tools.knowledge_graph.query import QUERY_GRAPH, query_tool
from tools.knowledge_graph.tools import graph_tools
from tools.read_document import read_document_tool
from tools.search_memory import search_memory_tool

PARSER_WORKERS = 2
PARSER_MEMORY = 2 * 1024**3
"""Bytes of address space for one parser: far above honest documents, far below the machine's."""
PARSER_SECONDS = 120.0


@dataclass(frozen=True)
class Services:
    """Everything that the doors use, opened."""

    settings: Settings
    archive: Archive
    index: EdgeIndex
    recall: Recall
    sessions: SessionStore
    lease: Lease
    projector: Projector
    ingestor: Ingestor
    forgetter: Forgetter
    routes: Routes
    router: Router
    embedder: OllamaEmbedder | None
    answers: CachedAnswers | None
    graph: DeferredGraph
    graph_reader: GraphReader
    nodes: AgentNodes
    turns: TurnRunner
    checkpoints: Checkpoints
    clock: Callable[[], datetime]


def utc_now() -> datetime:
    """Return the time, aware, in UTC."""
    return datetime.now(UTC)


@asynccontextmanager
async def open_services(
    settings: Settings,
    *,
    clock: Callable[[], datetime] = utc_now,
    shortcuts: bool = True,
    graph_seconds: float = DEADLINE_SECONDS,
) -> AsyncIterator[Services]:
    """Open every part of Souvenir on the settings' data folder, which the caller must own.

    Without `shortcuts` nothing is read on the event loop, however quick it is. `graph_seconds` is how long a
    question waits for the knowledge graph.

    Raises the named errors of the storeys: `RoutesError`, `ArchiveError`, `IndexUnavailable`,
    `ShortTermUnavailable`.
    """
    routes = load_routes(settings.models_file)
    async with AsyncExitStack() as stack:
        stores = await _stores(settings, clock, stack, shortcuts=shortcuts)
        models = await open_models(settings, routes, stores.archive, clock, stack)
        projector = await _projector(settings, routes, stores, models, stack)
        parsers = await stack.enter_async_context(_parsers())
        graph_reader = GraphReader(stores.graph)
        named = NamedPassages(graph_reader, graph_seconds)
        recall = Recall(stores.index, stores.archive, clock, models.logged, named=named)
        speaker = Speaker(models.router, clock, quiet=models.quiet)
        nodes = _nodes(stores, recall, speaker, clock, projector, graph_reader)
        turns = _turns(settings, stores, nodes)
        stack.push_async_callback(turns.finish)
        ingestion = build_ingestion(IngestionNodes(stores.archive, parsers, projector, clock))
        yield Services(
            settings=settings,
            archive=stores.archive,
            index=stores.index,
            recall=nodes.recall_service,
            sessions=stores.short_term.sessions,
            lease=stores.short_term.lease,
            projector=projector,
            ingestor=Ingestor(ingestion, stores.archive, projector),
            forgetter=Forgetter(stores.archive, projector, stores.short_term.lease, stores.graph),
            routes=routes,
            router=models.router,
            embedder=models.embedder,
            answers=models.answers,
            graph=stores.graph,
            graph_reader=graph_reader,
            nodes=nodes,
            turns=turns,
            checkpoints=Checkpoints(stores.archive, [store for store, _ in stores.short_term.stores]),
            clock=clock,
        )


@dataclass(frozen=True)
class _Stores:
    """What memory is kept in."""

    archive: Archive
    index: EdgeIndex
    short_term: ShortTerm
    graph: DeferredGraph


async def _stores(
    settings: Settings, clock: Callable[[], datetime], stack: AsyncExitStack, *, shortcuts: bool
) -> _Stores:
    """Open the stores, and take up what an earlier owner left; `stack` closes them."""
    folder = settings.data_dir
    archive = await stack.enter_async_context(
        open_archive(folder, clock=clock, shortcut=Shortcut(closed=not shortcuts))
    )
    index = await stack.enter_async_context(
        open_edge_index(folder / "recall", Shortcut(closed=not shortcuts))
    )
    short_term = await stack.enter_async_context(open_short_term(settings, clock))
    await _resume(archive, index)
    await resume_knowledge(settings, archive)
    graph = await stack.enter_async_context(open_knowledge(settings, clock))
    return _Stores(archive, index, short_term, graph)


async def _projector(
    settings: Settings, routes: Routes, stores: _Stores, models: Models, stack: AsyncExitStack
) -> Projector:
    """Return the projector, at work in the background until `stack` closes."""
    rules = await stack.enter_async_context(open_rules_reader())
    work = Projector(
        stores.archive,
        stores.index,
        stores.short_term.sessions,
        models.logged,
        routes.embedding.batch_size if routes.embedding else BATCH,
        Understanding(stores.graph, unlooked(settings), rules, models.reader),
        answers=models.answers.cache if models.answers else None,
    )
    return await stack.enter_async_context(running(work))


def _turns(settings: Settings, stores: _Stores, nodes: AgentNodes) -> TurnRunner:
    places = [
        Place(build_agent(nodes, store.saver), store, presence)
        for store, presence in stores.short_term.stores
    ]
    return TurnRunner(
        Execution(places, settings.kept_turns),
        stores.archive,
        stores.short_term.lease,
        nodes.speaker.stops,
        queues=settings.busy_thread == "queue",
    )


def _parsers() -> AbstractAsyncContextManager[ParserPool]:
    return open_parser_pool(workers=PARSER_WORKERS, memory_bytes=PARSER_MEMORY, seconds=PARSER_SECONDS)


def _nodes(
    stores: _Stores,
    recall: Recall,
    speaker: Speaker,
    clock: Callable[[], datetime],
    projector: Projector,
    graph_reader: GraphReader,
) -> AgentNodes:
    of_graph = (*graph_tools(graph_reader, recall), query_tool(graph_reader))
    return AgentNodes(
        archive=stores.archive,
        recall_service=recall,
        speaker=speaker,
        tools=(search_memory_tool(recall), read_document_tool(stores.archive), *of_graph),
        clock=clock,
        turn_committed=projector.wake,
        offers=partial(_offered, graph_reader),
    )


def _offered(graph: GraphReader, tool: BaseTool, user: str) -> bool:
    """Tell whether a model is offered a tool: those of the graph when it may hold something."""
    if tool.name not in GRAPH_TOOLS:
        return True
    return graph.is_worth_asking() and (tool.name != QUERY_GRAPH or graph.graph.alone(user))


async def _resume(archive: Archive, index: EdgeIndex) -> None:
    """Take up what an earlier owner left: its claims, and everything when the index starts anew."""
    async with archive.unit() as unit:
        await unit.ledger.release_all()
    if index.rebuilt:
        await requeue(archive, index)


def studio_nodes(services: Services) -> AgentNodes:
    """Return the agent's nodes for Studio, where a run without context belongs to the local user."""
    return replace(services.nodes, default_context=TurnContext(user=services.settings.local_user))
