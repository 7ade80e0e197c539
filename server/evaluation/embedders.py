"""The embedder of an evaluation: the one that the settings name, when it answers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from graphs.models.embedding.ollama import open_embedder
from graphs.models.routes import load_routes
from memory.long_term.embedding import Embedder
from memory.long_term.errors import EmbedderUnavailable
from server.settings import Settings


@dataclass(frozen=True, slots=True)
class Reached:
    """An embedder that has answered, or None: then words alone are measured."""

    embedder: Embedder | None
    degraded: list[dict[str, str]] = field(default_factory=list)
    """Why there is none: component and reason, as in the API."""


@asynccontextmanager
async def reach(settings: Settings) -> AsyncIterator[Reached]:
    """Ask the embedder of the settings, once; raises `RoutesError` when the models file cannot be used."""
    route = load_routes(settings.models_file).embedding
    if route is None:
        yield Reached(None, [{"component": "dense", "reason": "the models file names no embedding model"}])
        return
    async with open_embedder(route, settings.ollama_url) as embedder:
        try:
            await embedder.ping()
        except EmbedderUnavailable as error:
            reached = Reached(None, [{"component": route.model, "reason": str(error)}])
        else:
            reached = Reached(embedder)
        yield reached
