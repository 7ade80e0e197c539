"""How every part does: asked now, each with a deadline, and the fix where one fails."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Literal

import httpx
from langgraph.checkpoint.base import BaseCheckpointSaver

from memory.archive.errors import ArchiveError
from memory.knowledge import NOT_BUILT
from memory.long_term.errors import LongTermError
from server.composition import Services

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


async def examine(services: Services, lang: Lang) -> list[Component]:
    """Return the state of every part, each asked at the same time."""
    folder = str(services.settings.data_dir)
    parts = await asyncio.gather(
        _probe("archive", "sqlite", services.archive.ping),
        _probe("short_term", "sqlite", lambda: _ping_checkpoints(services.checkpointer)),
        _probe("recall", "qdrant-edge", services.index.ping),
        _probe("ollama", services.settings.ollama_url, lambda: _ollama_version(services.settings.ollama_url)),
    )
    absent = {
        "component": "knowledge",
        "backend": None,
        "state": "absent",
        "version": None,
        "latency_ms": None,
    }
    models = await _models(services, parts[3]["state"] == "ok")
    components = [*parts, {**absent, "detail": NOT_BUILT}, *models]
    return [_with_fix(component, lang, folder) for component in components]


async def _probe(name: str, backend: str, ping: Callable[[], Awaitable[str]]) -> Component:
    started = time.perf_counter()
    state: State = "ok"
    version, detail = None, None
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            version = await ping()
    except TimeoutError:
        state, detail = "failed", f"no answer within {PROBE_SECONDS:g} s"
    except (ArchiveError, LongTermError, OSError, httpx.HTTPError, ValueError) as error:
        state, detail = "failed", str(error) or type(error).__name__
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


async def _ping_checkpoints(checkpointer: BaseCheckpointSaver[str]) -> str:
    await checkpointer.aget_tuple({"configurable": {"thread_id": "ping", "checkpoint_ns": ""}})
    return type(checkpointer).__name__


async def _ollama_version(url: str) -> str:
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=PROBE_SECONDS) as client:
        return str((await client.get("/api/version")).raise_for_status().json()["version"])


async def _models(services: Services, reachable: bool) -> list[Component]:
    """Return the state of each chat model of the route: installed at Ollama or not."""
    installed = await _installed(services.settings.ollama_url) if reachable else set()
    return [
        {
            "component": spec.model,
            "backend": "ollama",
            "state": "ok" if spec.name in installed else "degraded",
            "version": None,
            "latency_ms": None,
            "detail": None
            if spec.name in installed
            else "not installed"
            if reachable
            else "Ollama does not answer",
        }
        for spec in services.routes.chat
    ]


async def _installed(url: str) -> set[str]:
    try:
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=PROBE_SECONDS) as client:
            models = (await client.get("/api/tags")).raise_for_status().json()["models"]
            return {str(model["name"]).removesuffix(":latest") for model in models}
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return set()


def _with_fix(component: Component, lang: Lang, folder: str) -> Component:
    if component["state"] in ("ok", "absent"):
        return {**component, "fix": None}
    name = str(component["component"])
    provider, _, model = name.partition(":")
    fix = _FIXES["models" if model else provider][lang]
    return {**component, "fix": fix.format(folder=folder, model=model)}
