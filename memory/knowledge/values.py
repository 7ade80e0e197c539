"""What a query found, as plain values: shown without what only keeps the graph, and cut to the limits."""

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

from memory.knowledge.employments import EVIDENCE
from memory.knowledge.protocol import Limits, Rows

HIDDEN: Final = frozenset({"user", EVIDENCE})
"""Properties that are how the graph is kept, not what it says."""
_MOST_LETTERS: Final = 300


def node(label: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return a node as it is shown."""
    return {"label": label, **_shown(properties)}


def relationship(type_: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return a relationship as it is shown."""
    return {"type": type_, **_shown(properties)}


def number(value: float) -> float | None:
    """Return a number, or None for what JSON has no number for."""
    return value if math.isfinite(value) else None


class TooLarge(Exception):
    """A row is larger than all rows together may be."""


class Room:
    """How much one row may still hold, told while its values are made: a huge one never is."""

    def __init__(self, size: float = math.inf) -> None:
        self._left = size

    def take(self, size: int) -> None:
        """Note that so much is added. Raises TooLarge when it is too much."""
        self._left -= size
        if self._left < 0:
            raise TooLarge


def cut(columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]], limits: Limits) -> Rows:
    """Take rows while they fit, and no more than one beyond; `rows` may be endless, and raise TooLarge."""
    kept: list[tuple[Any, ...]] = []
    room = Room(limits.bytes)
    try:
        for row in rows:
            room.take(size(row))
            if len(kept) == limits.rows:
                raise TooLarge
            kept.append(row)
    except TooLarge:
        return Rows(columns, tuple(kept), cut=True)
    return Rows(columns, tuple(kept))


def size(row: tuple[Any, ...]) -> int:
    """Return how many bytes the values of a row take as JSON."""
    return len(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace"))


def first_line(message: str) -> str:
    """Return the beginning of what an engine says of a query, short enough to be shown."""
    line = next((one.strip() for one in message.splitlines() if one.strip()), "the engine does not say why")
    return line if len(line) <= _MOST_LETTERS else line[: _MOST_LETTERS - 1] + "…"


def _shown(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {name: properties[name] for name in sorted(properties) if name not in HIDDEN}
