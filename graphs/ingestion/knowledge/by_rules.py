"""The first half of projecting into the knowledge graph: what rules read, at once and without any model."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from graphs.extraction.known_names import KnownNames
from graphs.extraction.reading.reader import RulesReader
from graphs.extraction.reading.unread import NotRead, nothing_of
from graphs.ingestion.claiming import claim, give_back
from graphs.ingestion.knowledge.second_look import SecondLook
from graphs.ingestion.knowledge.texts import BY_RULES, DOCUMENTS, RULES_ONLY, Texts, mark, texts
from memory.archive.archive import Archive
from memory.archive.entities import LedgerEntry
from memory.archive.errors import ArchiveError
from memory.archive.transactions import steadily
from memory.knowledge.errors import KnowledgeError
from memory.knowledge.protocol import KnowledgeGraph

GROUP: Final = 8
CLAIM_SECONDS: Final = 300.0
_log = structlog.stdlib.get_logger("souvenir.projector")


@dataclass(slots=True)
class ByRules:
    """Works off what is pending for the knowledge graph: erasures first."""

    archive: Archive
    graph: KnowledgeGraph
    names: KnownNames
    reader: RulesReader
    second_look: SecondLook
    calm: Callable[[], Awaitable[None]]
    """Waits while documents come in: finding them comes first."""
    was_read: Callable[[], None] | None
    """Told when there is something for a model to read again; None where no model does."""

    async def work_off(self) -> bool:
        """Work until nothing is pending; False when the graph did not answer and work waits."""
        try:
            while True:
                await self.calm()
                claims = await self._claim()
                if claims and not await self._project(claims):
                    return False
                if not claims and not await self.second_look.look():
                    return True
        except (ArchiveError, KnowledgeError) as error:
            _log.warning("a projection waits", projection="knowledge", reason=str(error))
            return False

    async def erase(self) -> bool:
        """Work off what is to be erased, which comes first; False when the graph did not answer."""
        try:
            claims = await self._claim()
            return not claims or await self._project(claims)
        except ArchiveError as error:
            _log.warning("a projection waits", projection="knowledge", reason=str(error))
            return False

    async def _claim(self) -> list[LedgerEntry]:
        return await claim(self.archive, "knowledge", GROUP, CLAIM_SECONDS, DOCUMENTS)

    async def _project(self, claims: Sequence[LedgerEntry]) -> bool:
        left = list(claims)
        try:
            found = await texts(self.archive, claims)
            await self._forget(left, found)
            while left:
                await self._read(left[0], found)
                left.pop(0)
        except (KnowledgeError, ArchiveError) as error:
            _log.info("a projection waits", projection="knowledge", reason=str(error))
            await give_back(self.archive, left, str(error))
            return False
        except BaseException:  # a cancellation: raised again
            await steadily(give_back(self.archive, left))
            raise
        return True

    async def _forget(self, left: list[LedgerEntry], found: Texts) -> None:
        """Remove from the graph what is to be erased, and from the list."""
        gone = [one for one in left if (one.user, one.subject_id) not in found]
        for user in sorted({one.user for one in gone}):
            await self.graph.forget(user, [one.subject_id for one in gone if one.user == user])
            await self.graph.scrub(user)
            self.names.changed(user)
        for one in gone:
            await mark(self.archive, one, "done")
            left.remove(one)

    async def _read(self, one: LedgerEntry, found: Texts) -> None:
        document, chunks = found[(one.user, one.subject_id)]
        why = BY_RULES if self.was_read else RULES_ONLY
        try:
            facts = await self.reader.read(document, chunks, await self.names.of(one.user))
        except NotRead as error:
            facts, why = nothing_of(document, chunks), f"rules could not read it: {error}"
        await self.names.about_to_learn(facts)
        await self.graph.put([facts])
        self.names.learned(facts)
        await mark(self.archive, one, "partial", why)
        if self.was_read:
            self.was_read()
