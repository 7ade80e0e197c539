"""Recall, reciprocal rank and latency of rankings."""

import statistics
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from server.evaluation.sets import Case

CUTS = (1, 5, 10)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one question found, best first, by leg, and how long the whole search took."""

    case: Case
    rankings: dict[str, list[str]] = field(default_factory=dict)
    milliseconds: float = 0.0


def report(outcomes: Sequence[Outcome], legs: Sequence[str]) -> dict[str, Any]:
    """Return the object of `evaluate retrieval --json`; adversarial questions count by category only."""
    counted = [outcome for outcome in outcomes if not outcome.case.adversarial]
    times = sorted(outcome.milliseconds for outcome in outcomes) or [0.0]
    by_leg: dict[str, Any] = {"dense": None, **{leg: _scores(counted, leg) for leg in legs}}
    return {
        **_scores(counted, "fused"),
        "p50_ms": round(statistics.median(times), 2),
        "p95_ms": round(times[min(len(times) - 1, int(0.95 * len(times)))], 2),
        "by_lang": _grouped(counted, lambda outcome: outcome.case.lang),
        "by_category": _grouped(outcomes, lambda outcome: outcome.case.category),
        "by_leg": by_leg,
    }


def _grouped(outcomes: Sequence[Outcome], key: Callable[[Outcome], str | None]) -> dict[str, Any]:
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        if (name := key(outcome)) is not None:
            groups[name].append(outcome)
    return {name: _scores(group, "fused") for name, group in sorted(groups.items())}


def _scores(outcomes: Sequence[Outcome], leg: str) -> dict[str, Any]:
    """Return recall@k (the share of the right ones among the first k) and the mean reciprocal rank."""
    pairs = [(outcome.case.gold, outcome.rankings.get(leg, [])) for outcome in outcomes]
    count = len(pairs)
    scores: dict[str, Any] = {"n": count}
    for cut in CUTS:
        found = sum(len(gold & set(ranking[:cut])) / max(1, len(gold)) for gold, ranking in pairs)
        scores[f"recall@{cut}"] = round(found / max(1, count), 4)
    ranks = sum(_reciprocal_rank(gold, ranking) for gold, ranking in pairs)
    return {**scores, "mrr": round(ranks / max(1, count), 4)}


def _reciprocal_rank(gold: frozenset[str], ranking: Sequence[str]) -> float:
    return next((1 / place for place, item in enumerate(ranking, 1) if item in gold), 0.0)
