"""The models of the routes task by task, with where they are and how they did of late."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Final

from graphs.models.routes import TASKS
from memory.archive.entities import CallStats
from server.checking.facts import facts
from server.checking.places import Spec, server_of, shown, specs
from server.checking.words import say
from server.composition import Services
from server.settings import Lang

DAYS: Final = 7
"""Of the log of calls, that the figures of a list are taken of."""
EMBEDDING: Final = "embedding"
Stats = Mapping[tuple[str, str], CallStats]


async def listed(services: Services, user: str, lang: Lang) -> dict[str, Any]:
    """Return every chain and the embedder, having asked every server what it has."""
    await services.router.look()
    found = await stats(services, user, DAYS)
    by = {(one.task, one.model): one for one in found}
    embedder = services.routes.embedding
    return {
        "tasks": [_task(services, task, by) for task in TASKS],
        "embedding": _row(services, embedder, None, by.get((EMBEDDING, embedder.model)))
        if embedder
        else None,
        "days": DAYS,
        "unreachable": _unreachable(services, lang),
        "routes": str(services.routes.file) if services.routes.file else None,
    }


async def stats(services: Services, user: str, days: int) -> Sequence[CallStats]:
    """Return the log's figures of the last days."""
    since = services.clock() - timedelta(days=days)
    return await services.archive.look(lambda unit: unit.calls.stats(user, since))


def _task(services: Services, task: Any, by: Stats) -> dict[str, Any]:  # noqa: ANN401
    own = {one for one, _, _ in services.routes.entries()}
    if task not in own:
        return {"task": task, "same_as": "chat", "models": []}
    chain = zip(services.routes.chain(task), services.router.chain(task), strict=True)
    rows = [_row(services, spec, model, by.get((task, spec.model))) for spec, model in chain]
    return {"task": task, "same_as": None, "models": rows}


def _row(services: Services, spec: Spec, model: Any, did: CallStats | None) -> dict[str, Any]:  # noqa: ANN401
    figures = {
        "calls": did.calls if did else 0,
        "p50_ms": did.p50_total_ms if did else None,
        "p95_ms": did.p95_total_ms if did else None,
    }
    return {**asdict(facts(services, spec, model)), **figures}


def _unreachable(services: Services, lang: Lang) -> list[dict[str, str]]:
    servers = {server.url: server for spec in specs(services) if (server := server_of(services, spec))}
    return [
        {
            "url": shown(server.url),
            "why": server.shelf.why,
            "message": unreachable(services, server.url, lang),
        }
        for server in servers.values()
        if not server.shelf.reachable
    ]


def unreachable(services: Services, url: str, lang: Lang) -> str:
    """Return the one line that says what to do about an Ollama that does not answer."""
    own = url == services.settings.ollama_url
    why = services.router.servers[url].shelf.why
    return say("start" if own else "start_other", lang, url=shown(url), why=why)
