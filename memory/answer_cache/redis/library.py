"""langchain-redis, imported when it is first needed: that takes seconds, and few need it.

It is imported once, in the thread where Redis is asked. It decides nothing about the network: it is given
a client, and embeds with what it is given, so that it has nothing to download.
"""

from typing import Any, Final

from langchain_core.embeddings import Embeddings
from langchain_core.outputs import Generation
from redis import Redis

from memory.answer_cache.redis.client import command
from memory.long_term.embedding import Vector

ANSWERS: Final = "souvenir:answers"
MEANINGS: Final = "souvenir:meanings"
"""What the keys begin with; then comes whose they are."""


class Exact:
    """Answers to the very same question, of one owner; the question itself is not kept."""

    def __init__(self, client: Redis, owner: str, ttl_seconds: int) -> None:
        self._client, self._prefix, self._ttl = client, f"{ANSWERS}:{owner}", ttl_seconds

    def get(self, key: str, kind: str) -> str | None:
        """Return the answer kept under a key."""
        return _text(self._cache().lookup(key, kind))

    def put(self, key: str, kind: str, answer: str) -> None:
        """Keep an answer, together with the time after which it is gone."""
        cache = self._cache()
        with self._client.pipeline(transaction=True) as both:
            cache.redis = both
            cache.update(key, kind, [Generation(text=answer)])
            both.execute()

    def clear(self) -> None:
        """Drop everything of this owner."""
        self._cache().clear()

    def _cache(self) -> Any:  # noqa: ANN401  # its type is imported with the library
        from langchain_redis import RedisCache

        return RedisCache(ttl=self._ttl, prefix=self._prefix, redis_client=self._client)


class ByMeaning:
    """Answers to questions of one kind that mean almost the same, of one owner.

    Each owner and kind has an index of its own, so that no search can reach another's: the nearest answer
    is looked for, not the nearest of many that is allowed.
    """

    def __init__(self, client: Redis, owner: str, kind: str, threshold: float, ttl_seconds: int) -> None:
        self._client, self._name = client, f"{MEANINGS}:{owner}:{kind}"
        self._kind, self._threshold, self._ttl = kind, threshold, ttl_seconds

    def get(self, key: str, vector: Vector) -> str | None:
        """Return the answer to the question that is nearest, when it is near enough."""
        return _text(self._cache(key, vector).lookup(key, self._kind))

    def put(self, key: str, vector: Vector, answer: str) -> None:
        """Keep an answer under the meaning of its question."""
        self._cache(key, vector).update(key, self._kind, [Generation(text=answer)])

    def _cache(self, key: str, vector: Vector) -> Any:  # noqa: ANN401  # its type is imported with the library
        from langchain_redis import RedisSemanticCache

        return RedisSemanticCache(
            embeddings=_Known(key, vector),
            distance_threshold=self._threshold,
            ttl=self._ttl,
            name=self._name,
            redis_client=self._client,
        )


class _Known(Embeddings):
    """The vector of one text, made before: the library asks for nothing else but one of any text."""

    def __init__(self, text: str, vector: Vector) -> None:
        self._text, self._vector = text, list(vector)

    def embed_query(self, text: str) -> list[float]:
        return self._vector if text == self._text else [0.0] * len(self._vector)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]


def drop_meanings(client: Redis, owner: str) -> None:
    """Drop what is kept of an owner by meaning; all of it where Redis has no Search module any more."""
    for key in client.scan_iter(match=f"{MEANINGS}:{owner}:*", count=1000):
        client.delete(key)
    for name in _indexes(client):
        if name.startswith(f"{MEANINGS}:{owner}:"):
            command(client, "FT.DROPINDEX", name)


def _indexes(client: Redis) -> list[str]:
    said = command(client, "FT._LIST")
    return [one.decode() if isinstance(one, bytes) else str(one) for one in said]


def _text(found: Any) -> str | None:  # noqa: ANN401  # whatever was kept there
    """Return the text of what the library found, None when it is no such thing."""
    first = found[0] if isinstance(found, list) and found else None
    return first.text if isinstance(first, Generation) else None
