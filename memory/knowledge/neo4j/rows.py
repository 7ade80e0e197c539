"""From what the driver returns to plain values, and from here to what it takes."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from neo4j.graph import Node, Path, Relationship
from neo4j.spatial import Point
from neo4j.time import Date, DateTime, Duration, Time

from memory.knowledge import values
from memory.knowledge.errors import QueryFailed
from memory.knowledge.ontology import LABELS

_MOST_NESTED: Final = 20
_NO_FRACTION: Final = re.compile(r"\.0+(?!\d)")
_LEAST_INTEGER: Final = -(2**63)


def plain(value: object, depth: int = 0) -> object:
    """Return a value as text, a number, a boolean, None, a list or a dictionary."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return values.number(value)
    if depth > _MOST_NESTED:
        return "…"
    for kind, made in _KINDS:
        if isinstance(value, kind):
            return made(value, depth + 1)
    return str(value)


def parameters(given: Mapping[str, object]) -> dict[str, object]:
    """Return parameters as the driver takes them. Raises QueryFailed for a number that no server takes."""
    return {str(name): _taken(value) for name, value in given.items()}


def _node(value: Node, depth: int) -> object:
    label = next((one for one in sorted(value.labels) if one in LABELS), "".join(sorted(value.labels)[:1]))
    return values.node(label, _map(value, depth))


def _relationship(value: Relationship, depth: int) -> object:
    return values.relationship(value.type, _map(value, depth))


def _path(value: Path, depth: int) -> object:
    found: list[object] = [plain(value.start_node, depth)]
    for edge, node in zip(value.relationships, value.nodes[1:], strict=True):
        found += [plain(edge, depth), plain(node, depth)]
    return found


def _point(value: Point, depth: int) -> object:
    return {"srid": value.srid, "coordinates": [plain(one, depth) for one in value]}


def _map(value: Mapping[str, object] | Node | Relationship, depth: int) -> dict[str, object]:
    return {str(name): plain(one, depth) for name, one in value.items()}


def _list(value: Iterable[object], depth: int) -> list[object]:
    return [plain(one, depth) for one in value]


_KINDS: Final[tuple[tuple[Any, Callable[[Any, int], Any]], ...]] = (
    (Node, _node),
    (Relationship, _relationship),
    (Path, _path),
    ((Date, DateTime, Time, Duration), lambda value, _: _NO_FRACTION.sub("", value.iso_format())),
    (Point, _point),
    ((bytes, bytearray), lambda value, _: value.hex()),
    (Mapping, _map),
    ((list, tuple, set, frozenset), _list),
)


def _taken(value: object) -> object:
    if isinstance(value, str):  # half of a surrogate pair is no text for the server
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return parameters(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_taken(one) for one in value]
    if isinstance(value, int) and not _LEAST_INTEGER <= value < -_LEAST_INTEGER:
        raise QueryFailed("a number among the parameters is too large")
    return value
