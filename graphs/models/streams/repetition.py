"""A model that goes round in circles says the same over and over, until its length is used up."""

from typing import Final, NamedTuple

LONGEST: Final = 200
"""Characters of one round, at most."""


class _Loop(NamedTuple):
    """So many rounds and so many characters make a loop."""

    rounds: int
    chars: int


_WITHIN: Final = _Loop(5, 240)
_LINES: Final = _Loop(12, 600)
"""For rounds that hold a line break: the rows of a table may well be the same."""
_LETTERS: Final = 3
"""In a round: lines of dashes and rows of numbers are none."""
_ANCHOR: Final = 24
_LEFT_WITHIN: Final = _Loop(3, _ANCHOR)
_LEFT_LINES: Final = _Loop(10, 400)
"""What makes a loop in what is left of an answer that was stopped for one."""
_STRIDE: Final = 32
"""Characters between two looks, so that a look costs each word next to nothing."""
_WINDOW: Final = LONGEST * _LINES.rounds


class Repetition:
    """Watches one answer for a loop; however it is cut into pieces, the same is found."""

    def __init__(self) -> None:
        self._tail = self._fresh = ""

    def feed(self, text: str) -> bool:
        """Take the next piece in; True when the answer goes round in circles there."""
        fresh = self._fresh + text
        looked = len(fresh) - len(fresh) % _STRIDE
        for at in range(0, looked, _STRIDE):
            self._tail = (self._tail + fresh[at : at + _STRIDE])[-_WINDOW:]
            if _round_at_end(self._tail, _WITHIN, _LINES):
                return True
        self._fresh = fresh[looked:]
        return False


def without_loop(text: str) -> str:
    """Return a partial answer up to the end of the first round of the loop in which it ends, if it does."""
    if not (period := _round_at_end(text, _LEFT_WITHIN, _LEFT_LINES)):
        return text
    start = len(text) - period
    while start > 0 and text[start - 1] == text[start - 1 + period]:
        start -= 1
    return text[: start + period].rstrip()


def _round_at_end(text: str, within: _Loop, lines: _Loop) -> int:
    """Return the length of the round that a text repeats at its end, 0 when it repeats none."""
    size = len(text)
    if size < within.chars:
        return 0
    anchor = text[-_ANCHOR:]
    at = size - _ANCHOR
    while (at := text.rfind(anchor, max(0, size - _ANCHOR - LONGEST), at + _ANCHOR - 1)) >= 0:
        period = size - _ANCHOR - at
        loop = lines if "\n" in text[-period:] else within
        length = max(period * loop.rounds, loop.chars)
        if (
            length <= size
            and text[size - length : size - period] == text[size - length + period :]
            and sum(map(str.isalpha, text[-period:])) >= _LETTERS
        ):
            return period
    return 0
