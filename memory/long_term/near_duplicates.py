"""Passages that say nearly the same: the first of them is enough where there is room for few."""

from collections.abc import Sequence

from memory.long_term.passages import Passage
from memory.long_term.question_words import WORD, fold

NEARLY_THE_SAME = 0.85
"""Share of the words of two passages, taken together, that both hold (Jaccard index)."""
_LOOKED_AT = 3
"""Times the wanted number of passages that are compared: what stands further back is not wanted anyway."""


def demoted(passages: Sequence[Passage], limit: int) -> list[Passage]:
    """Return the best `limit` passages; one that nearly repeats a better one comes after all that do not."""
    first: list[Passage] = []
    again: list[Passage] = []
    seen: list[frozenset[str]] = []
    for passage in passages[: limit * _LOOKED_AT]:
        words = frozenset(WORD.findall(fold(passage.text)))
        if any(_alike(words, other) for other in seen):
            again.append(passage)
            continue
        first.append(passage)
        seen.append(words)
        if len(first) == limit:
            break
    return [*first, *again][:limit]


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= NEARLY_THE_SAME * len(one | other)
