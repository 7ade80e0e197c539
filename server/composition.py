"""The composition root: the one place that chooses backends and opens them.

Everything is opened once per process, in one stack, from one frozen `Settings`.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from langgraph.checkpoint.base import BaseCheckpointSaver

from graphs.agent.graph import build_agent
from graphs.agent.nodes import AgentNodes
from graphs.forgetting import Forgetter
from graphs.ingestion.graph import build_ingestion
from graphs.ingestion.ingestor import Ingestor
from graphs.ingestion.nodes import IngestionNodes
from graphs.ingestion.parsing.client import open_parser_pool
from graphs.ingestion.projector import Projector, running
from graphs.ingestion.rebuilding import requeue
from graphs.models.chat import ChatModel, OllamaChat
from graphs.models.routes import Routes, load_routes
from memory.archive.archive import Archive, open_archive
from memory.long_term.edge import EdgeIndex, open_edge_index
from memory.long_term.recall import Recall
from memory.short_term.lease import Lease, ProcessLease
from memory.short_term.retention import expire
from memory.short_term.sqlite import open_checkpointer
from server.settings import Settings
from server.turns import TurnRunner
from tools.context import TurnContext
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
    checkpointer: BaseCheckpointSaver[str]
    lease: Lease
    projector: Projector
    ingestor: Ingestor
    forgetter: Forgetter
    routes: Routes
    nodes: AgentNodes
    turns: TurnRunner
    clock: Callable[[], datetime]


def utc_now() -> datetime:
    """Return the time, aware, in UTC."""
    return datetime.now(UTC)


@asynccontextmanager
async def open_services(
    settings: Settings, *, clock: Callable[[], datetime] = utc_now
) -> AsyncIterator[Services]:
    """Open every part of Souvenir on the settings' data folder, which the caller must own.

    Raises the named errors of the storeys: `RoutesError`, `ArchiveError`, `IndexUnavailable`,
    `ShortTermUnavailable`.
    """
    routes = load_routes(settings.models_file)
    folder = settings.data_dir
    async with AsyncExitStack() as stack:
        archive = await stack.enter_async_context(open_archive(folder, clock=clock))
        index = await stack.enter_async_context(open_edge_index(folder / "recall"))
        checkpointer = await stack.enter_async_context(open_checkpointer(folder))
        parsers = await stack.enter_async_context(
            open_parser_pool(workers=PARSER_WORKERS, memory_bytes=PARSER_MEMORY, seconds=PARSER_SECONDS)
        )
        await _resume(archive, index)
        await expire(checkpointer, clock() - timedelta(seconds=settings.session_ttl))
        projector = await stack.enter_async_context(running(Projector(archive, index, checkpointer)))
        models = _models(routes, settings, stack)
        nodes = _nodes(archive, Recall(index, archive), models, clock, projector)
        lease = ProcessLease()
        turns = TurnRunner(agent=build_agent(nodes, checkpointer), archive=archive, lease=lease)
        stack.push_async_callback(turns.finish)
        ingestion = build_ingestion(IngestionNodes(archive, parsers, projector, clock))
        yield Services(
            settings=settings,
            archive=archive,
            index=index,
            recall=nodes.recall_service,
            checkpointer=checkpointer,
            lease=lease,
            projector=projector,
            ingestor=Ingestor(ingestion),
            forgetter=Forgetter(archive, projector, lease),
            routes=routes,
            nodes=nodes,
            turns=turns,
            clock=clock,
        )


def _models(routes: Routes, settings: Settings, stack: AsyncExitStack) -> tuple[ChatModel, ...]:
    """Return the chat models of the route, in order; `stack` closes their connections."""
    models = tuple(OllamaChat(spec, settings.ollama_url) for spec in routes.chat)
    for model in models:
        stack.push_async_callback(model.aclose)
    return models


def _nodes(
    archive: Archive,
    recall: Recall,
    models: Sequence[ChatModel],
    clock: Callable[[], datetime],
    projector: Projector,
) -> AgentNodes:
    return AgentNodes(
        archive=archive,
        recall_service=recall,
        models=models,
        tools=(search_memory_tool(recall), read_document_tool(archive)),
        clock=clock,
        turn_committed=projector.wake,
    )


async def _resume(archive: Archive, index: EdgeIndex) -> None:
    """Take up what an earlier owner left: its claims, and everything when the index starts anew."""
    async with archive.unit() as unit:
        await unit.ledger.release_all()
    if index.rebuilt:
        await requeue(archive, index)


def studio_nodes(services: Services) -> AgentNodes:
    """Return the agent's nodes for Studio, where a run without context belongs to the local user."""
    return replace(services.nodes, default_context=TurnContext(user=services.settings.local_user))
