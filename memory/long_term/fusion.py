"""How the legs of recall are brought into one order: by score, never by rank.

Ranks forget how much better the best is, so a weak leg spoils a strong one. Scores keep it: where an embedder
knows little of a language its cosines lie close together, and close together they decide nothing. Measured
on documents and conversations in docs/benchmarks.md; the reasons are in docs/decisions.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from memory.long_term.entries import Hit

MONTH = timedelta(days=30)
_ROOM = 0.01
"""Cosines that lie closer together than this, all of them near 1, tell little apart."""


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known of a passage among the others found for one question; shares and scores over the best."""

    words: float
    """BM25 score over the best one."""
    meaning: float = 0.0
    """Cosine with the question, as far above chance as it could be; 0 where it is not known."""
    focus: float = 0.0
    """Share of the question in its best sentences."""
    same_language: bool = False
    said_by_named: bool = False
    """It was said by the one speaker whom the question names."""
    in_time: bool = False
    """It was said in a time that the question speaks of."""
    beside: float = 0.0
    """The score of the better of its neighbours in a transcript: answers stand beside questions."""
    named: float = 0.0
    """How closely the knowledge graph ties it to what the question names, over the closest."""
    age: timedelta | None = None
    """How long ago it was said; None for documents, which do not age."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What each signal counts for."""

    words: float = 1.0
    meaning: float = 2.0
    focus: float = 1.0
    same_language: float = 0.12
    speaker: float = 0.5
    time: float = 0.3
    beside: float = 0.1
    named: float = 0.1
    recency: float = 0.05
    """Of something said just now; half of it after a month."""

    def score(self, signals: Signals) -> float:
        """Return what the passage is ranked by."""
        fresh = 0.0 if signals.age is None else 1 / (1 + max(signals.age / MONTH, 0.0))
        return (
            self.words * signals.words
            + self.meaning * signals.meaning
            + self.focus * signals.focus
            + self.same_language * signals.same_language
            + self.speaker * signals.said_by_named
            + self.time * signals.in_time
            + self.beside * signals.beside
            + self.named * signals.named
            + self.recency * fresh
        )


def signals(hits: Sequence[Hit], unrelated: float | None = None) -> list[Signals]:
    """Return what the legs say of each hit, among the others.

    `unrelated` is the cosine of the question with a text that has nothing to do with it: in a small memory
    the hits alone do not tell what chance is. A hit without a vector, whose turn has not come yet, counts
    like the average of those with one.
    """
    best = max((hit.sparse for hit in hits), default=0.0) or 1.0
    cosines = [hit.dense for hit in hits if hit.dense is not None]
    chance = _chance([*cosines, unrelated] if unrelated is not None else cosines)
    above = [_above(chance, cosine) for cosine in cosines]
    average = statistics.fmean(above) if above else 0.0
    closest = max((hit.knowledge or 0.0 for hit in hits), default=0.0) or 1.0
    return [
        Signals(
            words=hit.sparse / best,
            meaning=average if hit.dense is None else _above(chance, hit.dense),
            named=(hit.knowledge or 0.0) / closest,
        )
        for hit in hits
    ]


def _above(chance: float, cosine: float) -> float:
    return min(1.0, max(0.0, (cosine - chance) / max(1 - chance, _ROOM)))


def _chance(cosines: Sequence[float]) -> float:
    """Return the cosine of what has nothing to do with the question, on this memory and by this model.

    It is their lower quartile. Some models spread their cosines from 0 to 1, others from .5 to .8.
    """
    if len(cosines) < 2:
        return cosines[0] if cosines else 0.0
    return statistics.quantiles(cosines, n=4, method="inclusive")[0]
