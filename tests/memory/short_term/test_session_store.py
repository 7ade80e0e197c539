"""What every store of running conversations promises, asked of each backend."""

from __future__ import annotations

import sys
from typing import Any

from langchain_core.messages import HumanMessage

from memory.short_term.keys import thread_key
from memory.short_term.protocol import SessionStore
from memory.short_term.redis.store import RedisSessions
from tests.memory.short_term.conftest import TTL_SECONDS
from tests.memory.short_term.hostile import envelopes
from tests.memory.short_term.talking import config_of, every, last, put

CANARY = "doc-zanzibar-4711"


async def test_it_says_what_it_is(sessions: SessionStore) -> None:
    """Its name is that of a backend, and its ping has a name and a version."""
    assert sessions.backend in ("sqlite", "redis")
    name, _, version = (await sessions.ping()).partition(" ")
    assert name in ("langgraph-checkpoint-sqlite", "Redis", "Valkey")
    assert version[0].isdigit()


async def test_forgetting_leaves_nothing_and_takes_nothing_else(sessions: SessionStore) -> None:
    """Of the threads named nothing is left; the others stay. Twice is no error, and nothing is none."""
    for thread in ("a", "b", "c"):
        config = await put(sessions.saver, config_of(thread_key("marie", thread)), {"n": thread})
        await sessions.saver.aput_writes(config, [("n", thread)], "task")
    gone = [thread_key("marie", "a"), thread_key("marie", "b"), "nowhere"]
    for _ in range(2):
        await sessions.forget(gone)
    await sessions.forget([])
    left = {one.config["configurable"]["thread_id"] for one in await every(sessions.saver, None)}
    assert left == {thread_key("marie", "c")}


async def test_threads_that_mention_something_are_found(sessions: SessionStore) -> None:
    """In values short and long, in writes, in older checkpoints; of this user only, and by threads' ids."""
    long = ["filler " * 500, {"document_id": CANARY}]
    await put(sessions.saver, config_of(thread_key("marie", "short")), {"passages": [CANARY]})
    await put(sessions.saver, config_of(thread_key("marie", "long/1")), {"passages": long})
    await put(
        sessions.saver, config_of(thread_key("marie", "message")), {"m": [HumanMessage(f"see {CANARY}.")]}
    )
    config = await put(sessions.saver, config_of(thread_key("marie", "written")), {"n": 1})
    await sessions.saver.aput_writes(config, [("passages", [CANARY])], "task")
    older = await put(sessions.saver, config_of(thread_key("marie", "older")), {"p": CANARY}, {"p": "1"})
    await put(sessions.saver, older, {"p": "something else"}, {"p": "2"})
    await put(sessions.saver, config_of(thread_key("marie", "other")), {"p": "doc-zanzibar-4712"})
    await put(sessions.saver, config_of(thread_key("marie*", "theirs")), {"p": CANARY})
    found = await sessions.mentioning("marie", ["doc-unknown", CANARY])
    assert found == ["long/1", "message", "older", "short", "written"]
    assert await sessions.mentioning("mar", [CANARY]) == []
    assert await sessions.mentioning("marie", []) == []


async def test_how_long_a_thread_has(sessions: SessionStore) -> None:
    """As long as was set, from its last checkpoint; of what is not there, None."""
    assert await sessions.seconds_left("nowhere") is None
    if not isinstance(sessions, RedisSessions):
        return  # its clock is the test's: see test_retention
    await put(sessions.saver, config_of("t"), {"n": 1})
    left = await sessions.seconds_left("t")
    assert left is not None
    assert TTL_SECONDS - 60 < left <= TTL_SECONDS


async def test_hostile_dictionaries_come_back_as_they_are(sessions: SessionStore, seed: int) -> None:
    """In the state, beside it and in what tasks wrote: equal, and nothing was loaded for them."""
    hostile = envelopes(seed)
    noted = [one for one in hostile if b"ext" not in repr(one).encode()]
    await put(sessions.saver, config_of("warm"), {"n": 1})
    await last(sessions.saver, "warm")
    loaded = set(sys.modules)
    values: dict[str, Any] = {"all": hostile, **{f"n{number}": one for number, one in enumerate(hostile)}}
    config = await put(sessions.saver, config_of("t"), values, noted=noted)
    await sessions.saver.aput_writes(config, [("all", one) for one in hostile], "task")
    found = await last(sessions.saver, "t")
    assert found.checkpoint["channel_values"] == values
    assert found.metadata["noted"] == noted  # type: ignore[typeddict-item]  # not LangGraph's own
    assert [value for _, _, value in found.pending_writes or []] == hostile
    assert set(sys.modules) == loaded
