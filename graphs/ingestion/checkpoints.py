"""Erasing the saved state of conversations, as the ledger asks."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from graphs.ingestion.claiming import claim, give_back
from graphs.ingestion.words import CLAIM_SECONDS, GROUP
from memory.archive.archive import Archive
from memory.archive.entities import LedgerEntry
from memory.archive.errors import ArchiveError
from memory.short_term.errors import ShortTermError
from memory.short_term.keys import thread_key
from memory.short_term.protocol import SessionStore

_log = structlog.stdlib.get_logger("souvenir.projector")


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """Works off what the ledger has for short-term memory."""

    archive: Archive
    sessions: SessionStore

    async def work_off(self) -> bool:
        """Work until nothing is pending; False when a part of memory did not answer and work waits."""
        try:
            while entries := await self._claim():
                if not await self._forget(entries):
                    return False
        except ArchiveError as error:
            _log.warning("the ledger cannot be used", reason=str(error))
            return False
        return True

    async def _claim(self) -> list[LedgerEntry]:
        return await claim(self.archive, "short_term", GROUP, CLAIM_SECONDS)

    async def _forget(self, entries: Sequence[LedgerEntry]) -> bool:
        try:
            keys = [thread_key(entry.user, entry.subject_id) for entry in entries]
            await self.sessions.forget(keys)
        except ShortTermError as error:
            _log.warning("a projection waits", projection="short_term", reason=str(error))
            await give_back(self.archive, entries, str(error))
            return False
        await self.archive.write(lambda unit: unit.ledger.mark_all(entries, "done"))
        return True
