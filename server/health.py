"""How every part does: asked now, each with a deadline, and the fix where one fails."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Literal

import httpx

from memory.archive.errors import ArchiveError
from memory.knowledge import NOT_BUILT
from memory.long_term.errors import LongTermError
from memory.short_term.errors import ShortTermError
from memory.short_term.sqlite import ping_checkpoints
from server.composition import Services
from server.logs import masked

Lang = Literal["en", "fr"]
State = Literal["ok", "degraded", "failed", "absent"]
Component = dict[str, Any]
PROBE_SECONDS = 3.0

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
    "ollama": {
        "en": "start Ollama (https://ollama.com) or set SOUVENIR_OLLAMA_URL; until then answers quote memory",
        "fr": "lancez Ollama (https://ollama.com) ou réglez SOUVENIR_OLLAMA_URL ; "
        "d'ici là, les réponses citent la mémoire",
    },
    "models": {"en": "run `ollama pull {model}`", "fr": "lancez `ollama pull {model}`"},
}

_DETAILS: dict[str, dict[Lang, str]] = {
    "not_built": {
        "en": NOT_BUILT,
        "fr": "le graphe de connaissances ne fait pas encore partie de cette version",
    },
    "not_installed": {"en": "not installed", "fr": "pas installé"},
    "no_ollama": {"en": "Ollama does not answer", "fr": "Ollama ne répond pas"},
    "All connection attempts failed": {"en": "connection refused", "fr": "connexion refusée"},
}


async def examine(services: Services, lang: Lang) -> list[Component]:
    """Return the state of every part, each asked at the same time."""
    folder, url = str(services.settings.data_dir), services.settings.ollama_url
    parts = await asyncio.gather(
        _probe("archive", "sqlite", services.archive.ping),
        _probe("short_term", "sqlite", lambda: ping_checkpoints(services.checkpointer)),
        _probe("recall", "qdrant-edge", services.index.ping),
        _probe("ollama", masked(url), lambda: _ollama_version(url)),
    )
    absent = {
        "component": "knowledge",
        "backend": None,
        "state": "absent",
        "version": None,
        "latency_ms": None,
    }
    models = await _models(services, parts[3]["state"] == "ok")
    components = [*parts, {**absent, "detail": "not_built"}, *models]
    return [_in_words(component, lang, folder) for component in components]


async def _probe(name: str, backend: str, ping: Callable[[], Awaitable[str]]) -> Component:
    started = time.perf_counter()
    state: State = "ok"
    version, detail = None, None
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            version = await ping()
    except TimeoutError:
        state, detail = "failed", f"no answer within {PROBE_SECONDS:g} s"
    except (ArchiveError, LongTermError, ShortTermError, OSError, httpx.HTTPError, ValueError) as error:
        state, detail = "failed", masked(str(error)) or type(error).__name__
    if name == "ollama" and state == "failed":
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


async def _models(services: Services, reachable: bool) -> list[Component]:
    """Return the state of each chat model of the route: installed at Ollama or not."""
    installed = await _installed(services.settings.ollama_url) if reachable else set()
    return [
        _model(spec.model, spec.name.removesuffix(":latest") in installed, reachable)
        for spec in services.routes.chat
    ]


def _model(component: str, installed: bool, reachable: bool) -> Component:
    missing = "not_installed" if reachable else "no_ollama"
    return {
        "component": component,
        "backend": "ollama",
        "state": "ok" if installed else "degraded",
        "version": None,
        "latency_ms": None,
        "detail": None if installed else missing,
    }


async def _installed(url: str) -> set[str]:
    try:
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=PROBE_SECONDS) as client:
            models = (await client.get("/api/tags")).raise_for_status().json()["models"]
            return {str(model["name"]).removesuffix(":latest") for model in models}
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return set()


def _in_words(component: Component, lang: Lang, folder: str) -> Component:
    """Return the component with its detail and its fix in the person's language."""
    name, detail = str(component["component"]), component["detail"]
    known = _DETAILS.get(str(detail))
    said = {**component, "detail": known[lang] if known else detail, "fix": None}
    if component["state"] in ("ok", "absent"):
        return said
    provider, _, model = name.partition(":")
    fix = _FIXES["models" if model and detail == "not_installed" else provider][lang]
    return {**said, "fix": fix.format(folder=folder, model=model)}
