"""Loading the models that are asked first, so that nobody waits for them."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

from graphs.models.checking.client import CONNECT_SECONDS, ollama_client, reason_of
from graphs.models.checking.presence import present
from graphs.models.routes import EmbeddingSpec, ModelSpec
from memory.long_term.errors import EmbedderUnavailable
from server.checking.listing import EMBEDDING, unreachable
from server.checking.places import Spec, key_of, place_of, server_of, silent
from server.checking.words import reason, say
from server.composition import Services
from server.settings import Lang

Event = dict[str, Any]


class NotLoaded(Exception):
    """A model could not be loaded; the message says why."""


async def warm(services: Services, tasks: Sequence[str], lang: Lang) -> AsyncIterator[Event]:
    """Load the first model of each task, each model once, one after the other."""
    wanted = _first_models(services, tasks)
    await services.router.look()
    if server := silent(services, [spec for spec, _ in wanted]):
        message = unreachable(services, server.url, lang)
        yield {"type": "error", "code": "ollama_unreachable", "message": message}
        return
    for spec, asked in wanted:
        yield {"type": "loading", "model": spec.model}
        yield {"type": "model", "model": spec.model, "tasks": asked, **await _warmed(services, spec, lang)}
    await services.router.look()


def _first_models(services: Services, tasks: Sequence[str]) -> list[tuple[Spec, list[str]]]:
    found: dict[tuple[str, str], tuple[Spec, list[str]]] = {}
    for task in tasks:
        spec: Spec | None = services.routes.embedding
        if task != EMBEDDING:
            spec = services.routes.chain(task)[0]  # type: ignore[arg-type]  # the request's own type says so
        if spec is not None:
            found.setdefault(key_of(services, spec), (spec, []))[1].append(task)
    return list(found.values())


async def _warmed(services: Services, spec: Spec, lang: Lang) -> Event:
    server = server_of(services, spec)
    if server is None or place_of(services, spec)["kind"] == "provider":
        return {"state": "elsewhere", "ms": None, "reason": None}
    held, begun = server.is_loaded(spec.name), time.monotonic()
    try:
        if (found := present(server, spec.name)).state == "failed":
            raise NotLoaded(say(found.code, lang, **found.values))
        if isinstance(spec, EmbeddingSpec):
            await _embed(services)
        else:
            await _load(spec, server.url)
    except NotLoaded as failure:
        return {"state": "failed", "ms": None, "reason": reason(str(failure), lang)}
    server.used(spec.name)
    took = round(1000 * (time.monotonic() - begun))
    return {"state": "held" if held else "loaded", "ms": took, "reason": None}


async def _load(spec: ModelSpec, url: str) -> None:
    """Have Ollama load a model as turns will ask for it: with another window it would load it anew."""
    limit = CONNECT_SECONDS + spec.budget.load
    try:
        async with asyncio.timeout(limit), ollama_client(url, limit) as client:
            await client.chat(spec.name, options={"num_ctx": spec.num_ctx}, keep_alive=spec.keep_alive)
    except Exception as error:  # of several libraries: told apart in one place, the unknown raised again
        if isinstance(error, TimeoutError):
            raise NotLoaded(f"not loaded within {spec.budget.load:g} s (budget.load)") from None
        if (why := reason_of(error)) is None:
            raise
        raise NotLoaded(why) from error


async def _embed(services: Services) -> None:
    assert services.embedder is not None  # the routes name one
    try:
        await services.embedder.embed_documents(())
    except EmbedderUnavailable as error:
        raise NotLoaded(str(error)) from error
