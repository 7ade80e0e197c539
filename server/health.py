"""How every part does: asked now, each with a deadline, and the fix where one fails."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Literal

import httpx

from memory.archive.errors import ArchiveError
from memory.knowledge.errors import KnowledgeError
from memory.long_term.errors import LongTermError
from memory.short_term.errors import ShortTermError
from server.composition import Services
from server.health_answers import answer_cache
from server.health_embedding import embedding, held
from server.health_models import SAYS, models
from server.logs import masked

Lang = Literal["en", "fr"]
State = Literal["ok", "degraded", "failed", "absent"]
Component = dict[str, Any]
PROBE_SECONDS = 3.0
_FAILURES = (
    ArchiveError,
    LongTermError,
    ShortTermError,
    KnowledgeError,
    OSError,
    httpx.HTTPError,
    ValueError,
)
_DISPENSABLE = ("ollama", "knowledge")
"""What turns can do without."""

_FIXES: dict[str, dict[Lang, str]] = {
    "archive": {
        "en": "check the disk and the rights on {folder}; without the archive nothing is acknowledged",
        "fr": "vérifiez le disque et les droits sur {folder} ; sans l'archive, rien n'est confirmé",
    },
    "short_term": {
        "en": "check the disk and the rights on {folder}",
        "fr": "vérifiez le disque et les droits sur {folder}",
    },
    "recall": {
        "en": "restart Souvenir, then run `souvenir documents rebuild`",
        "fr": "relancez Souvenir, puis `souvenir documents rebuild`",
    },
    "ollama": SAYS["start"],
    "redis": {
        "en": "check that Redis runs, and SOUVENIR_REDIS_URL; until then conversations go on in the data "
        "folder",
        "fr": "vérifiez que Redis tourne, et SOUVENIR_REDIS_URL ; en attendant, les conversations continuent "
        "dans le dossier de données",
    },
    "arcadedb": {
        "en": "restart Souvenir, then run `souvenir documents rebuild`; without the graph all else works",
        "fr": "relancez Souvenir, puis `souvenir documents rebuild` ; sans le graphe, tout le reste marche",
    },
    "neo4j": {
        "en": "check that Neo4j runs, and SOUVENIR_NEO4J_URI, _USERNAME and _PASSWORD",
        "fr": "vérifiez que Neo4j tourne, et SOUVENIR_NEO4J_URI, _USERNAME et _PASSWORD",
    },
}

_DETAILS: dict[str, dict[Lang, str]] = {
    "All connection attempts failed": {"en": "connection refused", "fr": "connexion refusée"},
}


async def examine(services: Services, lang: Lang) -> list[Component]:
    """Return the state of every part, each asked at the same time."""
    folder, url = str(services.settings.data_dir), services.settings.ollama_url
    *parts, _ = await asyncio.gather(
        _probe("archive", "sqlite", services.archive.ping),
        _probe("short_term", services.sessions.backend, services.sessions.ping),
        _probe("recall", "qdrant-edge", services.index.ping),
        _probe("ollama", masked(url), lambda: _ollama_version(url)),
        _probe("knowledge", services.graph.backend, services.graph.ping),
        services.router.look(),
    )
    said = [_in_words(component, lang, folder) for component in parts]
    if said[2]["detail"] is None:
        said[2]["detail"] = await held(services, lang)
    cached = (
        [await answer_cache(services.answers.cache, lang, services.answers.figures)]
        if services.answers
        else []
    )
    return [*said, *models(services, lang), await embedding(services, lang), *cached]


async def _probe(name: str, backend: str, ping: Callable[[], Awaitable[str]]) -> Component:
    started = time.perf_counter()
    state: State = "ok"
    version, detail = None, None
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            version = await ping()
    except TimeoutError:
        state, detail = "failed", f"no answer within {PROBE_SECONDS:g} s"
    except _FAILURES as error:
        state, detail = "failed", masked(str(error)) or type(error).__name__
    if (name in _DISPENSABLE or backend == "redis") and state == "failed":
        state = "degraded"
    latency = round((time.perf_counter() - started) * 1000, 1)
    return {
        "component": name,
        "backend": backend,
        "state": state,
        "version": version,
        "latency_ms": latency,
        "detail": detail,
    }


async def _ollama_version(url: str) -> str:
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=PROBE_SECONDS) as client:
        answer = (await client.get("/api/version")).raise_for_status().json()
    if not isinstance(answer, dict) or "version" not in answer:
        raise ValueError("what answers there is not Ollama")
    return str(answer["version"])


def _in_words(component: Component, lang: Lang, folder: str) -> Component:
    """Return the component with its detail and its fix in the person's language."""
    name, detail = str(component["component"]), component["detail"]
    known = _DETAILS.get(str(detail))
    said = {**component, "detail": known[lang] if known else detail, "fix": None}
    if component["state"] in ("ok", "absent"):
        return said
    backend = str(component["backend"])
    fix = _FIXES[backend if name == "knowledge" or backend == "redis" else name]
    return {**said, "fix": fix[lang].format(folder=folder)}
