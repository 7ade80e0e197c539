"""The `Embedder` on Ollama."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import structlog

from graphs.models.embedding import session as sessions
from graphs.models.embedding.batches import batched
from graphs.models.embedding.calls import CallFailed, OllamaCalls
from graphs.models.embedding.documents import Documents
from graphs.models.embedding.families import family_of
from graphs.models.embedding.retries import keep_quiet, retried
from graphs.models.embedding.session import Changed, Session
from graphs.models.embedding.slots import Slots
from graphs.models.routes import EmbeddingSpec
from memory.long_term.embedding import Embedded, EmbeddingSpace, Vector
from memory.long_term.errors import EmbedderUnavailable

CACHED_QUESTIONS = 512
FAIL_FAST_SECONDS = 3.0
"""For so long after a refused connection a question does not try another."""
VERIFIED_SECONDS = 30.0
"""For so long after a canary came back right, questions travel without one."""

_log = structlog.stdlib.get_logger("souvenir.models")

_READY = 1
"""Batches that stand ready beside those under way: the model has its next call before an answer is read."""


@asynccontextmanager
async def open_embedder(spec: EmbeddingSpec, base_url: str) -> AsyncIterator["OllamaEmbedder"]:
    """Yield the embedder; connects to nothing before it is asked."""
    keep_quiet()
    embedder = OllamaEmbedder(spec, base_url)
    try:
        yield embedder
    finally:
        await embedder.aclose()


class OllamaEmbedder:
    """An `Embedder` whose answers are verified against what was learned of the model at first contact."""

    def __init__(
        self, spec: EmbeddingSpec, base_url: str, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """Connect to nothing yet. `monotonic` gives seconds."""
        self.component = spec.model
        self._spec = spec
        self._calls = OllamaCalls(spec, base_url)
        self._slots = Slots(spec.concurrency)
        self._monotonic = monotonic
        self._session: Session | None = None
        self._learning: asyncio.Task[Session] | None = None
        self._verified = self._refused = -float("inf")
        self._why = ""
        self._gives_way = False
        self._cache: OrderedDict[str, Vector] = OrderedDict()

    @property
    def languages(self) -> frozenset[str]:
        """What the model is known to have learned; before the first contact, going by its name."""
        return self._session.languages if self._session else family_of(self._spec.name).languages

    @property
    def space(self) -> EmbeddingSpace | None:
        """The space of the model that answered last; None before the first contact."""
        return self._session.space if self._session else None

    @property
    def gives_way(self) -> bool:
        """Whether it was sent to the processor, so that a chat model may stay on the graphics card."""
        return self._gives_way

    def give_way(self) -> None:
        """Run on the processor from the next call on, as long as this process lives.

        Whoever chose `num_gpu` in the routes has decided: then nothing changes. Rounding differs there by far
        less than another model does: vectors made before and after compare.
        """
        if self._spec.num_gpu is None and not self._gives_way:
            self._gives_way = True
            self._calls.leave_the_card()
            _log.info("the embedding model gives way to a chat model", model=self.component)

    async def embed_documents(self, texts: Sequence[str]) -> Embedded:
        """Embed texts to be found, in batches, a few at once; without texts, only ask whether it answers."""
        session = await self._met()
        documents = Documents(lambda some: self._batch(session, some), len(texts))
        waiting = batched(texts, self._spec.batch_size)

        async def work() -> None:
            for batch in waiting:
                await documents.embed(batch)

        async with self._told(session):
            if texts:
                workers = min(self._spec.concurrency + _READY, len(texts))
                await _all(work() for _ in range(workers))
            else:
                await documents.probe()
        return Embedded(session.space, documents.vectors, documents.refused)

    async def embed_question(self, text: str) -> tuple[EmbeddingSpace, Vector]:
        """Embed what is looked for, ahead of documents; the answers to recent questions are kept."""
        if self._session and text in self._cache:
            self._cache.move_to_end(text)
            return self._session.space, self._cache[text]
        if self._monotonic() - self._refused < FAIL_FAST_SECONDS:
            raise EmbedderUnavailable(self._why)
        session = await self._met()
        async with self._told(session):
            vector = await retried(lambda: self._question(session, text), refused=False)
        if self._session is session:
            self._cache[text] = vector
            while len(self._cache) > CACHED_QUESTIONS:
                self._cache.popitem(last=False)
        return session.space, vector

    async def ping(self) -> str:
        """Return the model's name and dimension, having asked it."""
        space = (await self.embed_documents(())).space
        return f"{self._spec.name}, {space.dimension} dimensions"

    async def aclose(self) -> None:
        """End what is under way and close the connections."""
        if self._learning is not None:
            self._learning.cancel()
            await asyncio.gather(self._learning, return_exceptions=True)
        await self._calls.aclose()

    async def _batch(self, session: Session, texts: Sequence[str]) -> Sequence[Vector]:
        async with self._slots.batch() as arrived:
            vectors = await self._calls.embed(session.guarded(texts), arrived)
        self._verified = self._monotonic()
        return session.checked(vectors)

    async def _question(self, session: Session, text: str) -> Vector:
        due = self._monotonic() - self._verified > VERIFIED_SECONDS
        async with self._slots.question():
            vectors = await self._calls.embed(session.asked(text, guarded=due))
        vector = session.answered(vectors)
        if due:
            self._verified = self._monotonic()
        return vector

    async def _met(self) -> Session:
        """Return what is known of the model, learning it first; whoever gives up waiting ends nothing."""
        if self._session is not None:
            return self._session
        if self._learning is None:
            self._learning = asyncio.create_task(self._learn(), name="embedding-model")
        return await asyncio.shield(self._learning)

    async def _learn(self) -> Session:
        try:
            async with self._told(None), self._slots.question():
                self._session = await sessions.learn(self._spec, self._calls)
            self._verified = self._monotonic()
            return self._session
        finally:
            self._learning = None

    @asynccontextmanager
    async def _told(self, session: Session | None) -> AsyncIterator[None]:
        """Turn what goes wrong with the calls into `EmbedderUnavailable`, and remember a refusal."""
        try:
            yield
        except CallFailed as failure:
            if not failure.alive:
                self._refused, self._why = self._monotonic(), str(failure)
            raise EmbedderUnavailable(str(failure)) from failure
        except Changed as change:
            assert session is not None  # only a session notices changes
            raise EmbedderUnavailable(await self._difference(session)) from change
        self._refused = -float("inf")

    async def _difference(self, old: Session) -> str:
        """Learn the model anew and say what has changed; nothing that was made before is used again."""
        if self._session is old:
            self._session = None
            self._cache.clear()
        difference = old.space.difference((await self._met()).space)
        return difference or "the vectors came back in another order than the texts"


async def _all(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run all of it; the first failure ends the rest, and is raised as it is."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
