"""What a server sends as vectors, verified and brought to length 1."""

import math
from collections.abc import Sequence

from memory.long_term.embedding import Vector

_UNIT = 1e-6
"""How far from 1 a length may be before it is worth dividing by it."""


class Unusable(ValueError):
    """An answer that holds no vectors to use; the message says why."""


def unit_vectors(answer: Sequence[Sequence[float]], count: int) -> list[Vector]:
    """Return `count` vectors of length 1 and of one dimension; raises `Unusable` for anything else."""
    if len(answer) != count:
        raise Unusable(f"{len(answer)} vectors came for {count} texts")
    if len({len(vector) for vector in answer}) > 1:
        raise Unusable("the vectors of one answer differ in dimension")
    return [_unit(vector) for vector in answer]


def _unit(vector: Sequence[float]) -> Vector:
    length = math.hypot(*vector)
    if not math.isfinite(length):
        raise Unusable("a vector holds a number that is not finite")
    if length == 0:
        raise Unusable("a vector is zero")
    if abs(length - 1) < _UNIT:
        return tuple(vector)
    return tuple([number / length for number in vector])
