"""Dropping the cached answers of whoever had something forgotten, as the ledger asks."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from graphs.ingestion.claiming import claim, give_back
from graphs.ingestion.words import CLAIM_SECONDS, GROUP
from memory.answer_cache.errors import AnswerCacheError
from memory.answer_cache.protocol import AnswerCache
from memory.archive.archive import Archive
from memory.archive.entities import LedgerEntry
from memory.archive.errors import ArchiveError
from memory.archive.transactions import steadily

_log = structlog.stdlib.get_logger("souvenir.projector")


@dataclass(frozen=True, slots=True)
class DroppedAnswers:
    """Works off what the ledger has for the cache of answers.

    Which answers drew on what is forgotten cannot be told from their keys, so all of a user's go.
    """

    archive: Archive
    cache: AnswerCache

    async def work_off(self) -> bool:
        """Work until nothing is pending; False when the cache or the archive did not answer."""
        try:
            while entries := await claim(self.archive, "answers", GROUP, CLAIM_SECONDS):
                if not await self._forget(entries):
                    return False
        except ArchiveError as error:
            _log.warning("the ledger cannot be used", reason=str(error))
            return False
        return True

    async def _forget(self, entries: Sequence[LedgerEntry]) -> bool:
        try:
            for user in sorted({entry.user for entry in entries}):
                await self.cache.forget(user)
        except AnswerCacheError as error:
            _log.warning("a projection waits", projection="answers", reason=str(error))
            await give_back(self.archive, entries, str(error))
            return False
        except BaseException:  # a cancellation: raised again
            await steadily(give_back(self.archive, entries))
            raise
        await self.archive.write(lambda unit: unit.ledger.mark_all(entries, "done"))
        return True
