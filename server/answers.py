"""The cache of models' answers, opened for the composition root where one Redis server is set."""

import hashlib
from contextlib import AsyncExitStack
from typing import Final

from graphs.models.cached_answers import CachedAnswers
from memory.answer_cache.meaning import Meaning
from memory.answer_cache.opening import open_answer_cache
from memory.long_term.embedding import Embedder
from server.settings import Settings

NEAR: Final = 0.05
"""Cosine distance up to which two questions are one, where answers are found by meaning."""
_PLAIN: Final = ("redis://", "rediss://", "unix://")
"""Sentinels and clusters keep no answers: what caches them knows one server."""


async def open_answers(
    settings: Settings, embedder: Embedder | None, stack: AsyncExitStack
) -> CachedAnswers | None:
    """Return the cache, connecting to nothing; None where there is none. `stack` closes it."""
    url = settings.redis_url
    if not url or settings.answer_cache == "off" or not url.lower().startswith(_PLAIN):
        return None
    meaning = Meaning(embedder, NEAR) if embedder and settings.answer_cache == "meaning" else None
    memory = hashlib.sha256(str(settings.data_dir).encode()).hexdigest()[:16]
    cache = await stack.enter_async_context(open_answer_cache(url, memory=memory, meaning=meaning))
    return CachedAnswers(cache)
