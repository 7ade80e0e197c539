"""How the models of the routes do, as far as the router and the last look at the servers tell."""

from typing import Any, Final, Literal

from graphs.models.chat import ChatModel
from graphs.models.routes import ModelSpec
from server.checking.facts import Facts, facts
from server.checking.places import OLLAMA, entries_by_model
from server.checking.words import reason
from server.composition import Services

Lang = Literal["en", "fr"]

SAYS: Final[dict[str, dict[Lang, str]]] = {
    "no_ollama": {"en": "Ollama does not answer", "fr": "Ollama ne répond pas"},
    "not_installed": {"en": "not installed", "fr": "pas installé"},
    "near": {"en": "not installed, but {near} is", "fr": "pas installé, mais {near} l'est"},
    "start": {
        "en": "start Ollama (https://ollama.com) or set SOUVENIR_OLLAMA_URL; until then answers quote memory",
        "fr": "lancez Ollama (https://ollama.com) ou réglez SOUVENIR_OLLAMA_URL ; "
        "d'ici là, les réponses citent la mémoire",
    },
    "pull": {"en": "run `ollama pull {model}`", "fr": "lancez `ollama pull {model}`"},
    "pull_near": {
        "en": "write ollama:{near} in the routes, or run `ollama pull {model}`",
        "fr": "écrivez ollama:{near} dans les routes, ou lancez `ollama pull {model}`",
    },
    "left_alone": {
        "en": "it is tried again in the background; `souvenir models check` tries all it should do",
        "fr": "il est réessayé en arrière-plan ; `souvenir models check` essaie tout ce qu'il doit faire",
    },
}


def models(services: Services, lang: Lang) -> list[dict[str, Any]]:
    """Return a component for each chat model of the routes, without asking anybody."""
    components = []
    for entries in entries_by_model(services).values():
        task, index, spec = entries[0]
        model: ChatModel = services.router.chain(task)[index]  # type: ignore[arg-type]  # it is a task
        components.append(_component(spec, facts(services, spec, model), lang))
    return components


def missing(name: str, known: Facts, lang: Lang) -> tuple[str, str]:
    """Return the detail and the fix for a model that is not installed."""
    kinds = ("near", "pull_near") if known.near else ("not_installed", "pull")
    detail, fix = (SAYS[kind][lang].format(near=known.near, model=name) for kind in kinds)
    return detail, fix


def _component(spec: ModelSpec, known: Facts, lang: Lang) -> dict[str, Any]:
    detail, fix = _remarks(spec, known, lang)
    return {
        "component": spec.model,
        "backend": spec.provider,
        "state": "ok" if fix is None else "degraded",
        "version": None,
        "latency_ms": None,
        "detail": detail,
        "fix": fix,
    }


def _remarks(spec: ModelSpec, known: Facts, lang: Lang) -> tuple[str | None, str | None]:
    if spec.provider == OLLAMA and known.unreachable is not None:
        return SAYS["no_ollama"][lang], SAYS["start"][lang]
    if known.installed is False:
        return missing(spec.name, known, lang)
    if known.left_alone is not None:
        return reason(known.left_alone, lang), SAYS["left_alone"][lang]
    return None, None
