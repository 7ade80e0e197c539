"""From Java to plain values, and from Python to Java."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from memory.knowledge import values
from memory.knowledge.values import Room

_MOST_NESTED: Final = 20


class Plain:
    """Makes plain values of what the engine returns, as far as there is room for them."""

    def __init__(self, jpype: Any) -> None:
        java = jpype.JClass
        self._array = jpype.JArray
        self._kinds: list[tuple[Any, Callable[[Any, Room, int], Any]]] = [
            (java("java.lang.String"), self._text),
            (java("java.lang.Boolean"), lambda value, *_: bool(value.booleanValue())),
            (java("com.arcadedb.graph.Vertex"), self._vertex),
            (java("com.arcadedb.graph.Edge"), self._edge),
            (java("com.arcadedb.query.opencypher.traversal.TraversalPath"), self._path),
            (java("com.arcadedb.query.sql.executor.Result"), self._result),
            (java("java.util.Map"), self._map),
            (java("java.util.Collection"), self._list),
            (java("java.math.BigInteger"), lambda value, *_: int(str(value))),
            (java("java.math.BigDecimal"), lambda value, *_: values.number(float(value.doubleValue()))),
            (java("java.lang.Double"), lambda value, *_: values.number(float(value))),
            (java("java.lang.Float"), lambda value, *_: values.number(float(value))),
            (java("java.lang.Number"), lambda value, *_: int(value.longValue())),
        ]

    def row(self, row: Any, columns: Iterable[str], room: Room) -> tuple[Any, ...]:
        """Return the values of these columns. Raises `values.TooLarge` when there is no room for them."""
        return tuple(self.value(row.getProperty(name), room) for name in columns)

    def value(self, value: Any, room: Room, depth: int = 0) -> Any:
        """Return a value of Java as text, a number, a boolean, None, a list or a dictionary."""
        room.take(1)
        if value is None or isinstance(value, str | bool):
            return value
        if depth > _MOST_NESTED:
            return "…"
        for kind, plain in self._kinds:
            if isinstance(value, kind):
                return plain(value, room, depth + 1)
        if isinstance(value, self._array):
            return self._list(value, room, depth + 1)
        return str(value)

    def _text(self, value: Any, room: Room, _: int) -> str:
        room.take(len(value))
        return str(value)

    def _vertex(self, value: Any, room: Room, depth: int) -> Any:
        return values.node(str(value.getTypeName()), self._map(value.propertiesAsMap(), room, depth))

    def _edge(self, value: Any, room: Room, depth: int) -> Any:
        return values.relationship(str(value.getTypeName()), self._map(value.propertiesAsMap(), room, depth))

    def _path(self, value: Any, room: Room, depth: int) -> Any:
        return self._list(value.toAlternatingList(), room, depth)

    def _result(self, value: Any, room: Room, depth: int) -> Any:
        if value.isElement():
            return self.value(value.toElement(), room, depth)
        return {name: self.value(value.getProperty(name), room, depth) for name in columns(value)}

    def _map(self, value: Any, room: Room, depth: int) -> dict[str, Any]:
        return {str(one.getKey()): self.value(one.getValue(), room, depth) for one in value.entrySet()}

    def _list(self, value: Any, room: Room, depth: int) -> list[Any]:
        return [self.value(one, room, depth) for one in value]


class ToJava:
    """Makes Java's collections of parameters."""

    def __init__(self, jpype: Any) -> None:
        self._map = jpype.JClass("java.util.HashMap")
        self._list = jpype.JClass("java.util.ArrayList")
        self._interface = jpype.JClass("java.util.Map")
        self._object = jpype.JObject
        self._long = jpype.JClass("java.lang.Long")

    def parameters(self, parameters: Mapping[str, Any]) -> Any:
        """Return named parameters as the engine takes them."""
        return self._object(self._value(dict(parameters)), self._interface)

    def _value(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            made = self._map()
            for name, one in value.items():
                made.put(self._value(str(name)), self._value(one))
            return made
        if isinstance(value, list | tuple | set | frozenset):
            made = self._list()
            for one in value:
                made.add(self._value(one))
            return made
        if isinstance(value, str):  # half of a surrogate pair is no text for Java
            return value.encode("utf-8", "replace").decode()
        if isinstance(value, int) and not isinstance(value, bool):
            return self._long(value)
        return value


def columns(row: Any) -> tuple[str, ...]:
    """Return the names of what a row holds."""
    return tuple(str(name) for name in row.getPropertyNames())


def fetched(found: Any) -> Iterator[Any]:
    """Yield the rows of a result as they are fetched."""
    while found.hasNext():
        yield found.next()
