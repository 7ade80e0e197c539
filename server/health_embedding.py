"""How search by meaning does: the embedding model, whether it fits the index, and what waits for it."""

import asyncio
import time
from typing import Any, Final, Literal

from graphs.ingestion.watch import REMEDY
from graphs.models.embedding.ollama import OllamaEmbedder
from memory.archive.errors import ArchiveError
from memory.long_term.embedding import Embedder, EmbeddingSpace
from memory.long_term.errors import EmbedderUnavailable
from server.checking.facts import facts
from server.composition import Services
from server.health_models import SAYS, missing

Lang = Literal["en", "fr"]
_SECONDS: Final = 3.0
_MULTILINGUAL: Final = "bge-m3"
_SHARE: Final = 0.1
"""Of the documents, from which a language counts as one of this memory."""

_SAYS: Final[dict[str, dict[Lang, str]]] = {
    "absent": {
        "en": "the routes name no embedding model: memory is searched by words",
        "fr": "les routes ne nomment aucun modèle de vecteurs : la mémoire est cherchée par mots",
    },
    "start": {
        "en": "start Ollama; until then memory is searched by words",
        "fr": "lancez Ollama ; d'ici là, la mémoire est cherchée par mots",
    },
    "slow": {
        "en": "no answer within {seconds:g} s: it may be loading",
        "fr": "pas de réponse en {seconds:g} s : il se charge peut-être",
    },
    "again": {"en": "run `souvenir doctor` again", "fr": "relancez `souvenir doctor`"},
    "mismatch": {
        "en": "the index holds vectors of another model: {difference}",
        "fr": "l'index contient les vecteurs d'un autre modèle : {difference}",
    },
    "rebuild": {"en": REMEDY, "fr": "lancez `souvenir documents rebuild`"},
    "gives_way": {
        "en": "it runs on the processor: the graphics card does not hold it and the chat model together",
        "fr": "il tourne sur le processeur : la carte graphique ne le contient pas avec le modèle de chat",
    },
    "ok": {"en": "{dimension} dimensions", "fr": "{dimension} dimensions"},
    "foreign": {
        "en": "it has not learned {missing}: {model} has (`ollama pull {model}`, then `embedding:` in the "
        "routes, then `souvenir documents rebuild`)",
        "fr": "il n'a pas appris {missing} : {model}, si (`ollama pull {model}`, puis `embedding:` dans les "
        "routes, puis `souvenir documents rebuild`)",
    },
    "held": {
        "en": "{done} documents and turns are in, {partial} by their words only, {pending} to come",
        "fr": "{done} documents et échanges y sont, {partial} par leurs mots seulement, {pending} à venir",
    },
}


async def embedding(services: Services, lang: Lang) -> dict[str, Any]:
    """Return the component of the embedding model, going by the last look at its Ollama."""
    embedder, spec = services.embedder, services.routes.embedding
    if embedder is None or spec is None:
        return _component("embedding", "absent", detail=_SAYS["absent"][lang], backend=None)
    known = facts(services, spec)
    if known.unreachable is not None:
        said = SAYS["no_ollama"][lang], _SAYS["start"][lang]
        return _component(embedder.component, "degraded", *said)
    if not known.installed:
        return _component(embedder.component, "degraded", *missing(spec.name, known, lang))
    return await _asked(services, embedder, lang)


async def held(services: Services, lang: Lang) -> str | None:
    """Return how much the index holds, in words; None when the archive does not answer."""
    try:
        counts = (await services.archive.look(lambda unit: unit.ledger.counts(None))).get("recall", {})
    except ArchiveError:
        return None  # told by its own component
    numbers = {state: counts.get(state, 0) for state in ("done", "partial", "pending")}
    return _SAYS["held"][lang].format(**numbers)


async def _asked(services: Services, embedder: OllamaEmbedder, lang: Lang) -> dict[str, Any]:
    started = time.perf_counter()
    name = embedder.component
    try:
        async with asyncio.timeout(_SECONDS):
            space = (await embedder.embed_documents(())).space
    except TimeoutError:
        said = _SAYS["slow"][lang].format(seconds=_SECONDS), _SAYS["again"][lang]
        return _component(name, "degraded", *said)
    except EmbedderUnavailable as error:
        return _component(name, "degraded", str(error), _SAYS["start"][lang])
    latency = round((time.perf_counter() - started) * 1000, 1)
    if difference := _difference(services.index.space, space):
        said = _SAYS["mismatch"][lang].format(difference=difference), _SAYS["rebuild"][lang]
        return _component(name, "degraded", *said, latency=latency)
    detail = _SAYS["ok"][lang].format(dimension=space.dimension)
    if embedder.gives_way:
        detail = f"{detail}; {_SAYS['gives_way'][lang]}"
    if missing := await not_learned(services, embedder, lang):
        told = _SAYS["foreign"][lang].format(missing=", ".join(missing), model=_MULTILINGUAL)
        detail = f"{detail}; {told}"
    return _component(name, "ok", detail, latency=latency)


def _difference(held: EmbeddingSpace | None, space: EmbeddingSpace) -> str | None:
    return held.difference(space) if held else None


async def not_learned(services: Services, embedder: Embedder, lang: Lang) -> list[str]:
    """Return the languages of this person or memory that the model is known not to have learned."""
    if not embedder.languages:
        return []
    try:
        counts = await services.archive.look(lambda unit: unit.documents.languages(None))
    except ArchiveError:
        counts = {}  # told by its own component
    enough = _SHARE * sum(counts.values())
    spoken = {services.settings.lang, lang} | {one for one, number in counts.items() if number >= enough}
    return sorted(spoken - embedder.languages)


def _component(
    name: str,
    state: str,
    detail: str | None = None,
    fix: str | None = None,
    *,
    backend: str | None = "ollama",
    latency: float | None = None,
) -> dict[str, Any]:
    return {
        "component": name,
        "backend": backend,
        "state": state,
        "version": None,
        "latency_ms": latency,
        "detail": detail,
        "fix": fix,
    }
