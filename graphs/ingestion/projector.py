"""The projector: brings long-term memory and the checkpoints in line with the archive.

The archive's ledger says what is to do; every step can be repeated. Work is taken in groups, so that
many documents share one flush of the index.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog
from langgraph.checkpoint.base import BaseCheckpointSaver

from memory.archive.archive import Archive, UnitOfWork
from memory.archive.entities import LedgerEntry, Projection, State
from memory.archive.errors import ArchiveError
from memory.long_term.entries import IndexEntry
from memory.long_term.errors import LongTermError
from memory.long_term.passages import document_entries, turn_entry
from memory.long_term.protocol import LongTermIndex
from memory.short_term.errors import ShortTermError
from memory.short_term.keys import thread_key
from memory.short_term.sqlite import forget_threads

GROUP = 32
CLAIM_SECONDS = 120
RETRY_SECONDS = 5.0

_PROJECTIONS: tuple[Projection, ...] = ("recall", "short_term")
_log = structlog.stdlib.get_logger("souvenir.projector")


@dataclass
class Projector:
    """Works the ledger off. `run` in the background, or `drain` to have it done now."""

    archive: Archive
    index: LongTermIndex
    checkpointer: BaseCheckpointSaver[str]
    retry_seconds: float = RETRY_SECONDS
    _asked: asyncio.Event = field(default_factory=asyncio.Event)
    _working: asyncio.Lock = field(default_factory=asyncio.Lock)

    def wake(self) -> None:
        """Say that there is work."""
        self._asked.set()

    async def run(self) -> None:
        """Work for ever: whenever woken, again a while after a failure, and when a claim may have run out."""
        while True:
            pause = CLAIM_SECONDS if await self.drain() else self.retry_seconds
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._asked.wait(), pause)

    async def drain(self) -> bool:
        """Work until nothing is left; False when a part of memory did not answer and work waits."""
        async with self._working:
            self._asked.clear()
            # A part that does not answer must not hold up what is to be erased from another.
            return all([await self._work_off(projection) for projection in _PROJECTIONS])

    async def _work_off(self, projection: Projection) -> bool:
        try:
            while entries := await self._claim(projection):
                if not await self._project(projection, entries):
                    return False
        except ArchiveError as error:
            _log.warning("the ledger cannot be used", reason=str(error))
            return False
        return True

    async def _claim(self, projection: Projection) -> list[LedgerEntry]:
        async with self.archive.unit() as unit:
            return await unit.ledger.claim(projection, limit=GROUP, lease_seconds=CLAIM_SECONDS)

    async def _project(self, projection: Projection, entries: Sequence[LedgerEntry]) -> bool:
        try:
            if projection == "recall":
                await self._into_recall(entries)
            else:
                await self._forget_checkpoints(entries)
        except (LongTermError, ShortTermError, ArchiveError) as error:
            _log.warning("a projection waits", projection=projection, reason=str(error))
            await self._mark(entries, "pending", str(error))
            return False
        await self._mark(entries, "done")
        return True

    async def _into_recall(self, entries: Sequence[LedgerEntry]) -> None:
        for user in sorted({entry.user for entry in entries}):
            mine = [entry for entry in entries if entry.user == user]
            outdated = [entry.subject_id for entry in mine if _leaves_old_points(entry)]
            if outdated:
                await self.index.erase(user, outdated)
            async with self.archive.read() as unit:
                wanted = [entry for entry in mine if entry.action == "project"]
                texts = [text for entry in wanted for text in await _texts(unit, entry)]
            if texts:
                await self.index.upsert(texts)

    async def _forget_checkpoints(self, entries: Sequence[LedgerEntry]) -> None:
        keys = [thread_key(entry.user, entry.subject_id) for entry in entries]
        await forget_threads(self.checkpointer, keys)

    async def _mark(self, entries: Sequence[LedgerEntry], state: State, reason: str | None = None) -> None:
        async with self.archive.unit() as unit:
            for entry in entries:
                await unit.ledger.mark(entry, state, reason)


@asynccontextmanager
async def running(projector: Projector) -> AsyncIterator[Projector]:
    """Run the projector in the background; at the end, let it finish what is known."""
    task = asyncio.create_task(projector.run(), name="projector")
    projector.wake()
    try:
        yield projector
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(projector.drain(), 10)


def _leaves_old_points(entry: LedgerEntry) -> bool:
    """Tell whether the index may hold points of this subject that must go first."""
    if entry.action == "erase":
        return True
    return entry.kind == "document" and (entry.revision > 1 or entry.attempts > 1)


async def _texts(unit: UnitOfWork, entry: LedgerEntry) -> list[IndexEntry]:
    """Return what the index should hold of a subject; nothing when it was forgotten since."""
    if entry.kind == "turn":
        turn = await unit.threads.turn(entry.user, entry.subject_id)
        entry_of_turn = turn_entry(turn) if turn else None
        return [entry_of_turn] if entry_of_turn else []
    document = await unit.documents.get(entry.user, entry.subject_id)
    if document is None:
        return []
    chunks = await unit.documents.chunks(entry.user, entry.subject_id)
    return list(document_entries(document, chunks))
