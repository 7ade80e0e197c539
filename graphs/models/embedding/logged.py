"""An embedder whose calls are in the log: how often, how long, and how they failed."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from graphs.models.call_log import CallLog
from memory.long_term.embedding import Embedded, Embedder, EmbeddingSpace, Vector


class LoggedEmbedder:
    """The same `Embedder`, with a note for each piece of work that had texts in it."""

    def __init__(self, inner: Embedder, log: CallLog) -> None:
        self._inner, self._log = inner, log

    @property
    def component(self) -> str:
        """`provider:name`, as shown in `degraded`."""
        return self._inner.component

    @property
    def languages(self) -> frozenset[str]:
        """What the model is known to have learned."""
        return self._inner.languages

    async def embed_documents(self, texts: Sequence[str]) -> Embedded:
        """Embed texts to be found."""
        if not texts:
            return await self._inner.embed_documents(texts)
        async with self._noted("embedding"):
            return await self._inner.embed_documents(texts)

    async def embed_question(self, text: str) -> tuple[EmbeddingSpace, Vector]:
        """Embed what is looked for."""
        async with self._noted("question"):
            return await self._inner.embed_question(text)

    async def ping(self) -> str:
        """Return the model's name and dimension, having asked it."""
        return await self._inner.ping()

    @asynccontextmanager
    async def _noted(self, task: str) -> AsyncIterator[None]:
        begun = time.monotonic()
        reason = ""
        try:
            yield
        except BaseException as error:  # a cancellation too: it came too late for who asked; raised again
            reason = str(error) or "not waited for any longer"
            raise
        finally:
            took = round((time.monotonic() - begun) * 1000)
            self._log.note(task, self.component, "failed" if reason else "ok", total_ms=took, reason=reason)
