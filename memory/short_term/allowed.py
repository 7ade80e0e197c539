"""What may stand in a conversation's state beside plain data, and how each is taken apart and put together.

The table is closed: nothing is looked up in a module by a name that was read. The shapes on disk are those
of LangGraph's own serializer, so that what it wrote before can be read; what it allows and what is left out
here, because it opens files or modules, compiles, or is of no use in a state: `re.compile`, `ZoneInfo`,
numpy's arrays, `StateSnapshot`, `PregelTask`, and the items of LangGraph's store.
"""

import dataclasses
import pathlib
from collections import deque
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from typing import Any, Final, NamedTuple
from uuid import UUID

from langchain_core.documents import Document
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    ChatMessage,
    ChatMessageChunk,
    FunctionMessage,
    FunctionMessageChunk,
    HumanMessage,
    HumanMessageChunk,
    RemoveMessage,
    SystemMessage,
    SystemMessageChunk,
    ToolMessage,
    ToolMessageChunk,
)
from langgraph.types import Command, Interrupt, Overwrite, Send, TimeoutPolicy
from pydantic import BaseModel, ValidationError

ONE, SEVERAL, NAMED, METHOD, MODEL, SNAPSHOT = 0, 1, 2, 3, 5, 7
"""LangGraph's codes of extensions: how the arguments of what is to be built are kept."""

TEXT: Final = ("builtins", "str")
"""A text that UTF-8 does not have: a half of a surrogate pair. LangGraph's serializer would change it."""


class Kind(NamedTuple):
    """How values of one type are kept: the code, their parts, and the way back."""

    code: int
    apart: Callable[[Any], object]
    build: Callable[[Any], Any]


def _model(cls: type[BaseModel]) -> Kind:
    def build(fields: Any) -> Any:  # noqa: ANN401 - whatever was kept
        try:
            return cls(**fields)
        except ValidationError:  # an earlier version's, or odd when it was kept: as it was, as LangGraph does
            return cls.model_construct(**fields)

    return Kind(MODEL, lambda value: value.model_dump(), build)


def _record(cls: type[Any]) -> Kind:
    names = [field.name for field in dataclasses.fields(cls)]

    def apart(value: object) -> object:
        return {name: getattr(value, name) for name in names}

    return Kind(NAMED, apart, lambda fields: cls(**fields))


def _sent(value: Send) -> object:
    return [value.node, value.arg] if value.timeout is None else [value.node, value.arg, value.timeout]


def _send(parts: Any) -> Send:  # noqa: ANN401 - whatever was kept
    node, arg, *timeout = parts
    return Send(node, arg, timeout=timeout[0] if timeout else None)


def _clock(value: time) -> object:
    parts = ("hour", "minute", "second", "microsecond", "tzinfo", "fold")
    return {name: getattr(value, name) for name in parts}


_MODELS: Final = (
    AIMessage,
    AIMessageChunk,
    ChatMessage,
    ChatMessageChunk,
    Document,
    FunctionMessage,
    FunctionMessageChunk,
    HumanMessage,
    HumanMessageChunk,
    RemoveMessage,
    SystemMessage,
    SystemMessageChunk,
    ToolMessage,
    ToolMessageChunk,
)
_ADDRESSES: Final = (IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network)
_PATHS: Final = (type(pathlib.Path()), pathlib.Path)

KINDS: Final[dict[type[Any], Kind]] = {
    tuple: Kind(ONE, list, tuple),
    set: Kind(ONE, list, set),
    frozenset: Kind(ONE, list, frozenset),
    deque: Kind(ONE, list, deque),
    int: Kind(ONE, hex, lambda digits: int(digits, 16)),
    Decimal: Kind(ONE, str, Decimal),
    UUID: Kind(ONE, lambda value: value.hex, UUID),
    datetime: Kind(METHOD, datetime.isoformat, datetime.fromisoformat),
    date: Kind(SEVERAL, lambda day: [day.year, day.month, day.day], lambda parts: date(*parts)),
    time: Kind(NAMED, _clock, lambda parts: time(**parts)),
    timedelta: Kind(SEVERAL, lambda t: [t.days, t.seconds, t.microseconds], lambda parts: timedelta(*parts)),
    timezone: Kind(SEVERAL, lambda zone: list(zone.__getinitargs__()), lambda parts: timezone(*parts)),
    Send: Kind(SEVERAL, _sent, _send),
    **{cls: Kind(ONE, str, cls) for cls in _ADDRESSES},
    **{
        cls: Kind(SEVERAL, lambda path: list(path.parts), lambda parts: pathlib.Path(*parts))
        for cls in _PATHS
    },
    **{cls: _record(cls) for cls in (Command, Interrupt, Overwrite, TimeoutPolicy)},
    **{cls: _model(cls) for cls in _MODELS},
}


def _text(kept: Any) -> str:  # noqa: ANN401 - whatever was kept
    return bytes(kept).decode("utf-8", "surrogatepass")


_BUILDERS: Final[dict[tuple[str, str], Callable[[Any], Any]]] = {
    **{(cls.__module__, cls.__name__): kind.build for cls, kind in KINDS.items()},
    # Where Python 3.13 has its paths, and where earlier ones do.
    **{
        (module, name): KINDS[pathlib.Path].build
        for module in ("pathlib", "pathlib._local")
        for name in ("Path", "PosixPath", "WindowsPath")
    },
    TEXT: _text,
}


def build(module: object, name: object, parts: Any) -> Any:  # noqa: ANN401 - whatever was kept
    """Put together what was kept; what the table does not have, or does not fit, stays data."""
    maker = _BUILDERS.get((module, name)) if isinstance(module, str) and isinstance(name, str) else None
    if maker is None:
        return parts
    try:
        return maker(parts)
    except (TypeError, ValueError, ArithmeticError):  # of another version, or made by hand
        return parts
