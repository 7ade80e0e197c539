"""Fusion by score: every signal counts for something, and one that says nothing changes nothing."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.long_term.entries import Hit
from memory.long_term.fusion import MONTH, Signals, Weights, signals

_SHARES = st.floats(0, 1)
_COSINES = st.floats(-1, 1)
_AGES = st.none() | st.timedeltas(timedelta(0), timedelta(days=36_500))
_SIGNALS = st.builds(
    Signals,
    words=_SHARES,
    meaning=_SHARES,
    focus=_SHARES,
    same_language=st.booleans(),
    said_by_named=st.booleans(),
    in_time=st.booleans(),
    beside=_SHARES,
    age=_AGES,
)
_SCORES = st.floats(0, 100)


def a_hit(name: int, sparse: float, dense: float | None = None) -> Hit:
    """A hit of one leg or both."""
    return Hit(f"h{name}", "chunk", "doc", "en", sparse, dense)


def hits(pairs: list[tuple[float, float | None]]) -> list[Hit]:
    """Hits with these scores of words and cosines."""
    return [a_hit(number, *pair) for number, pair in enumerate(pairs)]


def order(found: list[Hit]) -> list[str]:
    """Their ids by what the legs say, best first, rounding apart."""
    scored = zip(signals(found), found, strict=True)
    ranked = sorted(scored, key=lambda pair: (-round(Weights().score(pair[0]), 9), pair[1].item_id))
    return [hit.item_id for _, hit in ranked]


@given(_SIGNALS, st.sampled_from(["words", "meaning", "focus", "beside"]), _SHARES)
def test_more_of_a_signal_is_never_less(known: Signals, name: str, value: float) -> None:
    """Words, meaning, focus, and what stands beside: the score rises with each."""
    low, high = sorted((value, getattr(known, name)))
    scores = [Weights().score(replace(known, **{name: share})) for share in (low, high)]
    assert scores[0] <= scores[1]
    if high - low > 1e-6:
        assert scores[0] < scores[1]


@given(_SIGNALS)
def test_what_holds_counts_for_something(known: Signals) -> None:
    """Language, speaker and time raise the score where they hold."""
    nothing = replace(known, same_language=False, said_by_named=False, in_time=False)
    for more in (
        replace(nothing, same_language=True),
        replace(nothing, said_by_named=True),
        replace(nothing, in_time=True),
    ):
        assert Weights().score(nothing) < Weights().score(more)


@given(_SIGNALS, st.lists(st.timedeltas(timedelta(-1), timedelta(days=3650)), min_size=2))
def test_what_was_said_later_counts_more(known: Signals, ages: list[timedelta]) -> None:
    """A little: the youngest is ahead by less than the weight; what has no age is not ahead."""
    weights = Weights()
    scores = [weights.score(replace(known, age=age)) for age in sorted(ages)]
    assert all(later >= earlier for later, earlier in pairwise(scores))
    ageless = weights.score(replace(known, age=None))
    assert all(ageless <= score <= ageless + weights.recency + 1e-9 for score in scores)


def test_a_score_by_hand() -> None:
    """Each signal times its weight, and half of the recency after a month."""
    weights = Weights(
        words=1.0, meaning=2.0, focus=1.0, same_language=0.12, speaker=0.3, time=0.2, beside=0.1, recency=0.05
    )
    known = Signals(
        words=0.5,
        meaning=0.2,
        focus=0.3,
        same_language=True,
        said_by_named=True,
        in_time=True,
        beside=0.4,
        age=MONTH,
    )
    assert weights.score(known) == pytest.approx(0.5 + 0.4 + 0.3 + 0.12 + 0.3 + 0.2 + 0.04 + 0.025)
    assert weights.score(replace(known, age=timedelta(0))) == pytest.approx(1.91)
    assert weights.score(replace(known, age=-MONTH)) == pytest.approx(1.91), "clocks differ a little"
    assert weights.score(Signals(0.0)) == 0


def test_signals_by_hand() -> None:
    """Words over the best; cosines from the lower quartile (here .35) up to 1."""
    found = signals(hits([(10, 0.2), (5, 0.4), (0, 0.6), (0, 0.8), (2, None)]))
    assert [one.words for one in found] == [1, 0.5, 0, 0, 0.2]
    above = [0, 0.05 / 0.65, 0.25 / 0.65, 0.45 / 0.65]
    expected = [*above, sum(above) / 4]
    assert [one.meaning for one in found] == pytest.approx(expected)
    assert signals([]) == []


@given(st.lists(st.tuples(_SCORES, st.none() | _COSINES | st.just(math.nan) | st.just(1.001))))
def test_signals_are_shares_whatever_the_scores(pairs: list[tuple[float, float | None]]) -> None:
    """Between 0 and 1, and numbers: a cosine that is none, or rounded up over 1, does not come through."""
    for one in signals(hits(pairs)):
        assert 0 <= one.words <= 1
        assert 0 <= one.meaning <= 1
        assert math.isfinite(Weights().score(one))


@given(st.lists(st.tuples(_SCORES, _SHARES, st.booleans()), max_size=20))
def test_without_an_embedder_words_focus_and_language_decide(rows: list[tuple[float, float, bool]]) -> None:
    """For documents: words over the best one, plus focus, plus .12 for the language, as ever."""
    best = max((sparse for sparse, _, _ in rows), default=0) or 1
    found = signals(hits([(sparse, None) for sparse, _, _ in rows]))
    for known, (sparse, focus, same) in zip(found, rows, strict=True):
        known = replace(known, focus=focus, same_language=same)
        assert Weights().score(known) == pytest.approx(sparse / best + focus + 0.12 * same)


@given(st.lists(st.tuples(_SCORES, st.booleans()), max_size=20), _COSINES)
def test_an_embedder_that_tells_nothing_apart_changes_no_order(
    rows: list[tuple[float, bool]], cosine: float
) -> None:
    """All cosines equal: the order is that of the words, also where some have no vector."""
    flat = [(score, cosine if near else None) for score, near in rows]
    if sum(near for _, near in rows) > 1:
        assert order(hits(flat)) == order(hits([(score, None) for score, _ in flat]))


@given(st.lists(st.floats(0, 1, width=16), min_size=2, max_size=20), st.floats(0.05, 1), st.floats(0, 1))
def test_an_embedder_that_keeps_its_cosines_close_has_the_same_order_of_meaning(
    cosines: list[float], spread: float, room: float
) -> None:
    """From .5 to .8 instead of 0 to 1: what is nearer stays nearer, and what is by chance stays so."""
    start = room * max(0.0, 0.98 - spread)
    wide = [one.meaning for one in signals(hits([(0, one) for one in cosines]))]
    close = [one.meaning for one in signals(hits([(0, start + spread * one) for one in cosines]))]
    pairs = zip(product(wide, repeat=2), product(close, repeat=2), strict=True)
    assert all(near_too > far_too for (near, far), (near_too, far_too) in pairs if near > far + 1e-3)
