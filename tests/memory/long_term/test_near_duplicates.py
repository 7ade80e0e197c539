"""Passages that say nearly the same: one of them first, the others after all that say something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.long_term.near_duplicates import demoted
from memory.long_term.passages import Legs, Passage

_LONG = "The harbour crane was repaired in March by the crew of the northern dock, said the report of"
_TEXTS = st.lists(st.sampled_from(["a b c", "a b c d", "x", "Été, été !", "ETE", "", "?"]), max_size=12)


def passages(*texts: str) -> list[Passage]:
    """Passages with these texts, best first."""
    return [
        Passage(f"p{n}", "chunk", "d", "", "", "", "en", text, "", 0.5, Legs())
        for n, text in enumerate(texts)
    ]


def names(*texts: str, limit: int) -> list[str]:
    """The ids that are left, in their order."""
    return [passage.item_id for passage in demoted(passages(*texts), limit)]


def test_what_says_the_same_again_comes_last() -> None:
    """The better of two stays where it is; the other comes after all that do not repeat."""
    assert names("crane", "crane", "bread", "flour", limit=4) == ["p0", "p2", "p3", "p1"]
    assert names("crane", "crane", "bread", limit=2) == ["p0", "p2"]
    assert names("crane", "bread", "crane", "bread", limit=4) == ["p0", "p1", "p2", "p3"]


def test_nothing_is_lost_where_there_is_room() -> None:
    """Copies fill what is left; without any, nothing changes."""
    assert names("crane", "crane", "crane", limit=3) == ["p0", "p1", "p2"]
    assert names("crane", "bread", "flour", limit=3) == ["p0", "p1", "p2"]
    assert names(limit=3) == []
    assert names("crane", limit=0) == []


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        (f"{_LONG} 2024.", True),
        (f"{_LONG.upper()} 2025!", True),
        (_LONG.replace("March", "May").replace("northern", "southern").replace("crane", "bridge"), False),
        ("The harbour crane was repaired.", False),
        ("Bread needs flour.", False),
    ],
)
def test_nearly_is_a_matter_of_words(other: str, alike: bool) -> None:
    """Case, signs and one word of many do not count; a few other words do, and so does saying more."""
    assert names(f"{_LONG} 2025.", other, "crane", limit=3)[-1] == ("p1" if alike else "p2")


def test_what_stands_far_back_is_not_looked_at() -> None:
    """Three times the limit are compared: what follows is not better than a copy."""
    copies = ["crane"] * 6
    assert names(*copies, "bread", limit=2) == ["p0", "p1"]
    assert names(*copies[:5], "bread", limit=2) == ["p0", "p5"]


@given(_TEXTS, st.integers(0, 15))
def test_as_many_as_wanted_each_once_and_the_best_first(texts: list[str], limit: int) -> None:
    """Whatever the texts, also without a word."""
    found = names(*texts, limit=limit)
    assert len(found) == len(set(found)) == min(limit, len(texts))
    assert found[:1] == ["p0"][: len(found)]
