"""The second half of projecting into recall: vectors, in batches filled across documents.

A few workers take batches from one store of texts. One of them at a time writes all vectors that have come
meanwhile, while the others go on: the model never waits for the index or the ledger.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet

import structlog

from graphs.ingestion.claiming import claim
from graphs.ingestion.pace import Pace
from graphs.ingestion.settling import LEASE_SECONDS, Settling
from graphs.ingestion.subjects import Key, Piece, Subject, index_entries, wanted
from graphs.ingestion.watch import FOLLOWING, Watch
from memory.archive.archive import Archive
from memory.archive.entities import Kind
from memory.archive.errors import ArchiveError
from memory.archive.transactions import steadily
from memory.long_term.embedding import Embedded, Embedder
from memory.long_term.entries import IndexEntry
from memory.long_term.errors import LongTermError
from memory.long_term.protocol import LongTermIndex

BATCH = 32
_ROOM = 2048
"""Texts that wait in memory; others wait in the archive."""
_GROUP = 16
_WORKERS = 4
"""Batches under way. The embedder lets two or so call at once; the others are ready, or write, meanwhile."""
_UNWRITTEN = 32
"""Batches whose vectors wait in memory to be written, at most."""

_log = structlog.stdlib.get_logger("souvenir.projector")


class Vectors:
    """Makes the vectors of some kinds of subjects: of those handed over, and of those left partial."""

    def __init__(
        self,
        archive: Archive,
        index: LongTermIndex,
        embedder: Embedder,
        watch: Watch,
        kinds: frozenset[Kind],
        settling: Settling,
        pace: Pace | None,
        batch: int = BATCH,
    ) -> None:
        """Do nothing yet. `batch` texts make one call; `pace` knows whether more is coming."""
        self._archive, self._index, self._embedder, self._watch = archive, index, embedder, watch
        self._kinds, self._settling, self._pace, self._size = kinds, settling, pace, batch
        self._pieces: deque[Piece] = deque()
        self._in_hand: dict[Key, Subject] = {}
        self._left = True
        """There may be partial subjects in the ledger that nobody holds."""
        self._more = asyncio.Event()
        self._finished: list[tuple[Sequence[Piece], Embedded]] = []
        self._writing = asyncio.Lock()
        self._stopped: str | None = None
        self.taken: Callable[[], None] = self._more.set
        """Called when a subject was taken over: there is work."""

    def take(
        self, subject: Subject, entries: Sequence[IndexEntry], done: AbstractSet[str] = frozenset()
    ) -> None:
        """Take over a subject that was claimed, unless there is no room or no model: then it is left partial.

        `entries` are its texts; the ids of those that have their vectors are in `done`.
        """
        missing = [entry for entry in entries if entry.item_id not in done]
        subject.texts, subject.missing = len(entries), len(missing)
        if not missing:
            return
        if len(self._pieces) >= _ROOM or self._watch.reason is not None:
            self._left = True
            return
        subject.held = True
        self._in_hand[subject.key] = subject
        self._pieces.extend((subject, entry) for entry in missing)
        self._more.set()
        self.taken()

    async def let_go(self) -> None:
        """Give back what was asked for again, or forgotten, since it was taken; nothing of it is written."""
        if not self._in_hand:
            return
        async with self._writing:
            overtaken = await self._archive.look(lambda unit: unit.ledger.overtaken("recall", self._kinds))
            gone = [self._in_hand.pop(key) for key in overtaken & self._in_hand.keys()]
            for subject in gone:
                subject.dropped, subject.held = True, False
            if claims := [subject.claim for subject in gone]:
                await self._archive.write(lambda unit: unit.ledger.mark_all(claims, "partial", FOLLOWING))

    async def work_off(self) -> bool:
        """Work until nothing is partial that can be helped; False when it waits for the model or memory."""
        self._stopped, self._left = None, True
        try:
            if not self._pieces and not await self._anything_left():
                return True
            await self._go()
            await self._end()
        except (LongTermError, ArchiveError) as error:
            _log.warning("vectors cannot be written", reason=str(error))
            return False
        except BaseException:  # a cancellation: raised again
            self._give_back()
            await steadily(self._settling.settle())
            raise
        return self._stopped is None

    async def _go(self) -> None:
        if not await self._watch.answers():
            self._stopped = self._watch.reason or FOLLOWING
            return
        await self._pipeline()
        # A model that was replaced answers, but the index does not take its vectors: that is the reason then.
        if self._stopped is not None and not await self._watch.answers(anew=True):
            self._stopped = self._watch.reason

    async def _anything_left(self) -> bool:
        return await self._archive.look(lambda unit: unit.ledger.waiting("recall", self._kinds, "partial"))

    async def _pipeline(self) -> None:
        """Keep calls under way until there is nothing left, or something has stopped."""
        working: set[asyncio.Task[None]] = set()
        try:
            while self._stopped is None:
                if len(self._pieces) < self._size and self._left:
                    await self._refill()
                if working and (len(working) == _WORKERS or not self._ready()):
                    working -= await self._something(working)
                elif batch := self._next():
                    working.add(asyncio.create_task(self._work(batch)))
                elif not working:
                    return
            await asyncio.gather(*working)
        finally:
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)

    def _ready(self) -> bool:
        """Tell whether a call is worth making while others are under way."""
        coming = self._pace is not None and self._pace.coming
        return len(self._pieces) >= (self._size if coming else 1)

    async def _something(self, working: set[asyncio.Task[None]]) -> set[asyncio.Task[None]]:
        """Wait until a call has ended or texts have come; return the calls that have ended."""
        self._more.clear()
        more = asyncio.ensure_future(self._more.wait())
        try:
            ended, _ = await asyncio.wait({*working, more}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            more.cancel()
        return {task for task in working & ended if task.result() is None}

    def _next(self) -> list[Piece]:
        """Take the next texts, as many as make a full batch if there are."""
        batch: list[Piece] = []
        while self._pieces and len(batch) < self._size:
            subject, entry = self._pieces.popleft()
            if not subject.dropped:
                batch.append((subject, entry))
        return batch

    async def _end(self) -> None:
        """Say how far everything is; what was handed over meanwhile is for the next round."""
        try:
            await self._write()
        except LongTermError as error:
            self._stopped = str(error)
        if self._stopped is not None:
            self._give_back()
        if self._pace is None or not self._settling.early:
            await self._settling.settle()
        if (why := self._stopped) is not None:
            await self._archive.write(lambda unit: unit.ledger.explain("recall", self._kinds, why))

    def _give_back(self) -> None:
        """Let others have what was not finished."""
        for subject in self._in_hand.values():
            subject.held, subject.dropped = False, True
        self._settling.add(self._in_hand.values())
        self._in_hand, self._finished = {}, []
        self._pieces.clear()

    async def _work(self, batch: Sequence[Piece]) -> None:
        try:
            embedded = await self._embedder.embed_documents([entry.text for _, entry in batch])
            self._watch.answered(embedded.space)
            self._finished.append((batch, embedded))
            if not self._writing.locked() or len(self._finished) >= _UNWRITTEN:
                await self._write()
            if self._settling.due:
                await self._settling.settle()
        except (LongTermError, ArchiveError) as error:
            self._stopped = str(error)
            self._watch.failed(str(error))

    async def _refill(self) -> None:
        """Take partial subjects from the ledger; what of them has its vectors already is not made again."""
        claims = await claim(self._archive, "recall", _GROUP, LEASE_SECONDS, self._kinds, "partial")
        self._left = bool(claims)
        found = await index_entries(self._archive, claims)
        done: AbstractSet[str] = frozenset()
        for user in {one.user for one in claims}:
            sources = {entry.source_id for key, some in found.items() if key[0] == user for entry in some}
            done |= await self._index.with_vectors(user, sorted(sources))
        for one in claims:
            subject = Subject(one)
            self.take(subject, found.get(subject.key, []), done)
            if not subject.held:
                self._settling.add([subject])

    async def _write(self) -> None:
        """Write all that has come, and what comes meanwhile."""
        async with self._writing:
            while self._finished:
                taken, self._finished = self._finished, []
                for space in {id(embedded.space): embedded.space for _, embedded in taken}.values():
                    entries, vectors = wanted([one for one in taken if one[1].space is space])
                    if entries:
                        vectored = Embedded(space, vectors, {})
                        await self._index.add_vectors(entries, vectored, durable=False)
                for batch, embedded in taken:
                    self._count(batch, embedded)

    def _count(self, batch: Sequence[Piece], embedded: Embedded) -> None:
        for place, (subject, _) in enumerate(batch):
            subject.missing -= 1
            if place in embedded.refused:
                subject.refused.append(embedded.refused[place])
            if not subject.missing and not subject.dropped:
                self._settling.add([self._in_hand.pop(subject.key)])
