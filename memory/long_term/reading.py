"""The archive's side of what the index found: texts, and what stands around them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from memory.archive.archive import Archive, UnitOfWork
from memory.archive.entities import Chunk, Document, Turn
from memory.archive.ids import chunk_id
from memory.long_term.entries import Hit
from memory.long_term.passages import Passage, is_transcript


@dataclass(frozen=True, slots=True)
class Found:
    """Chunks with their documents, and turns, by id; and what was said just before them."""

    chunks: Mapping[str, tuple[Chunk, Document]] = field(default_factory=dict)
    turns: Mapping[str, Turn] = field(default_factory=dict)
    before: Mapping[str, str] = field(default_factory=dict)
    """The words said before a chunk of a transcript, or the question of the turn before, by id."""


async def read(archive: Archive, user: str, hits: Sequence[Hit]) -> Found:
    """Return the texts of the hits; what was forgotten is not among them."""
    chunk_ids = [hit.item_id for hit in hits if hit.kind == "chunk"]
    turn_ids = [hit.item_id for hit in hits if hit.kind == "turn"]

    async def look(unit: UnitOfWork) -> Found:
        chunks = await unit.documents.passages(user, chunk_ids)
        turns = await unit.threads.turns_by_id(user, turn_ids)
        before = await _said_before(unit, user, chunks) | await unit.threads.asked_before(user, turn_ids)
        return Found(chunks, turns, before)

    return await archive.glance(look)


async def _said_before(
    unit: UnitOfWork, user: str, chunks: Mapping[str, tuple[Chunk, Document]]
) -> dict[str, str]:
    """Return what was said just before each chunk of a transcript."""
    previous = {mine: _at(*pair, -1) for mine, pair in chunks.items() if is_transcript(pair[1])}
    found = await unit.documents.passages(user, [other for other in previous.values() if other])
    return {mine: found[other][0].text for mine, other in previous.items() if other in found}


async def with_neighbours(
    archive: Archive, user: str, passages: Sequence[Passage], found: Found
) -> list[Passage]:
    """Return the passages with what stands before and after them, unless it is among them itself."""
    around = {
        one.item_id: (_at(*pair, -1), _at(*pair, 1))
        for one in passages
        if (pair := found.chunks.get(one.item_id))
    }
    wanted = {other for pair in around.values() for other in pair if other} - around.keys()
    if not wanted:
        return list(passages)
    neighbours = await archive.glance(lambda unit: unit.documents.passages(user, sorted(wanted)))
    texts = {one: chunk.text for one, (chunk, _) in neighbours.items()}
    return [_between(passage, *around.get(passage.item_id, ("", "")), texts) for passage in passages]


def _between(passage: Passage, before: str, after: str, texts: Mapping[str, str]) -> Passage:
    return replace(passage, before=texts.get(before, ""), after=texts.get(after, ""))


def _at(chunk: Chunk, document: Document, step: int) -> str:
    """Return the id of the chunk that stands so many places further, "" outside of the document."""
    position = chunk.position + step
    if not 0 <= position < document.chunk_count:
        return ""
    return chunk_id(document.id, document.content_hash, position)
