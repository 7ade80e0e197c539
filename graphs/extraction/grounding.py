"""Grounding: where a text says a name. What stands nowhere in the text was made up, and is not written."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Final

from memory.knowledge.keys import key_of

_RUN: Final = re.compile(r"\S+")
_SHORT: Final = 64
"""Runs of letters up to this length are remembered: most words come again."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text as keys have them, and where each was written."""

    folded: str
    """The words with one space before and after each; a single space when there is none."""
    starts: tuple[int, ...]
    """Where each word begins in `folded`."""
    bounds: tuple[tuple[int, int], ...]
    """Where each word stands in the text."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where the words from `start` to `end` (excluded) of `folded` were written."""
        first = bisect_right(self.starts, start) - 1
        last = bisect_right(self.starts, end - 1) - 1
        return self.bounds[first][0], self.bounds[last][1]


def words_of(text: str) -> Words:
    """Return the words of a text, folded like keys: without case, accents and punctuation."""
    words: list[str] = []
    bounds: list[tuple[int, int]] = []
    for run in _RUN.finditer(text):
        written = run[0]
        pieces = _remembered(written) if len(written) <= _SHORT else _pieces(written)
        for word, start, end in pieces:
            words.append(word)
            bounds.append((run.start() + start, run.start() + end))
    starts = accumulate((len(word) + 1 for word in words[:-1]), initial=1)
    return Words(f" {' '.join(words)} " if words else " ", tuple(starts) if words else (), tuple(bounds))


def grounded(name: str, text: str) -> tuple[int, int] | None:
    """Return the start and end of the first place where the text says the name; None when it does not.

    As it is written if possible, else whatever the case, accents, spaces and punctuation; whole words only.
    """
    key = key_of(name)
    if not key:
        return None
    exact = _exactly(name.strip(), text)
    if exact:
        return exact
    words = words_of(text)
    at = words.folded.find(f" {key} ")
    return words.span(at + 1, at + 1 + len(key)) if at >= 0 else None


def _exactly(name: str, text: str) -> tuple[int, int] | None:
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        if not (_continues(text, at) or _continues(text, end)):
            return at, end
        at = text.find(name, at + 1)
    return None


def _continues(text: str, at: int) -> bool:
    """Tell whether a word goes on from one side of the place to the other."""
    if not 0 < at < len(text):
        return False
    return _in_word(text[at - 1]) and _in_word(text[at])


def _in_word(letter: str) -> bool:
    return letter.isalnum() or unicodedata.combining(letter) > 0


@lru_cache(maxsize=20_000)
def _remembered(run: str) -> tuple[tuple[str, int, int], ...]:
    return tuple(_pieces(run))


def _pieces(run: str) -> Iterator[tuple[str, int, int]]:
    """Yield the words of a run without white space: "d'Élan" is "d" and "elan"."""
    if run.isalnum() and run.isascii():
        yield run.lower(), 0, len(run)
        return
    kept: list[str] = []
    start = end = 0
    for at, letter in enumerate(run):
        for part in _folded(letter):
            if part.isalnum():
                start = start if kept else at
                end = at + 1
                kept.append(part)
            elif kept:
                yield _composed(kept), start, end
                kept = []
        if kept and unicodedata.combining(letter):
            end = at + 1
    if kept:
        yield _composed(kept), start, end


def _folded(letter: str) -> str:
    if letter.isascii():
        return letter.lower()
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", letter).casefold())
    return "".join(part for part in plain if not unicodedata.combining(part))


def _composed(letters: list[str]) -> str:
    return unicodedata.normalize("NFC", "".join(letters))
