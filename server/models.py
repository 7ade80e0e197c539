"""The models of the routes, opened for the composition root: which class, which server, which key."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec

from graphs.extraction.model import ModelReader
from graphs.models.cached_answers import CachedAnswers
from graphs.models.call_log import CallLog, open_call_log
from graphs.models.chat import ChatModel
from graphs.models.embedding.logged import LoggedEmbedder
from graphs.models.embedding.ollama import OllamaEmbedder, open_embedder
from graphs.models.ollama_chat import OllamaChat
from graphs.models.ollama_json import OllamaJson
from graphs.models.other_chat import OtherChat
from graphs.models.other_json import OtherJson
from graphs.models.quiet import Quiet
from graphs.models.router import Router, running
from graphs.models.routes import PROVIDERS, ModelSpec, Routes, refuse_abroad
from graphs.models.servers import OllamaServer
from graphs.models.structured_calls import JsonModel, StructuredCalls
from graphs.models.token_counts import TokenCounts
from memory.archive.archive import Archive
from server.answers import open_answers
from server.settings import Settings

OLLAMA = "ollama"


@dataclass(frozen=True)
class Models:
    """What is said to models, and by whom."""

    embedder: OllamaEmbedder | None
    logged: LoggedEmbedder | None
    router: Router
    quiet: Quiet
    reader: ModelReader | None
    answers: CachedAnswers | None


async def open_models(
    settings: Settings,
    routes: Routes,
    archive: Archive,
    clock: Callable[[], datetime],
    stack: AsyncExitStack,
) -> Models:
    """Make ready to ask the models of the routes, connecting to none; `stack` closes their connections."""
    embedder = None
    if routes.embedding is not None:
        opening = open_embedder(routes.embedding, settings.ollama_url)
        embedder = await stack.enter_async_context(opening)
    calls = await stack.enter_async_context(open_call_log(archive, settings.local_user, clock))
    router = await stack.enter_async_context(open_router(settings, routes))
    if embedder is not None:
        router.on_displaced(settings.ollama_url, embedder.give_way)
    logged = LoggedEmbedder(embedder, calls) if embedder else None
    answers = await open_answers(settings, logged, stack)
    quiet, reader = Quiet(), None
    if routes.chain("extraction"):
        asking = structured_calls(settings, router, calls, quiet, stack, answers)
        reader = ModelReader(asking, archive)
    return Models(embedder, logged, router, quiet, reader, answers)


@asynccontextmanager
async def open_router(settings: Settings, routes: Routes) -> AsyncIterator[Router]:
    """Yield the router; it looks after the models in the background, and connects to nothing before that.

    Raises `RoutesError` for a model that would leave this machine unasked, or that lacks what it needs.
    """
    refuse_abroad(
        routes,
        offline=settings.offline,
        has_key=settings.provider_keys.__contains__,
        installed_package=_is_installed,
        ollama_url=settings.ollama_url,
    )

    counts = TokenCounts()

    def address(spec: ModelSpec) -> str:
        return spec.base_url or (settings.ollama_url if spec.provider == OLLAMA else "")

    def make(spec: ModelSpec) -> ChatModel:
        if spec.provider == OLLAMA:
            return OllamaChat(spec, address(spec), counts)
        return OtherChat(spec, _key(settings, spec), counts)

    on_ollama = {address(spec) for _, _, spec in routes.entries() if spec.provider == OLLAMA}
    servers = {url: OllamaServer(url) for url in sorted(on_ollama | {settings.ollama_url})}
    async with running(Router(routes, make, servers, address, counts)) as router:
        yield router


def structured_calls(
    settings: Settings,
    router: Router,
    log: CallLog,
    quiet: Quiet,
    stack: AsyncExitStack,
    answers: CachedAnswers | None = None,
) -> StructuredCalls:
    """Return the way to ask models for values of a schema; `stack` closes its connections."""

    def make(spec: ModelSpec, model: ChatModel) -> JsonModel:
        if spec.provider == OLLAMA:
            return OllamaJson(spec, settings.ollama_url, router.counts)
        return OtherJson(model)

    calls = StructuredCalls(router, make, log, quiet, answers)
    stack.push_async_callback(calls.aclose)
    return calls


def _key(settings: Settings, spec: ModelSpec) -> str | None:
    names = PROVIDERS[spec.provider].keys
    return next((settings.provider_keys[name] for name in names if name in settings.provider_keys), None)


def _is_installed(package: str) -> bool:
    return find_spec(package.replace("-", "_")) is not None
