"""Text folded to lower case without accents, with the way back to the words as they were written."""

import unicodedata
from dataclasses import dataclass

_MARKS = str.maketrans({"’": "'", "ʼ": "'", "‑": "-", "‐": "-", "–": "-", "—": "-", "«": '"', "»": '"'})


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text, and where each of its letters stood in the original."""

    text: str
    original: str
    _where: tuple[int, ...] = ()
    """Position in the original of each letter, and its length at the end; empty when they are the same."""

    def bounds(self, start: int, end: int) -> tuple[int, int]:
        """Return where the letters from `start` to `end` (excluded) of the folded text were written."""
        if not self._where or start >= end:
            return start, end
        return self._where[start], max(self._where[end], self._where[end - 1] + 1)

    def written(self, start: int, end: int) -> str:
        """Return the letters from `start` to `end` (excluded) of the folded text as they were written."""
        first, last = self.bounds(start, end)
        return self.original[first:last]


def folded(text: str) -> Folded:
    """Fold `text`: lower case, no accents, plain apostrophes, hyphens and spaces."""
    if text.isascii():
        return Folded(text.lower(), text)
    letters: list[str] = []
    where: list[int] = []
    for position, letter in enumerate(text):
        plain = unicodedata.normalize("NFKD", letter.lower().translate(_MARKS))
        kept = [part for part in plain.translate(_MARKS) if not unicodedata.combining(part)]
        letters += kept
        where += [position] * len(kept)
    return Folded("".join(letters), text, (*where, len(text)))
