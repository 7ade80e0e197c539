"""Reading a document with a model, a few chunks at a time; what was read once is kept in the archive."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog
from pydantic import ValidationError

from graphs.extraction.facts_of import Grounding, ungrounded
from graphs.extraction.prompts import VERSION, prompt
from graphs.extraction.said import Said
from graphs.models.structured_calls import StructuredCalls
from memory.archive.archive import Archive, UnitOfWork
from memory.archive.entities import Chunk, Document, Extraction
from memory.knowledge.facts import RULES, DocumentFacts, Link, merged

GROUP_CHARACTERS: Final = 3000
"""About so much is read in one call: less costs calls, more costs attention."""
_log = structlog.stdlib.get_logger("souvenir.extraction")


class NoModel(Exception):
    """No model can be asked at the moment; the message says why."""


@dataclass(slots=True)
class Reading:
    """What came of one document."""

    facts: DocumentFacts
    parts: int = 0
    unread: list[str] = field(default_factory=list)
    """Why, for the parts whose answers could not be used."""


@dataclass(frozen=True, slots=True)
class ModelReader:
    """Reads documents by the `extraction` route."""

    calls: StructuredCalls
    archive: Archive

    def why_not(self) -> str | None:
        """Return why it cannot read now; None when it can."""
        return self.calls.why_not("extraction")

    async def read(self, document: Document, chunks: Sequence[Chunk], sure: Sequence[Link] = ()) -> Reading:
        """Return what the document says; `sure` is known of it without reading (who speaks, who wrote it).

        Raises `NoModel` when the models stop answering: what was read so far is kept, and not read again.
        """
        grounding, unread, extractors, parts = Grounding(list(sure)), list[str](), list[str](), 0
        async for group, extraction, reason in self._groups(document, chunks):
            parts += 1
            if extraction is None:
                unread.append(reason)
                continue
            grounding.add(Said.model_validate(extraction.value), group)
            extractors.append(extraction.extractor)
        if grounding.dropped or unread:
            # Counts only: names are people's own.
            _log.info("left out", document=document.id, not_in_text=grounding.dropped, unread=len(unread))
        facts = DocumentFacts(
            user=document.user,
            document_id=document.id,
            title=document.title,
            uri=document.uri,
            lang=document.lang,
            extractor=_mostly(extractors),
            links=merged(grounding.links),
            employments=tuple(grounding.employments),
            first_chunk=chunks[0].id if chunks else "",
        )
        return Reading(facts, parts, unread)

    async def _groups(
        self, document: Document, chunks: Sequence[Chunk]
    ) -> AsyncIterator[tuple[list[Chunk], Extraction | None, str]]:
        """Yield each group with what was read in it, from the archive or anew; else None, and why."""
        groups = list(grouped(chunks))
        first = [group[0].id for group in groups]
        known = await self.archive.look(lambda unit: unit.extractions.of(document.user, first))
        for group in groups:
            digest, had = _digest(document, group), known.get(group[0].id)
            if had and had.digest == digest and _is_usable(had):
                yield group, had, ""
                continue
            yield group, *await self._ask(document, group, digest)

    async def _ask(
        self, document: Document, group: list[Chunk], digest: str
    ) -> tuple[Extraction | None, str]:
        asked = await self.calls.ask(
            "extraction",
            Said,
            prompt(document, group),
            check=lambda said: ungrounded(said, group),
            user=document.user,
        )
        if asked.value is None:
            if not asked.answered:
                raise NoModel(asked.reason)
            return None, asked.reason
        value = asked.value.model_dump()
        extraction = Extraction(document.user, group[0].id, digest, asked.served_by, value)
        await self.archive.write(lambda unit: self._keep(unit, document, extraction))
        return extraction, ""

    async def _keep(self, unit: UnitOfWork, document: Document, extraction: Extraction) -> None:
        there = await unit.extractions.keep(extraction)
        if not there and self.calls.answers is not None:
            # Forgotten while it was read: its answer was cached after the others had been dropped.
            await unit.ledger.enqueue(document.user, "document", document.id, "answers", "erase")


def grouped(chunks: Sequence[Chunk]) -> list[list[Chunk]]:
    """Return neighbouring chunks in groups that are read together."""
    groups: list[list[Chunk]] = []
    size = 0
    for chunk in chunks:
        if not groups or size + len(chunk.text) > GROUP_CHARACTERS:
            groups.append([])
            size = 0
        groups[-1].append(chunk)
        size += len(chunk.text)
    return groups


def _mostly(extractors: Sequence[str]) -> str:
    """Return who read most of it."""
    return max(sorted(set(extractors)), key=extractors.count, default=RULES)


def _digest(document: Document, group: Sequence[Chunk]) -> str:
    said = [str(VERSION), document.title, *(f"{chunk.locator}\n{chunk.text}" for chunk in group)]
    return hashlib.sha256("\0".join(said).encode("utf-8", "surrogatepass")).hexdigest()


def _is_usable(extraction: Extraction) -> bool:
    """Tell whether what was kept has the shape of today."""
    try:
        Said.model_validate(extraction.value)
    except ValidationError:
        return False
    return True
