"""The searches of one user's memory, planned as one batch."""

import math
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, cast

from qdrant_edge import (
    CountRequest,
    EdgeShard,
    FacetRequest,
    FieldCondition,
    Filter,
    HasIdCondition,
    IdfParams,
    MatchValue,
    Query,
    QueryBatchRequest,
    QueryRequest,
    Record,
    ScoredPoint,
    ScrollRequest,
    SearchParams,
    SparseVector,
)

from memory.long_term import bm25
from memory.long_term.edge_points import point_id_of
from memory.long_term.embedding import Vector
from memory.long_term.entries import Hit, Kind, Question, SearchResult

KINDS: tuple[Kind, ...] = ("chunk", "turn")
BACKGROUND = 100
"""Entries that a memory is taken to hold beside its own when words are weighed: in a memory of one
document every word is in all of them, and none would weigh anything."""


_Found = dict[Any, Hit]
"""Hits by the id of their point."""


@dataclass(frozen=True, slots=True)
class UserFacts:
    """What searching one user's memory needs to know of it; it changes only when something is written."""

    languages: Mapping[Kind, tuple[str, ...]]
    """The languages of each kind of entry that there is."""
    entries: Mapping[Kind, int]


def read_facts(shard: EdgeShard, mine: Filter) -> UserFacts:
    """Ask the shard for them."""
    those = {kind: Filter(must=[*(mine.must or []), equals("kind", kind)]) for kind in KINDS}
    spoken = {kind: shard.facet(FacetRequest("lang", limit=50, filter=one)) for kind, one in those.items()}
    return UserFacts(
        languages={
            kind: tuple(sorted(str(hit.value) for hit in found.hits))
            for kind, found in spoken.items()
            if found.hits
        },
        entries={kind: shard.count(CountRequest(filter=one, exact=True)) for kind, one in those.items()},
    )


def equals(field: str, value: str) -> FieldCondition:
    """Return the condition that a field of the payload has this value."""
    return FieldCondition(field, match=MatchValue(value))


@dataclass(frozen=True, slots=True)
class UserQueries:
    """Asks the shard for one user: filter and IDF corpus are that user's entries alone."""

    shard: EdgeShard
    user: str
    mine: Filter
    facts: UserFacts

    def search(self, question: Question, limit: int) -> SearchResult:
        """Search by words, stemmed for the passages of each language, and by meaning, in one pass.

        What one leg proposes is scored by the other too: by words from the vectors that come along, by
        meaning in a second, small pass over those passages alone.
        """
        spoken = {lang for langs in self.facts.languages.values() for lang in langs}
        asked = {lang: bm25.terms(question.text, lang, question.lang) for lang in sorted(spoken)}
        words = sorted(frozenset().union(*asked.values()))
        legs = [
            self._by_words(asked[lang], lang, kind, limit)
            for kind, langs in self.facts.languages.items()
            for lang in langs
            if asked[lang]
        ]
        vector = question.vector
        near = self._near(vector, limit) if vector else []
        answers = self.shard.query_batch(QueryBatchRequest([*legs, *map(self._probe, words), *near]))
        probes = dict(zip(words, answers[len(legs) :], strict=False))
        idf = {word: _idf(word, points[0]) for word, points in probes.items() if points}
        alike = ((point.id, _hit(point, sparse=point.score)) for leg in answers[: len(legs)] for point in leg)
        found = self._with_meaning(vector, _best_of_each_kind(alike, limit, by=lambda hit: hit.sparse))
        proposed = chain.from_iterable(answers[len(legs) + len(words) :])
        near_hits = (
            (point.id, _hit(point, sparse=_by_hand(point, asked, idf), dense=point.score))
            for point in proposed
        )
        for point_id, hit in _best_of_each_kind(near_hits, limit, by=lambda hit: hit.dense or 0.0).items():
            # The first passage in a language, written after the languages were read, is found next time.
            if point_id not in found and hit.lang in asked:
                found[point_id] = hit
        wanted = {point_id_of(self.user, "chunk", one) for one in question.also} - found.keys()
        for point_id, hit in self._among(wanted, vector, asked, idf):
            if hit.lang in asked:
                found[point_id] = hit
        unseen = frozenset(words) - idf.keys()
        return SearchResult(_in_order(found.values()), self._weights(asked, idf), unseen)

    def _by_words(self, ids: Iterable[int], lang: str, kind: Kind, limit: int) -> QueryRequest:
        terms = sorted(ids)
        return QueryRequest(
            limit=limit,
            query=Query.Nearest(SparseVector(terms, [1.0] * len(terms)), using="bm25"),
            filter=self._where(lang=lang, kind=kind),
            with_payload=True,
            params=self._params(),
        )

    def _near(self, vector: Vector, limit: int) -> list[QueryRequest]:
        """Ask for the nearest of all, and of every kind but the commonest, which the others must not hide.

        Asking by kind takes the engine twice as long, where most entries are of it.
        """
        rarer = sorted(self.facts.languages, key=lambda kind: self.facts.entries[kind])[:-1]
        of_all = self._by_meaning(vector, self.mine, limit * (len(rarer) + 1))
        return [of_all, *(self._by_meaning(vector, self._where(kind=kind), limit) for kind in rarer)]

    def _by_meaning(self, vector: Vector, among: Filter, limit: int) -> QueryRequest:
        return QueryRequest(
            limit=limit,
            query=Query.Nearest(list(vector), using="dense"),
            filter=among,
            with_payload=True,
            with_vector=["bm25"],
        )

    def _with_meaning(self, vector: Vector | None, found: _Found) -> _Found:
        """Return the hits with their cosines, where they have a vector."""
        if vector is None or not found:
            return found
        these = Filter(must=[HasIdCondition(set(found))])
        near = Query.Nearest(list(vector), using="dense")
        points = self.shard.query(QueryRequest(limit=len(found), query=near, filter=these))
        return found | {point.id: replace(found[point.id], dense=point.score) for point in points}

    def _among(
        self,
        ids: AbstractSet[str],
        vector: Vector | None,
        asked: Mapping[str, frozenset[int]],
        idf: Mapping[int, float],
    ) -> list[tuple[Any, Hit]]:
        """Return what both legs say of points that another one proposes."""
        if not ids:
            return []
        these = Filter(must=[*(self.mine.must or []), HasIdCondition(set(ids))])
        points, _ = self.shard.scroll(
            ScrollRequest(limit=len(ids), filter=these, with_payload=True, with_vector=["bm25"])
        )
        hits = {point.id: _hit(point, sparse=_by_hand(point, asked, idf)) for point in points}
        return list(self._with_meaning(vector, hits).items())

    def _probe(self, term: int) -> QueryRequest:
        """Ask for the best passage with one word: its score over its weight there is the word's IDF."""
        return QueryRequest(
            limit=1,
            query=Query.Nearest(SparseVector([term], [1.0]), using="bm25"),
            filter=self.mine,
            with_vector=["bm25"],
            params=self._params(),
        )

    def _where(self, **fields: str) -> Filter:
        conditions = [FieldCondition(name, match=MatchValue(value)) for name, value in fields.items()]
        return Filter(must=[*(self.mine.must or []), *conditions])

    def _params(self) -> SearchParams:
        return SearchParams(idf=IdfParams(corpus=self.mine))

    def _weights(
        self, asked: Mapping[str, frozenset[int]], idf: Mapping[int, float]
    ) -> dict[str, dict[int, float]]:
        total = sum(self.facts.entries.values())
        unseen = math.log(1 + (total + 0.5) / 0.5)
        # As if there were that many entries more: adding to N in ln((N + 1) / (df + .5)) adds a constant.
        background = math.log(1 + BACKGROUND / (total + 1))
        return {
            lang: {word: background + idf.get(word, unseen) for word in words}
            for lang, words in asked.items()
        }


def _best_of_each_kind(hits: Iterable[tuple[Any, Hit]], limit: int, by: Callable[[Hit], float]) -> _Found:
    """Return the best of each kind, whatever their language, so that conversations never hide documents."""
    ordered = sorted(dict(hits).items(), key=lambda found: -by(found[1]))
    kept = ([pair for pair in ordered if pair[1].kind == kind][:limit] for kind in KINDS)
    return dict(chain.from_iterable(kept))


def _in_order(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """Return the best by words first; fusing the legs is not the index's task."""
    return tuple(sorted(hits, key=lambda hit: (-hit.sparse, -(hit.dense or 0.0), hit.item_id)))


def _sparse_vector(point: ScoredPoint | Record) -> dict[int, float]:
    vector = cast("dict[str, SparseVector]", point.vector)["bm25"]
    return dict(zip(vector.indices, vector.values, strict=True))


def _idf(word: int, point: ScoredPoint) -> float:
    return point.score / _sparse_vector(point)[word]


def _by_hand(
    point: ScoredPoint | Record, asked: Mapping[str, frozenset[int]], idf: Mapping[int, float]
) -> float:
    """Return the BM25 score of a passage that the leg of words did not propose."""
    lang = cast("dict[str, Any]", point.payload)["lang"]
    weights = _sparse_vector(point)
    return sum(idf.get(word, 0.0) * weights.get(word, 0.0) for word in asked.get(lang, ()))


def _hit(point: ScoredPoint | Record, *, sparse: float, dense: float | None = None) -> Hit:
    payload = cast("dict[str, Any]", point.payload)
    return Hit(payload["item"], payload["kind"], payload["source"], payload["lang"], sparse, dense)
