"""Recall: the passages of a user's memory that answer a question best.

The index proposes candidates by words and by meaning; their texts come from the archive (what was
forgotten there is gone here); each is weighed against the question, and the signals are fused by score.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from memory.archive.archive import Archive
from memory.knowledge.errors import KnowledgeError
from memory.knowledge.named import NamedPassages
from memory.long_term import fusion, reading
from memory.long_term.embedding import Embedder, cosine
from memory.long_term.entries import Hit, Question, SearchResult
from memory.long_term.errors import EmbedderUnavailable
from memory.long_term.evidence import Judge
from memory.long_term.fusion import Signals, Weights
from memory.long_term.mentions import Mentions, mentions
from memory.long_term.near_duplicates import demoted
from memory.long_term.passages import (
    Passage,
    chunk_passage,
    day_in_words,
    is_transcript,
    turn_passage,
    turn_text,
)
from memory.long_term.protocol import LongTermIndex
from memory.long_term.reading import Found
from memory.long_term.readings import Readings

CANDIDATES: Final = 40
"""How many hits of each leg and kind the index proposes for one question."""
WEIGHED: Final = 40
"""How many of them are read and weighed: the first by words and meaning alone."""
EMBEDDING_SECONDS: Final = 3.0
"""How long a question waits for its vector; a model that is being loaded may need longer than that."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """What memory holds on a question, best first, and which part of recall did not do its work, and why."""

    passages: list[Passage]
    degraded: dict[str, str]
    signals: Mapping[str, Signals] = field(default_factory=dict)
    """What each passage was ranked by, by its id; `rank` tells, `search` does not."""


@dataclass(frozen=True, slots=True)
class Recall:
    """Answers "what does memory hold on this?" for one user at a time."""

    index: LongTermIndex
    archive: Archive
    clock: Callable[[], datetime]
    embedder: Embedder | None = None
    """Without it, or while it does not answer, words alone decide."""
    weights: Weights = field(default_factory=Weights)
    readings: Readings = field(default_factory=Readings)
    patience: float = EMBEDDING_SECONDS
    """Seconds that a question waits for its vector."""
    named: NamedPassages | None = None
    """The knowledge graph's leg; None for who has none."""

    async def search(self, user: str, question: Question, limit: int = 8) -> Recalled:
        """Return at most `limit` passages, best first, with what stands around them.

        Raises `IndexUnavailable` or `ArchiveUnavailable` when a part of memory does not answer.
        """
        ranked, found = await self._rank(user, question, max(limit, WEIGHED))
        chosen = demoted(ranked.passages, limit)
        best = await reading.with_neighbours(self.archive, user, chosen, found)
        return Recalled(best, ranked.degraded)

    async def rank(self, user: str, question: Question) -> Recalled:
        """Return every passage that was weighed, best first, and its signals; raises as `search` does."""
        ranked, _ = await self._rank(user, question, WEIGHED)
        return ranked

    async def _rank(self, user: str, question: Question, depth: int) -> tuple[Recalled, Found]:
        (question, degraded), (named, unnamed) = await asyncio.gather(
            self._with_vector(question), self._with_names(user, question)
        )
        question = replace(question, also=tuple(named))
        result = await self.index.search(user, question, max(CANDIDATES, depth))
        result = replace(result, hits=tuple(_tied(hit, named) for hit in result.hits)) if named else result
        degraded |= unnamed
        hits = self._most_promising(question, result.hits, depth)
        found = await reading.read(self.archive, user, [hit for hit, _ in hits])
        ranked = self._ranked(question, result, hits, found)
        by_id = {passage.item_id: signals for passage, signals in ranked}
        return Recalled([passage for passage, _ in ranked], degraded, by_id), found

    async def _with_vector(self, question: Question) -> tuple[Question, dict[str, str]]:
        """Return the question with its vector, or without, and then why."""
        if self.embedder is None or self.index.space is None:
            return question, {}
        try:
            async with asyncio.timeout(self.patience):
                space, vector = await self.embedder.embed_question(question.text)
        except EmbedderUnavailable as error:
            return question, {self.embedder.component: str(error)}
        except TimeoutError:
            return question, {self.embedder.component: f"no vector within {self.patience:g} s"}
        if (held := self.index.space) is None:  # it was cleared meanwhile
            return question, {}
        if difference := held.difference(space):
            fix = f"{difference}: run `souvenir documents rebuild`"
            return question, {self.embedder.component: fix}
        return replace(question, vector=vector, unrelated=cosine(vector, space.canary)), {}

    async def _with_names(self, user: str, question: Question) -> tuple[Mapping[str, float], dict[str, str]]:
        """Return the chunks that the knowledge graph proposes, and why it did not, if it did not."""
        if self.named is None:
            return {}, {}
        try:
            return await self.named.passages(user, question.text), {}
        except KnowledgeError as error:
            return {}, {"knowledge": str(error)}

    def _most_promising(
        self, question: Question, hits: Sequence[Hit], depth: int
    ) -> list[tuple[Hit, Signals]]:
        """Return the hits that are worth reading, best first, with what the legs say of them."""
        pairs = sorted(
            zip(hits, fusion.signals(hits, question.unrelated), strict=True),
            key=lambda pair: (-self.weights.score(pair[1]), pair[0].item_id),
        )
        return pairs[:depth]

    def _ranked(
        self, question: Question, result: SearchResult, hits: Sequence[tuple[Hit, Signals]], found: Found
    ) -> list[tuple[Passage, Signals]]:
        judges = {lang: Judge(question, lang, result, self.readings) for lang in result.term_weights}
        mentioned = mentions(question, found, self.clock())
        ranked: list[tuple[Passage, Signals]] = []
        for hit, by_legs in hits:
            proof = by_legs.meaning if self._understands(question, hit) else None
            if weighed := _weighed(hit, found, judges[hit.lang], proof):
                passage, focus = weighed
                same = hit.lang == question.lang
                signals = replace(by_legs, focus=focus, same_language=same)
                ranked.append((passage, _as_mentioned(mentioned, signals, hit, found)))
        beside = self._beside(ranked, found)
        ranked = [
            (one, replace(signals, beside=beside[one.item_id]) if one.item_id in beside else signals)
            for one, signals in ranked
        ]
        return sorted(ranked, key=lambda pair: (-self.weights.score(pair[1]), pair[0].item_id))

    def _beside(self, weighed: Sequence[tuple[Passage, Signals]], found: Found) -> dict[str, float]:
        """Return the score of the better neighbour of each passage of a transcript, by its id."""
        scores = {
            (passage.document_id, found.chunks[passage.item_id][0].position): self.weights.score(signals)
            for passage, signals in weighed
            if passage.item_id in found.chunks and is_transcript(found.chunks[passage.item_id][1])
        }
        ids = {(chunk.document_id, chunk.position): chunk.id for chunk, _ in found.chunks.values()}
        return {
            ids[place]: max(scores.get((place[0], place[1] + step), 0.0) for step in (-1, 1))
            for place in scores
        }

    def _understands(self, question: Question, hit: Hit) -> bool:
        """Tell whether the embedder is known to have learned the languages of both."""
        known = self.embedder.languages if self.embedder and hit.dense is not None else frozenset()
        return {question.lang, hit.lang} <= known


def _tied(hit: Hit, named: Mapping[str, float]) -> Hit:
    return replace(hit, knowledge=named[hit.item_id]) if hit.item_id in named else hit


def _weighed(hit: Hit, found: Found, judge: Judge, proof: float | None) -> tuple[Passage, float] | None:
    """Return the passage and its focus; None when it was forgotten, or states nothing."""
    before = found.before.get(hit.item_id, "")
    if hit.item_id in found.chunks:
        chunk, document = found.chunks[hit.item_id]
        evidence = judge.weigh(f"{document.title}\n{chunk.locator}", chunk.text, before, proof)
        return chunk_passage(hit, chunk, document, evidence), evidence.focus
    if hit.item_id in found.turns:
        turn = found.turns[hit.item_id]
        evidence = judge.weigh(day_in_words(turn.started_at, turn.lang), turn_text(turn), before, proof)
        if not evidence.sentence and (hit.sparse or not evidence.states):
            return None  # It asked the same and states nothing: it would only crowd out what answers.
        return turn_passage(hit, turn, evidence), evidence.focus
    return None


def _as_mentioned(mentioned: Mentions, signals: Signals, hit: Hit, found: Found) -> Signals:
    """Return the signals with who said it, and when, where the question speaks of that."""
    if hit.kind == "turn":
        return mentioned.in_turn(signals, found.turns[hit.item_id])
    return mentioned.in_chunk(signals, *found.chunks[hit.item_id])
