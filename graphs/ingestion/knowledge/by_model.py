"""The second half: a model reads what only rules have read, one document at a time."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from graphs.extraction.known_names import KnownNames
from graphs.extraction.model import ModelReader, NoModel, Reading
from graphs.extraction.reading.reader import RulesReader
from graphs.extraction.reading.unread import NotRead
from graphs.ingestion.claiming import claim, give_back
from graphs.ingestion.knowledge.texts import DOCUMENTS, NO_MODEL_YET, mark, texts
from memory.archive.archive import Archive
from memory.archive.entities import Chunk, Document, LedgerEntry
from memory.archive.errors import ArchiveError
from memory.archive.transactions import steadily
from memory.knowledge.errors import KnowledgeError
from memory.knowledge.facts import Link
from memory.knowledge.protocol import KnowledgeGraph

READING_SECONDS: Final = 24 * 3600.0
"""How long a model may take for one document; the claim is given back whatever happens but a crash."""
_log = structlog.stdlib.get_logger("souvenir.projector")


@dataclass(slots=True)
class ByModel:
    """Works off what is partial for the knowledge graph."""

    archive: Archive
    graph: KnowledgeGraph
    names: KnownNames
    reader: ModelReader
    rules: RulesReader
    """Says what is known without a model: who speaks, and who signed."""
    learned: Callable[[], None]
    """Told when names may have become known that other texts hold."""

    async def work_off(self) -> bool:
        """Work until everything was read; False when no model answers, or the graph does not."""
        try:
            while await self._waiting():
                if reason := self.reader.why_not():
                    return await self._explain(reason)
                claims = await claim(self.archive, "knowledge", 1, READING_SECONDS, DOCUMENTS, "partial")
                if claims and not await self._work(claims[0]):
                    return False
            return True
        except ArchiveError as error:
            _log.warning("a projection waits", projection="knowledge", reason=str(error))
            return False

    async def _waiting(self) -> bool:
        return await self.archive.look(lambda unit: unit.ledger.waiting("knowledge", DOCUMENTS, "partial"))

    async def _explain(self, reason: str) -> bool:
        """Say of all that waits why it does; it waits, so False."""
        why = f"{NO_MODEL_YET}: {reason}"
        await self.archive.write(lambda unit: unit.ledger.explain("knowledge", DOCUMENTS, why))
        return False

    async def _work(self, one: LedgerEntry) -> bool:
        try:
            reading = await self._read(one)
        except NoModel as error:
            await give_back(self.archive, [one])
            return await self._explain(str(error))
        except (KnowledgeError, ArchiveError) as error:
            await give_back(self.archive, [one], str(error))
            return False
        except BaseException:  # a cancellation: raised again
            await steadily(give_back(self.archive, [one]))
            raise
        if reading is None:
            await give_back(self.archive, [one])
        elif reading.unread:
            why = f"{len(reading.unread)} of {reading.parts} parts could not be read: {reading.unread[0]}"
            await mark(self.archive, one, "partial", why, lease_seconds=math.inf)
        else:
            await mark(self.archive, one, "done")
        return True

    async def _read(self, one: LedgerEntry) -> Reading | None:
        """Return what was read and put into the graph; None when the document was forgotten meanwhile."""
        held = (await texts(self.archive, [one])).get((one.user, one.subject_id))
        if held is None:
            return None
        document, chunks = held
        sure = await self._sure(document, chunks)
        reading = await self.reader.read(document, chunks, sure)
        if len(reading.unread) < reading.parts or not reading.parts:
            await self.names.about_to_learn(reading.facts)
            await self.graph.put([reading.facts])
            self.names.learned(reading.facts)
            self.learned()
        return reading

    async def _sure(self, document: Document, chunks: Sequence[Chunk]) -> Sequence[Link]:
        """Return who wrote a document, or speaks in it; a model may tell where rules cannot."""
        try:
            return await self.rules.written_by(document, chunks)
        except NotRead:  # the reader has logged it
            return ()
