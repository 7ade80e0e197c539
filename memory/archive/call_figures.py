"""Percentiles of what calls of models took: nearest rank, so that each is a figure that really occurred."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple, TypeVar

_ANSWERED: Final = ("ok", "flagged")

Number = TypeVar("Number", int, float)


class Measured(NamedTuple):
    """What percentiles need of a call, under the names of its columns."""

    outcome: str
    answer_tokens: int | None
    load_ms: int | None
    first_token_ms: int | None
    total_ms: int | None


def percentiles(calls: Sequence[Measured]) -> dict[str, Any]:
    """Return the percentiles of calls, named as in `CallStats`.

    The whole time is that of calls that ended with an answer: a refused connection must not look fast.
    """
    total = _known(call.total_ms for call in calls if call.outcome in _ANSWERED)
    first = _known(call.first_token_ms for call in calls)
    return {
        "p50_total_ms": percentile(total, 50),
        "p95_total_ms": percentile(total, 95),
        "p50_first_token_ms": percentile(first, 50),
        "p95_first_token_ms": percentile(first, 95),
        "p50_load_ms": percentile([ms for ms in _known(call.load_ms for call in calls) if ms > 0], 50),
        "tokens_per_second": percentile(_known(_speed(call) for call in calls), 50),
    }


def percentile(values: Sequence[Number], percent: int) -> Number | None:
    """Return the smallest of `values` that at least `percent` in a hundred do not exceed, None of nothing."""
    if not values:
        return None
    rank = -(-len(values) * percent // 100)  # rounded up, in whole numbers
    return sorted(values)[max(1, rank) - 1]


def _known(values: Iterable[Number | None]) -> list[Number]:
    return [value for value in values if value is not None]


def _speed(call: Measured) -> float | None:
    """Return the tokens per second after the first one, None when that cannot be told."""
    if call.answer_tokens is None or call.first_token_ms is None or call.total_ms is None:
        return None
    tokens, milliseconds = call.answer_tokens - 1, call.total_ms - call.first_token_ms
    return round(1000 * tokens / milliseconds, 2) if tokens > 0 and milliseconds > 0 else None
