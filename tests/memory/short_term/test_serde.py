"""What a conversation's state may hold comes back equal or is refused; nothing that is read is executed."""

from __future__ import annotations

import math
import sys
import uuid
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import ormsgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.documents import Document
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.types import Command, Interrupt, Send

from memory.short_term.errors import CheckpointUnreadable, ValueRefused
from memory.short_term.serde import StrictSerializer
from tests.memory.short_term.hostile import ENVELOPES, envelopes

SERDE = StrictSerializer()


class Colour(Enum):
    RED = 1


class Mood(StrEnum):
    CALM = "calm"


class Pair(NamedTuple):
    left: int
    right: int


@dataclass
class Stranger:
    word: str


def back(value: object) -> Any:
    """What comes back of a value."""
    return SERDE.loads_typed(SERDE.dumps_typed(value))


def nested(levels: int, around: Callable[[Any], Any]) -> Any:
    """A value in itself so many times."""
    value: Any = 1
    for _ in range(levels):
        value = around(value)
    return value


EQUAL = [
    None,
    b"bytes",
    bytearray(b"bytes"),
    2**64,
    -(2**63) - 1,
    10**5000,
    "half a pair: \ud800",
    {"text": ["\udfff", {"inner": "a\ud83d"}]},
    -0.0,
    math.inf,
    {b"bytes": 1, 2: "two", "2": "text", None: 3, 1.5: 4, True: 5, (1, "a"): 6},
    (1, (2, [3, (4,)])),
    {1, 2, (3, 4)},
    frozenset({frozenset({1})}),
    deque([1, (2,)]),
    Pair(1, 2),
    Mood.CALM,
    OrderedDict(a=1),
    datetime.now(UTC),
    datetime(2026, 1, 2, 3, 4, 5, 6),
    date(2026, 1, 2),
    time(1, 2, 3, 4, tzinfo=UTC),
    timedelta(days=-3, microseconds=7),
    uuid.uuid4(),
    Decimal("1.10"),
    Path("a/b"),
    nested(250, lambda value: [value]),
    nested(90, lambda value: (value,)),
    HumanMessage("Où ?", id="1", additional_kwargs={"odd": "\ud800", "pair": (1, 2), "big": 2**70}),
    AIMessage("", tool_calls=[{"name": "look", "args": {"lc": 1, "n": 2**65}, "id": "c"}]),
    ToolMessage("found", tool_call_id="c", artifact={"rows": [(1, 2)]}),
    Document("text", metadata={"type": "constructor"}),
    Send("node", {"a": (1, 2)}),
    Interrupt("why?", id="i"),
    Command(resume={"a": 1}, goto=[Send("node", 1)]),
]


@pytest.mark.parametrize("value", EQUAL, ids=lambda value: type(value).__name__)
def test_it_comes_back_equal(value: object) -> None:
    """Also what msgpack by itself would change: whole numbers without end, odd texts, tuples, sets, keys."""
    found = back(value)
    assert found == value
    if isinstance(value, float):
        assert math.copysign(1, found) == math.copysign(1, value)


def test_tuples_stay_tuples_and_nan_stays_nan() -> None:
    """A list in the place of a tuple, or nothing in the place of NaN, would be a change."""
    assert type(back((1,))) is tuple
    assert type(back({"a": [(1,)]})["a"][0]) is tuple
    assert math.isnan(back(math.nan))
    assert math.isnan(back({"a": [math.nan]})["a"][0])


REFUSED = [
    Stranger("a"),
    {"a": [Stranger("a")]},
    Colour.RED,
    object(),
    1j,
    {"\ud800": 1},
    {uuid.UUID(int=1): 1},
    {date(2026, 1, 2): 1},
    {Colour.RED: 1},
    {(1, Colour.RED): 1},
    {frozenset({1}): 1},
    {2**64: 1},
    nested(300, lambda value: [value]),
    nested(300, lambda value: {"a": value}),
    nested(200, lambda value: (value, "\ud800")),
    HumanMessage("a", additional_kwargs={"odd": {Colour.RED: 1}}),
]


@pytest.mark.parametrize("value", REFUSED, ids=lambda value: type(value).__name__)
def test_what_would_change_is_refused_before_it_is_written(value: object) -> None:
    """One error, one line, without the value."""
    with pytest.raises(ValueRefused) as caught:
        SERDE.dumps_typed(value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 150


def test_what_holds_itself_is_refused() -> None:
    """And does not end the process."""
    around: list[Any] = []
    around.append(around)
    with pytest.raises(ValueRefused):
        SERDE.dumps_typed(around)


@pytest.mark.timeout(20)
def test_odd_values_in_each_other_are_written_in_time() -> None:
    """The careful way is gone once, not once for each level."""
    value = nested(60, lambda inner: (inner, "\ud800", 2**70))
    assert back(value) == value


KEYS = st.text() | st.integers(-(2**63), 2**64 - 1) | st.binary() | st.booleans() | st.none()
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters())
    | st.binary()
    | st.datetimes()
    | st.uuids()
    | st.decimals(allow_nan=False)
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(KEYS, inner)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(), inner)
    ),
)


@given(VALUES)
def test_any_plain_value_comes_back_equal(value: object) -> None:
    """Or is refused, when a key is a text that UTF-8 does not have."""
    try:
        kept = SERDE.dumps_typed(value)
    except ValueRefused:
        return
    assert SERDE.loads_typed(kept) == value


@given(st.binary())
def test_any_bytes_are_read_or_refused_by_name(kept: bytes) -> None:
    """Damage is no crash, and no guess."""
    try:
        SERDE.loads_typed(("msgpack", kept))
    except CheckpointUnreadable as error:
        assert "archive" in str(error)


@pytest.mark.parametrize("tag", ["json", "pickle", "", "msgpack2"])
def test_other_forms_are_not_read(tag: str) -> None:
    """JSON that rebuilds objects and pickles among them; the message says the way out."""
    with pytest.raises(CheckpointUnreadable, match="archive"):
        SERDE.loads_typed(
            (tag, b'{"lc": 2, "type": "constructor", "id": ["os", "system"], "args": ["true"]}')
        )


def test_hostile_dictionaries_stay_dictionaries(seed: int) -> None:
    """Wherever one may stand: as a value, in messages, in what a tool is called with, in a task's message."""
    loaded = set(sys.modules)
    hostile = envelopes(seed)
    assert len(hostile) == ENVELOPES
    for one in hostile:
        call = {"name": "look", "args": one, "id": "c"}
        for value in (
            one,
            {"deep": [one, (one,)]},
            HumanMessage([one | {"type": "text"}], additional_kwargs=one, response_metadata=one),
            AIMessage("", tool_calls=[call], additional_kwargs={"inner": one}),
            ToolMessage("", tool_call_id="c", artifact=one),
            Send("node", one),
            Interrupt(one, id="i"),
            {str(one): one, repr(one).encode(): 1},
        ):
            assert back(value) == value
        assert type(back(one)) is dict
    assert set(sys.modules) == loaded


def test_objects_made_by_hand_are_never_built(tmp_path: Path) -> None:
    """Whatever code and whatever function they name, they come back as data; no module is loaded for them."""
    sign = tmp_path / "executed"
    loaded = set(sys.modules)
    for code in range(128):
        for module, name in (
            ("os", "system"),
            ("builtins", "eval"),
            ("antigravity", "x"),
            ("turtledemo", "x"),
        ):
            for parts in (f"touch {sign}", [f"touch {sign}"], {"command": f"touch {sign}"}):
                inner = ormsgpack.packb([module, name, parts, "__call__"])
                kept = ormsgpack.packb({"a": ormsgpack.Ext(code, inner)})
                assert back_of(kept) in ({"a": parts}, {"a": [module, name, parts, "__call__"]}, None) or (
                    type(back_of(kept)["a"]).__name__ == "_DeltaSnapshot"
                )
    assert not sign.exists()
    assert set(sys.modules) == loaded


def back_of(kept: bytes) -> Any:
    """What is read, None when it is refused."""
    try:
        return SERDE.loads_typed(("msgpack", kept))
    except CheckpointUnreadable:
        return None


def test_objects_without_end_do_not_end_the_process() -> None:
    """A thousand objects in each other, made by hand, are refused."""
    kept = ormsgpack.packb(1)
    for _ in range(1000):
        kept = ormsgpack.packb(
            ormsgpack.Ext(0, ormsgpack.packb(["builtins", "tuple", [ormsgpack.Ext(0, kept)]]))
        )
    with pytest.raises(CheckpointUnreadable):
        SERDE.loads_typed(("msgpack", kept))


def test_what_langgraph_wrote_is_read() -> None:
    """Conversations that were kept before this serializer go on."""
    values = {
        "messages": [HumanMessage("a", id="1"), AIMessage("b", id="2")],
        "at": datetime.now(UTC),
        "n": [1.5],
    }
    assert SERDE.loads_typed(JsonPlusSerializer(allowed_msgpack_modules=None).dumps_typed(values)) == values
    assert JsonPlusSerializer(allowed_msgpack_modules=None).loads_typed(SERDE.dumps_typed(values)) == values


def test_an_exception_is_kept_as_its_description() -> None:
    """As LangGraph keeps what a task failed with."""
    assert back(ValueError("no")) == "ValueError('no')"
