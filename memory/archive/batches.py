"""Cutting long inputs so that no statement grows without bound."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

T = TypeVar("T")

ROWS: Final = 500  # rows written, or ids asked for, in one statement; SQLite allows 32,766 parameters


def in_batches(items: Iterable[T]) -> Iterator[list[T]]:
    """Yield `items` in lists of at most `ROWS`, reading them only as they are needed."""
    rest = iter(items)
    while batch := list(islice(rest, ROWS)):
        yield batch
