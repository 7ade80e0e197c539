"""Answers made of quotes, and the sources that an answer used."""

import re
from collections.abc import Sequence
from typing import Any

from memory.long_term.passages import Passage

RELEVANT = 0.45
"""Confidence from which a passage counts as an answer. Measured: see docs/benchmarks.md."""
MAX_QUOTES = 3
_NEARLY = 0.9
_QUOTE_CHARS = 600
_CITATION = re.compile(r"\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]")


def best_quotes(passages: Sequence[Passage]) -> list[tuple[int, str]]:
    """Return at most three (number, quote) pairs of the passages that answer; none when none does.

    The passage that ranks first must answer: where rank and confidence disagree, nothing is sure.
    Runners-up are quoted when they are nearly as sure and say something else.
    """
    if not passages or not _answers(passages[0]):
        return []
    quotes: list[tuple[int, str]] = []
    for number, passage in enumerate(passages, 1):
        quote = shortened(passage.quote)
        near = _answers(passage) and passage.score >= _NEARLY * passages[0].score
        if near and quote not in (said for _, said in quotes):
            quotes.append((number, quote))
    return quotes[:MAX_QUOTES]


def cited(answer: str, passages: Sequence[Passage]) -> list[dict[str, Any]]:
    """Return the sources of the numbers that the answer cites, in their order."""
    numbers: list[int] = []
    for group in _CITATION.findall(answer):
        for number in map(int, re.split(r"\s*[,;]\s*", group)):
            if 1 <= number <= len(passages) and number not in numbers:
                numbers.append(number)
    return [passages[number - 1].as_source(number) for number in numbers]


def shortened(quote: str) -> str:
    """Return the quote cut at a word when it is longer than a person would read."""
    if len(quote) <= _QUOTE_CHARS:
        return quote
    return quote[:_QUOTE_CHARS].rsplit(" ", 1)[0] + " …"


def _answers(passage: Passage) -> bool:
    return passage.score >= RELEVANT and bool(passage.quote)
