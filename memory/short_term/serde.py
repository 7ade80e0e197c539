"""How a conversation's state becomes bytes and comes back: equal, or refused before it is written.

LangGraph's serializer, made strict. What is read can be null, bytes or msgpack, never JSON that rebuilds
objects and never a pickle; of objects only those of `memory.short_term.allowed`, by a closed table. A plain
dictionary stays one, whatever it says of itself.

What msgpack would change without a word is looked for only where it refuses the quick way: the walk through
a value in Python is paid for by values that need it.
"""

from collections.abc import Iterable
from enum import Enum
from functools import partial
from typing import Any, Final

import ormsgpack
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.serde.types import _DeltaSnapshot

from memory.short_term.allowed import KINDS, METHOD, MODEL, NAMED, ONE, SEVERAL, SNAPSHOT, TEXT, build
from memory.short_term.errors import CheckpointUnreadable, ValueRefused

NESTED: Final = 100
"""How deep objects may stand in each other; plain lists and dictionaries: 255 levels, msgpack's own limit."""

_QUICK: Final = (
    ormsgpack.OPT_PASSTHROUGH_BIG_INT
    | ormsgpack.OPT_PASSTHROUGH_DATACLASS
    | ormsgpack.OPT_PASSTHROUGH_DATETIME
    | ormsgpack.OPT_PASSTHROUGH_ENUM
    | ormsgpack.OPT_PASSTHROUGH_TUPLE
    | ormsgpack.OPT_PASSTHROUGH_UUID
)
"""Strict: keys are texts, texts are UTF-8, and everything that is not plain comes to `_Packer`."""
_CAREFUL: Final = _QUICK | ormsgpack.OPT_NON_STR_KEYS

_LEVELS: Final = 255
_KEYS: Final = (str, int, float, bytes, type(None))
_METHODS: Final = {METHOD: ("fromisoformat",), MODEL: ("model_validate_json",)}
_CODES: Final = frozenset({ONE, SEVERAL, NAMED, METHOD, MODEL})


class StrictSerializer(JsonPlusSerializer):
    """Raises `ValueRefused` for what would not come back equal, `CheckpointUnreadable` for what is not read.

    Two things come back as something else, both as LangGraph has it: an exception comes back as its
    description, and an aware time with its offset in place of its zone's name.
    """

    def __init__(self) -> None:
        """Allow what the table allows, and nothing more."""
        super().__init__(allowed_msgpack_modules=None, __unpack_ext_hook__=_refused_hook)

    def with_msgpack_allowlist(
        self,
        extra_allowlist: Iterable[tuple[str, ...] | type],  # noqa: ARG002 - LangGraph's signature
    ) -> "StrictSerializer":
        """Return itself: nobody adds to the table while the program runs."""
        return self

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:  # noqa: ANN401 - LangGraph's signature
        """Return a value as bytes, with the tag that says how."""
        if obj is None:
            return "null", b""
        if type(obj) is bytes:
            return "bytes", obj
        if type(obj) is bytearray:
            return "bytearray", bytes(obj)
        return "msgpack", _pack(obj)

    def loads_typed(self, data: tuple[str, bytes]) -> Any:  # noqa: ANN401 - LangGraph's signature
        """Return the value that these bytes were."""
        tag, kept = data
        if tag == "msgpack":
            return _unpack(kept, 0)
        if tag == "bytes":
            return bytes(kept)
        if tag == "null":
            return None
        if tag == "bytearray":
            return bytearray(kept)
        raise CheckpointUnreadable("a value was kept in a form that is not read")


def _pack(value: object) -> bytes:
    try:
        return _Packer(careful=False).pack(value)
    except TypeError:
        pass  # it holds what msgpack would change, or what has no place here: once more, with care
    packer = _Packer(careful=True)
    try:
        return packer.pack(value)
    except (TypeError, ValueRefused) as error:
        raise ValueRefused(
            f"this cannot be kept in a conversation's state: {packer.reason or error}"
        ) from error


class _Packer:
    """Writes one value with the objects in it: twice at most, quickly, and then with care."""

    __slots__ = ("_careful", "_depth", "_option", "reason")

    def __init__(self, *, careful: bool) -> None:
        self._careful = careful
        self._option = _CAREFUL if careful else _QUICK
        self._depth = 0
        self.reason = ""
        """Why a value was refused: msgpack does not pass errors on."""

    def pack(self, value: object) -> bytes:
        """Return the bytes; raises TypeError."""
        checked = _with_care(value, 0) if self._careful else value
        return ormsgpack.packb(checked, default=self._apart, option=self._option)

    def _apart(self, value: Any) -> Any:  # noqa: ANN401 - whatever stands in a state
        self._depth += 1
        try:
            if self._depth > NESTED:
                raise ValueRefused("objects stand in each other too deep")
            return self._extension(value)
        except ValueRefused as error:
            self.reason = self.reason or str(error)
            raise
        finally:
            self._depth -= 1

    def _extension(self, value: Any) -> Any:  # noqa: ANN401 - whatever stands in a state
        """Return what msgpack is to write for an object; raises for those that would not come back."""
        cls = type(value)
        found = KINDS.get(cls)
        if found is not None:
            method = _METHODS.get(found.code, ())
            parts = [cls.__module__, cls.__name__, found.apart(value), *method]
            return ormsgpack.Ext(found.code, self.pack(parts))
        if cls is _Odd:
            return ormsgpack.Ext(ONE, self.pack([*TEXT, value.text.encode("utf-8", "surrogatepass")]))
        if cls is _DeltaSnapshot:
            return ormsgpack.Ext(SNAPSHOT, self.pack(value.value))
        return _plain(value)


_BASES: Final[tuple[type[Any], ...]] = (str, int, float, bytes, tuple)


def _plain(value: object) -> object:
    """Return the plain value that an object is equal to: of a named tuple, of an enumeration of texts."""
    if isinstance(value, BaseException):
        return repr(value)
    if isinstance(value, Enum):
        same: object = value.value
    else:
        same = next((base.__new__(base, value) for base in _BASES if isinstance(value, base)), None)
    if same is None or same != value:
        raise ValueRefused(f"{type(value).__name__} is not among what a state may hold")
    return same


class _Odd:
    """A text with a half of a surrogate pair, on its way to become an extension."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def _with_care(value: object, level: int) -> object:
    """Return a value with what msgpack would change in it marked, or refused."""
    if level > _LEVELS:
        raise ValueRefused("a value is nested too deep, or holds itself")
    if isinstance(value, dict):
        return {_key(key): _with_care(one, level + 1) for key, one in value.items()}
    if isinstance(value, list):
        return [_with_care(one, level + 1) for one in value]
    return _Odd(value) if isinstance(value, str) and not _is_text(value) else value


def _key(key: object) -> object:
    """Return a key that comes back equal: msgpack would turn days, UUIDs and enumerations into texts."""
    if type(key) is tuple:
        return tuple(_key(part) for part in key)
    plain = key.value if isinstance(key, Enum) else key
    whole = isinstance(plain, int) and not -(2**63) <= plain < 2**64
    if plain != plain or (plain == key and isinstance(plain, _KEYS) and not whole and _is_text(plain)):
        return plain
    raise ValueRefused(f"{type(key).__name__} cannot be a key in a conversation's state")


def _is_text(value: object) -> bool:
    """Whether UTF-8 has a text; what is no text is not asked."""
    if not isinstance(value, str) or value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unpack(kept: bytes, depth: int) -> Any:  # noqa: ANN401 - whatever was kept
    try:
        return ormsgpack.unpackb(
            kept, ext_hook=partial(_together, depth + 1), option=ormsgpack.OPT_NON_STR_KEYS
        )
    except (ValueError, TypeError) as error:
        raise CheckpointUnreadable(f"a value is damaged: {error}") from error


def _together(depth: int, code: int, kept: bytes) -> Any:  # noqa: ANN401 - whatever was kept
    """Put an object together again; what has no known shape comes back as the data that it is."""
    if depth > NESTED:
        raise CheckpointUnreadable("objects stand in each other too deep")
    parts = _unpack(kept, depth)
    if code == SNAPSHOT:
        return _DeltaSnapshot(parts)
    if not isinstance(parts, list) or len(parts) < 3 or code not in _CODES:
        return parts
    return build(parts[0], parts[1], parts[2])


def _refused_hook(code: int, _kept: bytes) -> Any:  # noqa: ANN401 - LangGraph's signature
    """Stand where LangGraph's own reader would: nothing comes by here."""
    raise CheckpointUnreadable(f"an object of code {code} is not read")
