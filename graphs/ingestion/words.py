"""The first half of projecting into recall: what is found by its words, at once and without any model."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from graphs.ingestion.claiming import claim, give_back
from graphs.ingestion.pace import Pace
from graphs.ingestion.settling import Settling
from graphs.ingestion.subjects import Found, Subject, index_entries
from graphs.ingestion.vectors import Vectors
from memory.archive.archive import Archive
from memory.archive.entities import Kind, LedgerEntry
from memory.archive.errors import ArchiveError
from memory.archive.transactions import steadily
from memory.long_term.entries import IndexEntry
from memory.long_term.errors import LongTermError
from memory.long_term.protocol import LongTermIndex

GROUP = 32
CLAIM_SECONDS = 120
_ROOM = 1024
"""Texts that are offered and wait in memory."""
_TEXTS = 64
"""So many are written at once: then their vectors can be begun."""

_log = structlog.stdlib.get_logger("souvenir.projector")


@dataclass(slots=True)
class Words:
    """Works off what is pending for recall, of some kinds of subjects, many in one flush of the index."""

    archive: Archive
    index: LongTermIndex
    kinds: frozenset[Kind]
    settling: Settling
    vectors: Vectors | None
    """The second half; None without an embedding model."""
    pace: Pace | None
    """How long to wait for more before a flush; None for not at all."""
    _offered: Found = field(default_factory=dict, init=False)
    _offers: deque[LedgerEntry] = field(default_factory=deque, init=False)
    _asked: bool = field(default=True, init=False)
    """The ledger may hold work that was not offered."""

    @property
    def has_room(self) -> bool:
        """Tell whether what was just stored may come from memory: others are read from the archive later."""
        return sum(map(len, self._offered.values())) < _ROOM

    def offer(self, one: LedgerEntry, texts: list[IndexEntry]) -> None:
        """Take over a subject that was claimed when it was stored, with what the index should hold of it."""
        subject = Subject(one)
        self._offered[subject.key] = texts
        self._offers.append(one)

    def ask(self) -> None:
        """Say that the ledger holds work."""
        self._asked = True

    async def work_off(self) -> bool:
        """Work until nothing is pending; False when a part of memory did not answer and work waits."""
        # While documents come in, they are offered; the ledger is looked into when somebody says so.
        self._asked = self._asked or self.pace is None or not self.pace.coming
        try:
            while True:
                claims = await self._claim()
                if claims and not await self._project(claims):
                    return False
                if not claims and not self.settling:
                    return True
                if self.pace is None or not self.settling.early:
                    await self.settling.settle()
                elif not claims:
                    await self.pace.wait()
        except (LongTermError, ArchiveError) as error:
            _log.warning("a projection waits", projection="recall", reason=str(error))
            return False

    async def _claim(self) -> list[LedgerEntry]:
        if self._offers:
            return [self._offers.popleft() for _ in range(min(len(self._offers), GROUP))]
        if not self._asked:
            return []
        self._asked = False
        if self.vectors is not None:
            await self.vectors.let_go()
        claims = await claim(self.archive, "recall", GROUP, CLAIM_SECONDS, self.kinds)
        self._asked = self._asked or bool(claims)
        return claims

    async def _project(self, claims: Sequence[LedgerEntry]) -> bool:
        left = [Subject(one) for one in claims]
        try:
            await self._erase_old(claims)
            found = await self._found(claims)
            while left:
                some = _first(left, found)
                await self._write(some, found)
                left = left[len(some) :]
        except (LongTermError, ArchiveError) as error:
            _log.warning("a projection waits", projection="recall", reason=str(error))
            await give_back(self.archive, [subject.claim for subject in left], str(error))
            return False
        except BaseException:  # a cancellation: raised again
            await steadily(give_back(self.archive, [subject.claim for subject in left]))
            raise
        return True

    async def _found(self, claims: Sequence[LedgerEntry]) -> Found:
        """Return what the index should hold: what was offered with it, and the rest from the archive."""
        keys = [Subject(one).key for one in claims]
        given = {key: self._offered.pop(key) for key in keys if key in self._offered}
        rest = [one for one, key in zip(claims, keys, strict=True) if key not in given]
        return given | await index_entries(self.archive, rest)

    async def _erase_old(self, claims: Sequence[LedgerEntry]) -> None:
        for user in sorted({one.user for one in claims}):
            outdated = [one.subject_id for one in claims if one.user == user and _leaves_old_points(one)]
            if outdated:
                await self.index.erase(user, outdated)

    async def _write(self, subjects: Sequence[Subject], found: Found) -> None:
        """Have subjects found by their words, and hand over what is to have vectors."""
        if texts := [text for subject in subjects for text in found.get(subject.key, [])]:
            await self.index.upsert(texts, durable=False)
        for subject in subjects:
            if self.vectors is not None:
                self.vectors.take(subject, found.get(subject.key, []))
        self.settling.add(subjects)


def _first(subjects: Sequence[Subject], found: Found) -> list[Subject]:
    """Return the first subjects, at least one, with about as many texts as are written at once."""
    texts = 0
    for number, subject in enumerate(subjects):
        texts += len(found.get(subject.key, []))
        if texts >= _TEXTS:
            return list(subjects[: number + 1])
    return list(subjects)


def _leaves_old_points(one: LedgerEntry) -> bool:
    """Tell whether the index may hold points of this subject that must go first."""
    if one.action == "erase":
        return True
    return one.kind == "document" and (one.revision > 1 or one.attempts > 1)
