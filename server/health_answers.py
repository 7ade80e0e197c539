"""How the cache of answers does, where there is one: what keeps it, or what this Redis lacks for it."""

import time
from typing import Any, Final, Literal

from memory.answer_cache.errors import NO_JSON, NO_SEARCH, AnswerCacheError, ModuleMissing
from memory.answer_cache.figures import CacheFigures
from memory.answer_cache.protocol import AnswerCache

Lang = Literal["en", "fr"]
_SAYS: Final[dict[str, dict[Lang, str]]] = {
    NO_JSON: {
        "en": NO_JSON,
        "fr": "ce Redis n'a pas de module JSON : les réponses ne sont pas gardées",
    },
    NO_SEARCH: {
        "en": NO_SEARCH,
        "fr": "ce Redis n'a pas de module de recherche : les réponses ne sont pas trouvées par le sens",
    },
}
_FIX: Final[dict[Lang, str]] = {
    "en": "check that Redis runs, and SOUVENIR_REDIS_URL; without the cache all else works",
    "fr": "vérifiez que Redis tourne, et SOUVENIR_REDIS_URL ; sans elles, tout le reste marche",
}


async def answer_cache(cache: AnswerCache, lang: Lang, figures: CacheFigures | None = None) -> dict[str, Any]:
    """Return the component of the cache, with how often it was of use when `figures` tell.

    A Redis without the modules is no fault: the cache is absent.
    """
    started = time.perf_counter()
    state, version, detail, fix = "ok", None, None, None
    try:
        version = await cache.ping()
        detail = _used(figures, lang) if figures else None
    except ModuleMissing as missing:
        state, detail = "absent", _SAYS.get(str(missing), {}).get(lang, str(missing))
    except AnswerCacheError as error:
        state, detail, fix = "degraded", str(error), _FIX[lang]
    return {
        "component": "answer_cache",
        "backend": "redis",
        "state": state,
        "version": version,
        "latency_ms": round((time.perf_counter() - started) * 1000, 1),
        "detail": detail,
        "fix": fix,
    }


def _used(figures: CacheFigures, lang: Lang) -> str | None:
    """Return how many questions it answered since the start; nothing when none was asked."""
    total = figures.total
    if total.hit_ratio is None:
        return None
    asked = total.hits + total.misses + total.errors
    if lang == "fr":
        return f"a répondu à {total.hits} question(s) sur {asked} depuis le démarrage"
    return f"answered {total.hits} of {asked} question(s) since the start"
