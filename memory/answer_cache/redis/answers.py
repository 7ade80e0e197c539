"""The cache of answers on one Redis: asked in one thread beside the event loop, with a deadline."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from importlib import import_module
from typing import Final, TypeVar

from redis import Redis

from memory.answer_cache.errors import NO_SEARCH, AnswerCacheUnavailable
from memory.answer_cache.meaning import MOST_CHARACTERS, Meaning
from memory.answer_cache.protocol import Question, digest
from memory.answer_cache.redis.client import command
from memory.answer_cache.redis.complaints import named
from memory.answer_cache.redis.library import ByMeaning, Exact, drop_meanings
from memory.long_term.embedding import EmbeddingSpace, Vector
from memory.long_term.errors import LongTermError

T = TypeVar("T")
FORGET_SECONDS: Final = 10.0
"""Dropping a user's answers walks over all keys; nobody waits for it with an answer in hand."""


class RedisAnswers:
    """An `AnswerCache`. All is asked in one thread: what was put before a user is forgotten goes with it."""

    def __init__(
        self,
        client: Redis,
        thread: Executor,
        *,
        memory: str,
        ttl_seconds: int,
        seconds: float,
        meaning: Meaning | None,
    ) -> None:
        self._client, self._thread = client, thread
        self._memory, self._ttl, self._seconds, self._meaning = memory, ttl_seconds, seconds, meaning
        self._imported: asyncio.Future[object] | None = None

    async def get(self, question: Question) -> str | None:
        """As the protocol says: the very same question first, then one that means the same."""
        exact = self._exact(question.user)
        found = await self._ask(lambda: exact.get(question.key, question.kind))
        if found is None and (near := await self._near(question)):
            index, vector = near
            found = await self._ask(lambda: index.get(question.key, vector))
        return found

    async def put(self, question: Question, answer: str) -> None:
        """As the protocol says."""
        exact = self._exact(question.user)
        await self._ask(lambda: exact.put(question.key, question.kind, answer))
        if near := await self._near(question):
            index, vector = near
            await self._ask(lambda: index.put(question.key, vector, answer))

    async def forget(self, user: str) -> None:
        """As the protocol says; whatever meanings another start of this memory has kept go too."""
        await self._ask(self._exact(user).clear, FORGET_SECONDS)
        try:
            await self._ask(lambda: drop_meanings(self._client, self._owner(user)), FORGET_SECONDS)
        except AnswerCacheUnavailable as error:
            if str(error) != NO_SEARCH:  # without the module there is nothing to drop
                raise

    async def ping(self) -> str:
        """As the protocol says."""
        return await self._ask(self._look)

    def _look(self) -> str:
        told = self._client.info("server")
        command(self._client, "JSON.GET", "souvenir:nothing")
        if self._meaning is not None:
            command(self._client, "FT._LIST")
        name = "Valkey" if "valkey_version" in told else "Redis"
        return f"{name} {told.get('valkey_version') or told['redis_version']}"

    def _owner(self, user: str) -> str:
        return digest(self._memory, user)

    def _exact(self, user: str) -> Exact:
        return Exact(self._client, self._owner(user), self._ttl)

    async def _near(self, question: Question) -> tuple[ByMeaning, Vector] | None:
        """Return where the meaning of a question belongs, and its vector; None when it is not compared."""
        if self._meaning is None or not 0 < len(question.text) <= MOST_CHARACTERS:
            return None
        try:
            space, vector = await self._meaning.embedder.embed_question(question.text)
        except LongTermError as error:
            raise AnswerCacheUnavailable(f"the embedding model does not answer: {error}") from error
        kind = digest(question.kind, *_comparable(space))
        owner, threshold = self._owner(question.user), self._meaning.threshold
        return ByMeaning(self._client, owner, kind, threshold, self._ttl), vector

    async def _ask(self, work: Callable[[], T], seconds: float | None = None) -> T:
        """Do work in the thread; who stops waiting for it does not stop it, but its socket does soon."""
        seconds = self._seconds if seconds is None else seconds
        try:
            await self._library()
            async with asyncio.timeout(seconds):
                return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except Exception as error:  # what libraries make of what others wrote: a cache is not needed
            raise named(error, seconds) from None  # theirs may hold the command, and with it an answer

    async def _library(self) -> None:
        """Import it in the thread, once; that is no fault of Redis, and does not count as its time."""
        if self._imported is None:
            loop = asyncio.get_running_loop()
            self._imported = loop.run_in_executor(self._thread, import_module, "langchain_redis")
        await asyncio.shield(self._imported)


def _comparable(space: EmbeddingSpace) -> tuple[str, int, str]:
    return space.model, space.dimension, space.query_prefix
