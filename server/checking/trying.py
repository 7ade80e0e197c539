"""Trying out every model of the routes: events while it goes on, and a report at the end."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

from graphs.models.chat import ChatModel
from graphs.models.checking.chat_check import ChatCheck
from graphs.models.checking.embedder_check import EmbedderCheck
from graphs.models.ollama_json import OllamaJson
from server.checking.listing import unreachable
from server.checking.places import entries_by_model, on_ollama, place_of, server_of, silent, specs
from server.checking.report import Entry, Tried, told
from server.checking.suggested_routes import suggested_routes
from server.checking.suggestions import suggestions
from server.composition import Services
from server.health_embedding import not_learned
from server.settings import Lang

Event = dict[str, Any]


async def check(services: Services, lang: Lang, *, write: bool = False) -> AsyncIterator[Event]:
    """Try each model once, step by step; with `write`, the report holds the routes that follow from it."""
    await services.router.look()
    if server := silent(services, specs(services)):
        message = unreachable(services, server.url, lang)
        yield {"type": "error", "code": "ollama_unreachable", "message": message}
        return
    tried: list[Tried] = []
    for found in entries_by_model(services).values():
        entries = [Entry(task, index, spec) for task, index, spec in found]  # type: ignore[arg-type]
        one = Tried(entries[0].spec.model, place_of(services, entries[0].spec), entries)
        tried.append(one)
        async with AsyncExitStack() as stack:
            async for event in _steps(await _chat_check(services, entries[0], stack), one, lang):
                yield event
        _note(services, one)
    embedder = None
    if services.embedder and services.routes.embedding:
        embedder = Tried(services.routes.embedding.model, place_of(services, services.routes.embedding))
        async for event in _steps(await _embedder_check(services, lang), embedder, lang):
            yield event
    yield _report(services, tried, embedder, lang, write=write)


async def _steps(check: ChatCheck | EmbedderCheck, tried: Tried, lang: Lang) -> AsyncIterator[Event]:
    yield {"type": "model", "model": tried.model, "place": tried.place}
    for step in check.steps:
        if told_of := not check.given_up:
            yield {"type": "trying", "model": tried.model, "step": step}
        finding = await check.take(step)  # type: ignore[arg-type]  # each takes its own steps
        tried.findings[step] = finding
        if told_of:
            yield {"type": "step", "model": tried.model, **told(finding, lang)}


async def _chat_check(services: Services, entry: Entry, stack: AsyncExitStack) -> ChatCheck:
    spec, strict = entry.spec, None
    if on_ollama(spec):
        strict = OllamaJson(spec, services.settings.ollama_url)
        stack.push_async_callback(strict.aclose)
    model = _model(services, entry)
    return ChatCheck(spec, model, strict, server_of(services, spec), services.router.is_loaded(model))


async def _embedder_check(services: Services, lang: Lang) -> EmbedderCheck:
    assert services.embedder is not None
    server = services.router.servers[services.settings.ollama_url]
    return EmbedderCheck(services.embedder, server, await not_learned(services, services.embedder, lang))


def _model(services: Services, entry: Entry) -> ChatModel:
    return services.router.chain(entry.task)[entry.index]


def _note(services: Services, tried: Tried) -> None:
    """Let the router know of a model that has just answered: it need not be left alone any longer."""
    if tried.findings["answers"].state == "ok":
        services.router.worked(_model(services, tried.entries[0]))


def _report(
    services: Services, tried: list[Tried], embedder: Tried | None, lang: Lang, *, write: bool
) -> Event:
    report: Event = {
        "type": "report",
        "works": any(one.works() for one in tried if one.stands_at("chat", 0)),
        "models": [one.told(lang) for one in tried],
        "embedding": embedder.told_as_embedder(lang) if embedder else None,
        "suggestions": suggestions(services, tried, embedder, lang),
    }
    return {**report, "routes": suggested_routes(services, tried, embedder)} if write else report
