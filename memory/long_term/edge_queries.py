"""The searches of one user's memory, planned as one batch."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from qdrant_edge import (
    CountRequest,
    EdgeShard,
    FieldCondition,
    Filter,
    IdfParams,
    MatchValue,
    Query,
    QueryBatchRequest,
    QueryRequest,
    ScoredPoint,
    SearchParams,
    SparseVector,
)

from memory.long_term import bm25
from memory.long_term.entries import Hit, Kind, Question, SearchResult

KINDS: tuple[Kind, ...] = ("chunk", "turn")
BACKGROUND = 100
"""Entries that a memory is taken to hold beside its own when words are weighed: in a memory of one
document every word is in all of them, and none would weigh anything."""


@dataclass(frozen=True, slots=True)
class UserQueries:
    """Asks the shard for one user: filter and IDF corpus are that user's entries alone."""

    shard: EdgeShard
    mine: Filter
    languages: Sequence[str]

    def search(self, question: Question, limit: int) -> SearchResult:
        """Search the passages of each language with the question stemmed for it."""
        stemmed = {lang: sorted(bm25.terms(question.text, lang, question.lang)) for lang in self.languages}
        asked = {lang: ids for lang, ids in stemmed.items() if ids}
        if not asked:
            return SearchResult()
        words = sorted({term for ids in asked.values() for term in ids})
        legs = [self._leg(ids, lang, kind, limit) for lang, ids in asked.items() for kind in KINDS]
        answers = self.shard.query_batch(QueryBatchRequest(legs + [self._probe(word) for word in words]))
        probes = dict(zip(words, answers[len(legs) :], strict=True))
        weights = self._weights(probes)
        hits = [_hit(point) for points in answers[: len(legs)] for point in points]
        hits.sort(key=lambda hit: (-hit.sparse, hit.item_id))
        by_lang = {lang: {term: weights[term] for term in ids} for lang, ids in asked.items()}
        unseen = frozenset(word for word, points in probes.items() if not points)
        return SearchResult(_best_of_each_kind(hits, limit), by_lang, unseen)

    def _leg(self, ids: list[int], lang: str, kind: Kind, limit: int) -> QueryRequest:
        of_kind = [
            FieldCondition(name, match=MatchValue(value)) for name, value in (("lang", lang), ("kind", kind))
        ]
        conditions = [*(self.mine.must or []), *of_kind]
        return QueryRequest(
            limit=limit,
            query=Query.Nearest(SparseVector(ids, [1.0] * len(ids)), using="bm25"),
            filter=Filter(must=conditions),
            with_payload=True,
            params=self._params(),
        )

    def _probe(self, term: int) -> QueryRequest:
        """Ask for the best passage with one word: its score over its weight there is the word's IDF."""
        return QueryRequest(
            limit=1,
            query=Query.Nearest(SparseVector([term], [1.0]), using="bm25"),
            filter=self.mine,
            with_vector=["bm25"],
            params=self._params(),
        )

    def _params(self) -> SearchParams:
        return SearchParams(idf=IdfParams(corpus=self.mine))

    def _weights(self, probes: dict[int, list[ScoredPoint]]) -> dict[int, float]:
        total = self.shard.count(CountRequest(filter=self.mine, exact=True))
        unseen = math.log(1 + (total + 0.5) / 0.5)
        # As if there were that many entries more: adding to N in ln((N + 1) / (df + .5)) adds a constant.
        background = math.log(1 + BACKGROUND / (total + 1))
        return {
            word: background + (_idf(word, points[0]) if points else unseen)
            for word, points in probes.items()
        }


def _best_of_each_kind(hits: Sequence[Hit], limit: int) -> tuple[Hit, ...]:
    """Return the best of each kind, so that conversations never hide documents, in one order."""
    kept = {id(hit) for kind in KINDS for hit in [hit for hit in hits if hit.kind == kind][:limit]}
    return tuple(hit for hit in hits if id(hit) in kept)


def _idf(word: int, point: ScoredPoint) -> float:
    vector = cast("dict[str, SparseVector]", point.vector)["bm25"]
    return point.score / dict(zip(vector.indices, vector.values, strict=True))[word]


def _hit(point: ScoredPoint) -> Hit:
    payload = cast("dict[str, Any]", point.payload)
    return Hit(payload["item"], payload["kind"], payload["source"], payload["lang"], point.score)
