"""Opening the cache of answers: who does not, imports no client of Redis, and connects to none."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Final

from memory.answer_cache.meaning import Meaning
from memory.answer_cache.protocol import AnswerCache

KEPT_SECONDS: Final = 7 * 24 * 3600
DEADLINE_SECONDS: Final = 0.3


@asynccontextmanager
async def open_answer_cache(
    url: str,
    *,
    memory: str,
    ttl_seconds: int = KEPT_SECONDS,
    seconds: float = DEADLINE_SECONDS,
    meaning: Meaning | None = None,
) -> AsyncIterator[AnswerCache]:
    """Yield the cache on the Redis at `url` (`redis://`, `rediss://` or `unix://`), which need not be up.

    `memory` names this memory: two that share a Redis are two, though their users have the same names.
    An answer is gone after `ttl_seconds`. No question waits for Redis for longer than `seconds` at a time.

    Raises `AnswerCacheMisconfigured` for an address that cannot be one.
    """
    from memory.answer_cache.redis.answers import RedisAnswers
    from memory.answer_cache.redis.client import client_of

    client = client_of(url, seconds)
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="answer-cache")
    try:
        yield RedisAnswers(
            client, thread, memory=memory, ttl_seconds=ttl_seconds, seconds=seconds, meaning=meaning
        )
    finally:
        # What is under way ends by the time limits of its socket; what waits is not begun.
        await asyncio.to_thread(thread.shutdown, wait=True, cancel_futures=True)
        client.close()
