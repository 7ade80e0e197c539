"""From what is in the index to what the ledger says of it: one flush, one transaction for many subjects."""

import asyncio
import math
from collections.abc import Iterable, Sequence

from graphs.ingestion.pace import Pace
from graphs.ingestion.subjects import Subject
from graphs.ingestion.watch import FOLLOWING, Watch
from memory.archive.archive import Archive, UnitOfWork
from memory.long_term.protocol import LongTermIndex

LEASE_SECONDS = 24 * 3600.0
"""How long vectors may take. Long, because the claim is given back whatever happens but a crash, and the next
start ends it then."""
_MOST = 512
"""Subjects that are settled at once, however early it is."""


class Settling:
    """What was written of one lane since the ledger last said so."""

    def __init__(self, archive: Archive, index: LongTermIndex, pace: Pace, watch: Watch | None) -> None:
        """Nothing was written yet. `watch` knows why vectors are missing, where they are."""
        self._archive, self._index, self._pace, self._watch = archive, index, pace, watch
        self._written: dict[int, Subject] = {}
        self._turn = asyncio.Lock()

    def __len__(self) -> int:
        return len(self._written)

    @property
    def due(self) -> bool:
        """Tell whether settling is worth its price now, and nobody does it."""
        return bool(self._written) and not self._turn.locked() and not self._pace.due_in()

    @property
    def early(self) -> bool:
        """Tell whether more should be written before it is settled."""
        return self._pace.coming and len(self._written) < _MOST and self._pace.due_in() > 0

    def add(self, subjects: Iterable[Subject]) -> None:
        """Note that more of these subjects is in the index than the ledger says, or can be."""
        self._written |= {id(subject): subject for subject in subjects}

    async def settle(self) -> None:
        """Make it durable and say so; raises the errors of index and archive, and then forgets nothing."""
        async with self._turn:
            written, self._written = self._written, {}
            if not written:
                return
            # Decided before the flush: what is written meanwhile is not part of it.
            whole = [one for one in written.values() if not one.missing]
            partial = [one for one in written.values() if one.missing]
            try:
                with self._pace.flushing():
                    await self._index.upsert(())
                await self._mark(whole, partial)
            except BaseException:  # a cancellation too; raised again
                self._written = written | self._written
                raise

    async def _mark(self, whole: Sequence[Subject], partial: Sequence[Subject]) -> None:
        why = (self._watch and self._watch.reason) or FOLLOWING
        held = [one.claim for one in partial if one.held]
        left = [one.claim for one in partial if not one.held]

        async def mark(unit: UnitOfWork) -> None:
            ledger = unit.ledger
            await ledger.mark_all([one.claim for one in whole if not one.refused], "done")
            for one in whole:
                if one.refused:
                    await ledger.mark_all([one.claim], "partial", _refusal(one), lease_seconds=math.inf)
            await ledger.mark_all(held, "partial", why, lease_seconds=LEASE_SECONDS)
            await ledger.mark_all(left, "partial", why)

        await self._archive.write(mark)


def _refusal(subject: Subject) -> str:
    number = len(subject.refused)
    what = "1 text has" if number == 1 else f"{number} texts have"
    return f"{what} no vector, of {subject.texts}: {subject.refused[0]}"
