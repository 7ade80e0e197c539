"""Recall: the passages of a user's memory that answer a question best.

The index proposes candidates by BM25; their texts come from the archive (what was forgotten there
is gone here); each is weighed against the question, and the order is BM25, relative to its best,
plus the share of the question held by the passage's best sentences.
"""

from dataclasses import dataclass

from memory.archive.archive import Archive
from memory.archive.entities import Chunk, Document, Turn
from memory.archive.ids import chunk_id
from memory.long_term.entries import Hit, Question, SearchResult
from memory.long_term.evidence import Evidence, Judge
from memory.long_term.passages import Passage, chunk_passage, is_transcript, turn_passage, turn_text
from memory.long_term.protocol import LongTermIndex

CANDIDATES = 30
"""How many hits of the index are read and weighed for one question."""


_SAME_LANGUAGE = 0.12
"""What a passage in the language of the question is ahead of an equal one in another."""


@dataclass(frozen=True, slots=True)
class _Found:
    """The archive's side of the hits."""

    chunks: dict[str, tuple[Chunk, Document]]
    turns: dict[str, Turn]
    before: dict[str, str]
    """What was said just before a chunk of a transcript, by the chunk's id."""


@dataclass(frozen=True, slots=True)
class Recall:
    """Answers "what does memory hold on this?" for one user at a time."""

    index: LongTermIndex
    archive: Archive

    async def search(self, user: str, question: Question, limit: int = 8) -> list[Passage]:
        """Return at most `limit` passages, best first.

        Raises `IndexUnavailable` or `ArchiveUnavailable` when a part of memory does not answer.
        """
        result = await self.index.search(user, question, max(limit, CANDIDATES))
        if not result.hits:
            return []
        found = await self._read(user, result.hits)
        return _ranked(question, result, found)[:limit]

    async def _read(self, user: str, hits: tuple[Hit, ...]) -> _Found:
        chunk_ids = [hit.item_id for hit in hits if hit.kind == "chunk"]
        turn_ids = [hit.item_id for hit in hits if hit.kind == "turn"]
        async with self.archive.read() as unit:
            chunks = await unit.documents.passages(user, chunk_ids) if chunk_ids else {}
            turns = await unit.threads.turns_by_id(user, turn_ids) if turn_ids else {}
            before = {chunk.id: _before(chunk, document) for chunk, document in chunks.values()}
            wanted = [other for other in before.values() if other]
            said = await unit.documents.passages(user, wanted) if wanted else {}
        texts = {mine: said[other][0].text for mine, other in before.items() if other in said}
        return _Found(chunks, turns, texts)


def _ranked(question: Question, result: SearchResult, found: _Found) -> list[Passage]:
    judges = {lang: Judge(question, lang, result) for lang in result.term_weights}
    best = result.hits[0].sparse
    ranked: list[tuple[float, Passage]] = []
    for hit in result.hits:
        weighed = _passage(hit, found, judges[hit.lang])
        if weighed is not None:
            passage, evidence = weighed
            if passage.kind == "turn" and not passage.quote:
                continue  # It asked the same and states nothing: it would only crowd out what answers.
            same = _SAME_LANGUAGE if hit.lang == question.lang else 0.0
            ranked.append((hit.sparse / best + evidence.focus + same, passage))
    ranked.sort(key=lambda pair: (-pair[0], pair[1].item_id))
    return [passage for _, passage in ranked]


def _passage(hit: Hit, found: _Found, judge: Judge) -> tuple[Passage, Evidence] | None:
    if hit.item_id in found.chunks:
        chunk, document = found.chunks[hit.item_id]
        before = found.before.get(chunk.id, "")
        evidence = judge.weigh(f"{document.title}\n{chunk.locator}", chunk.text, before)
        return chunk_passage(hit, chunk, document, evidence), evidence
    if hit.item_id in found.turns:
        turn = found.turns[hit.item_id]
        evidence = judge.weigh("", turn_text(turn))
        return turn_passage(hit, turn, evidence), evidence
    return None


def _before(chunk: Chunk, document: Document) -> str:
    """Return the id of the chunk before, where it belongs to the sense of this one."""
    if chunk.position == 0 or not is_transcript(document):
        return ""
    return chunk_id(document.id, document.content_hash, chunk.position - 1)
