"""The projector: brings long-term memory and the checkpoints in line with the archive.

The archive's ledger says what is to do; every step can be repeated. Recall comes in two halves: words at
once, vectors as the embedding model gives them. Conversations have lanes of their own, so that a turn never
waits behind a folder of documents.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, field

import structlog

from graphs.ingestion.checkpoints import Checkpoints
from graphs.ingestion.dropped_answers import DroppedAnswers
from graphs.ingestion.knowledge.lanes import KnowledgeLanes
from graphs.ingestion.knowledge.resources import Understanding
from graphs.ingestion.pace import Pace
from graphs.ingestion.rounds import Rounds, Spacing
from graphs.ingestion.settling import Settling
from graphs.ingestion.vectors import BATCH, Vectors
from graphs.ingestion.watch import Watch
from graphs.ingestion.words import CLAIM_SECONDS, Words
from memory.answer_cache.protocol import AnswerCache
from memory.archive.archive import Archive, UnitOfWork
from memory.archive.entities import Chunk, Document, Kind, LedgerEntry
from memory.long_term.embedding import Embedder
from memory.long_term.passages import document_entries
from memory.long_term.protocol import LongTermIndex
from memory.short_term.protocol import SessionStore

_log = structlog.stdlib.get_logger("souvenir.projector")
RETRY_SECONDS = 5.0
PROBE_SECONDS = (1.0, 10.0)
"""The pauses between two questions to a model that does not answer: the first, and the longest."""
END_SECONDS = 10.0
READING_SECONDS = 2.0
"""Of these, how long documents are still read for the knowledge graph."""
ERASE_SECONDS = 5.0
"""How long forgetting waits for the knowledge graph and the cached answers; what is left is done as soon as
they answer."""

_TALK: frozenset[Kind] = frozenset({"turn", "thread"})
_DOCUMENTS: frozenset[Kind] = frozenset({"document"})


@dataclass
class Projector:
    """Works the ledger off. `run` in the background, or `drain` to have it done now."""

    archive: Archive
    index: LongTermIndex
    sessions: SessionStore
    embedder: Embedder | None = None
    batch: int = BATCH
    """Texts in one call to the embedding model."""
    understanding: Understanding | None = None
    """What the knowledge graph is filled with; None for who has nothing to do with it."""
    answers: AnswerCache | None = None
    """Where answers of models are kept, if anywhere."""
    retry_seconds: float = RETRY_SECONDS
    probe_seconds: tuple[float, float] = PROBE_SECONDS
    _pace: Pace = field(default_factory=Pace, init=False)
    _words: list[Rounds] = field(default_factory=list, init=False)
    _vectors: list[Rounds] = field(default_factory=list, init=False)
    _documents: Words = field(init=False)
    _knowledge: KnowledgeLanes | None = field(default=None, init=False)
    _cached: list[Rounds] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        """Lay the lanes."""
        watch = Watch(self.embedder, self.index) if self.embedder else None
        self._words.append(Rounds(Checkpoints(self.archive, self.sessions).work_off))
        for kinds, pace in ((_TALK, None), (_DOCUMENTS, self._pace)):
            settling = Settling(self.archive, self.index, self._pace, watch)
            vectors = None
            if self.embedder and watch:
                vectors = Vectors(
                    self.archive, self.index, self.embedder, watch, kinds, settling, pace, self.batch
                )
                lane = Rounds(vectors.work_off)
                vectors.taken = lane.woken.set
                self._vectors.append(lane)
            self._documents = Words(self.archive, self.index, kinds, settling, vectors, pace)
            self._words.append(Rounds(self._documents.work_off))
        if self.understanding is not None:
            self._knowledge = KnowledgeLanes(self.archive, self.understanding, self._pace.calm)
        if self.answers is not None:
            self._cached.append(Rounds(DroppedAnswers(self.archive, self.answers).work_off))

    async def enqueue(self, unit: UnitOfWork, document: Document) -> list[LedgerEntry]:
        """Ask for a document that is being stored; return the claims to be offered once it is."""
        if not self._documents.has_room:
            await unit.ledger.enqueue(document.user, "document", document.id, "recall")
            return []
        claim = await unit.ledger.enqueue_claimed(
            document.user, "document", document.id, "recall", CLAIM_SECONDS
        )
        return [claim] if claim else []

    def offer(self, claim: LedgerEntry, document: Document, chunks: Sequence[Chunk]) -> None:
        """Take over a document that was stored, so that it need not be read again."""
        self._documents.offer(claim, list(document_entries(document, chunks)))
        _wake(self._words[-1:])
        self._pace.stir()

    def bulk(self) -> AbstractContextManager[None]:
        """Say for a block that more is coming: then many documents share what is costly."""
        return self._pace.bulk()

    def wake(self) -> None:
        """Say that the ledger holds work."""
        self._documents.ask()
        _wake((*self._words, *self._cached))
        if self._knowledge is not None:
            _wake([self._knowledge.rules])
        self._pace.stir()

    async def catch_up(self) -> bool:
        """Work until everything is found by its words, and what is to be erased is gone.

        Returns False when a part of memory did not answer and work waits; others are not held up by it.
        """
        self._documents.ask()
        self._pace.stir()
        well = all(await asyncio.gather(*(lane.ask() for lane in self._words)))
        if not well:
            self.wake()
        return well

    async def drain(self) -> bool:
        """Catch up, then bring in the vectors that can be had; return what `catch_up` returns.

        A model that does not answer is not waited for: the ledger then says `partial`, and why.
        """
        well = await self.catch_up()
        if not all(await asyncio.gather(*(lane.ask() for lane in self._vectors))):
            _wake(self._vectors)
        return well

    async def read_by_rules(self) -> bool:
        """Bring what rules can read into the knowledge graph; False when it does not answer."""
        return self._knowledge is None or await self._knowledge.rules.ask()

    async def read_by_model(self) -> bool:
        """Have a model read what only rules have read, as far as one answers; False when some of it waits."""
        model = self._knowledge and self._knowledge.model
        return not model or await model.ask()

    async def erase_from_graph(self) -> bool:
        """Take out of the knowledge graph what is to be erased; False as above, or when it takes long."""
        return await self._erase([self._knowledge.erasures] if self._knowledge else [])

    async def erase_answers(self) -> bool:
        """Drop the cached answers that are to go; False as above, or when it takes long."""
        return await self._erase(self._cached)

    async def _erase(self, lanes: Sequence[Rounds]) -> bool:
        try:
            async with asyncio.timeout(ERASE_SECONDS):
                well = all([await lane.ask() for lane in lanes])
        except TimeoutError:
            well = False
        if not well:
            self.wake()
        return well

    async def finish(self) -> None:
        """Do what should not be left to the next start: words, and the vectors of what was said last."""
        await self.catch_up()
        for lane in self._vectors[:1]:
            await lane.ask()
        with contextlib.suppress(TimeoutError):  # the rest is taken up at the next start
            async with asyncio.timeout(READING_SECONDS):
                await self.read_by_rules()

    async def run(self) -> None:
        """Work for ever: whenever woken, again a while after a failure, and when a claim may have run out."""
        async with asyncio.TaskGroup() as group:
            for lane in self._words:
                group.create_task(self._again_and_again(lane, self._keep_words))
            for lane in (*self._vectors, *self._cached, *(self._knowledge.all() if self._knowledge else ())):
                group.create_task(self._again_and_again(lane, self._keep_slow))

    async def _again_and_again(self, lane: Rounds, keep: Callable[[Rounds], Awaitable[None]]) -> None:
        while True:
            try:
                await keep(lane)
            except Exception as error:  # A defect: it must not end the other lanes, nor this one for good.
                _log.error("projecting failed", error=f"{type(error).__name__}: {error}")
                await asyncio.sleep(self.retry_seconds)

    async def _keep_words(self, lane: Rounds) -> None:
        spacing = Spacing()
        while True:
            lane.woken.clear()
            well = await lane.ask()
            _wake(self._vectors)
            await spacing.wait()
            await _pause(lane, CLAIM_SECONDS if well else self.retry_seconds)

    async def _keep_slow(self, lane: Rounds) -> None:
        first, longest = self.probe_seconds
        pause = first
        while True:
            lane.woken.clear()
            if await lane.ask():
                pause = first
                await _pause(lane, CLAIM_SECONDS)
            else:
                await _pause(lane, pause)
                pause = min(pause * 2, longest)


@asynccontextmanager
async def running(projector: Projector) -> AsyncIterator[Projector]:
    """Run the projector in the background; at the end, let it finish what is quickly done.

    Vectors of documents that are still missing stay in the ledger, and are taken up at the next start.
    """
    task = asyncio.create_task(projector.run(), name="projector")
    projector.wake()
    try:
        yield projector
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(projector.finish(), END_SECONDS)


def _wake(lanes: Iterable[Rounds]) -> None:
    for lane in lanes:
        lane.woken.set()


async def _pause(lane: Rounds, seconds: float) -> None:
    """Wait until the lane is woken, or so long."""
    # Not `wait_for`: before Python 3.12 it loses a cancellation that comes together with what it waits for.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await lane.woken.wait()
