"""What Souvenir asks of a checkpointer beyond LangGraph's suite, on every backend."""

from __future__ import annotations

import asyncio
import random

import pytest
from langchain_core.messages import HumanMessage

from memory.short_term.protocol import SessionStore
from tests.memory.short_term.talking import config_of, conversation, every, last, put, say

ODD_IDS = [
    "",
    "a{b}c",
    "}{",
    "*?[a-z]",
    "marie/Où est-ce ? 你好 👩‍👩‍👧",
    "nul\x00and\x1fcontrol\x7f",
    "%2F/%",
    "x" * 300,
]


@pytest.mark.parametrize("key", ODD_IDS)
async def test_any_id_is_a_thread_of_its_own(sessions: SessionStore, key: str) -> None:
    """Braces, wildcards, control characters, every script, nothing at all, three hundred characters."""
    await put(sessions.saver, config_of(key), {"answer": "mine"})
    await put(sessions.saver, config_of(key + "'"), {"answer": "another's"})
    assert (await last(sessions.saver, key)).checkpoint["channel_values"] == {"answer": "mine"}
    assert {one.config["configurable"]["thread_id"] for one in await every(sessions.saver, None)} == {
        key,
        key + "'",
    }
    await sessions.forget([key])
    assert await sessions.saver.aget_tuple(config_of(key)) is None
    assert await sessions.saver.aget_tuple(config_of(key + "'")) is not None


@pytest.mark.parametrize("namespace", ["child:1", "a/b", "a|b:c", "%", "ü\x00"])
async def test_namespaces_are_kept_apart(sessions: SessionStore, namespace: str) -> None:
    """A graph inside another has its own last checkpoint, whatever it is called."""
    await put(sessions.saver, config_of("t"), {"at": "root"})
    await put(sessions.saver, config_of("t", namespace), {"at": "inside"})
    assert (await last(sessions.saver, "t")).checkpoint["channel_values"] == {"at": "root"}
    inside = await sessions.saver.aget_tuple(config_of("t", namespace))
    assert inside is not None
    assert inside.checkpoint["channel_values"] == {"at": "inside"}


async def test_two_writers_at_once_lose_nothing(sessions: SessionStore) -> None:
    """Fifty checkpoints of one thread and their writes, at the same time: all are there, each whole."""

    async def write(number: int) -> None:
        kept = await put(sessions.saver, config_of("t"), {"n": number}, {"n": f"{number:04}"})
        await sessions.saver.aput_writes(kept, [("n", number)], f"task-{number}")

    await asyncio.gather(*(write(number) for number in range(50)))
    found = await every(sessions.saver, config_of("t"))
    numbers = [one.checkpoint["channel_values"]["n"] for one in found]
    assert sorted(numbers) == list(range(50))
    assert [one.pending_writes for one in found] == [[(f"task-{n}", "n", n)] for n in numbers]


async def test_pruning_beside_a_writer_never_empties_a_channel(sessions: SessionStore) -> None:
    """While one writes and another prunes, the last checkpoint always has its values."""
    before = await put(sessions.saver, config_of("t"), {"stays": "here", "n": -1})

    async def write() -> None:
        config = before
        for number in range(30):
            values = {"stays": "here", "n": number}
            config = await put(sessions.saver, config, values, {"n": f"{number + 2:04}"})

    async def prune() -> None:
        for _ in range(15):
            await sessions.retain("t", 1)
            found = await last(sessions.saver, "t")
            assert found.checkpoint["channel_values"]["stays"] == "here"

    await asyncio.gather(write(), prune())
    assert (await last(sessions.saver, "t")).checkpoint["channel_values"] == {"stays": "here", "n": 29}


async def test_a_megabyte_comes_back(sessions: SessionStore, seed: int) -> None:
    """Of bytes that cannot be compressed, and of text that can."""
    values = {"noise": random.Random(seed).randbytes(1_000_000), "text": "Où est la clé ? " * 62_500}
    await put(sessions.saver, config_of("t"), values)
    assert (await last(sessions.saver, "t")).checkpoint["channel_values"] == values


async def test_a_write_that_was_made_is_not_made_again(sessions: SessionStore) -> None:
    """A task that runs again keeps what it wrote first; its interrupt is replaced."""
    config = await put(sessions.saver, config_of("t"), {"a": 1})
    for attempt in ("first", "second"):
        await sessions.saver.aput_writes(config, [("a", attempt), ("b", attempt)], "task")
        await sessions.saver.aput_writes(config, [("__interrupt__", attempt)], "task")
    pending = (await last(sessions.saver, "t")).pending_writes
    assert sorted(pending or []) == [
        ("task", "__interrupt__", "second"),
        ("task", "a", "first"),
        ("task", "b", "first"),
    ]


async def test_pending_writes_come_in_the_order_of_their_tasks(sessions: SessionStore) -> None:
    """As the run applied them: by the task's path, then its id, then the place of the write."""
    config = await put(sessions.saver, config_of("t"), {"a": 1})
    for task, path in (("z", "~a"), ("a", "~b"), ("m", "")):
        await sessions.saver.aput_writes(config, [("a", f"{task}0"), ("a", f"{task}1")], task, path)
    pending = (await last(sessions.saver, "t")).pending_writes or []
    assert [value for _, _, value in pending] == ["m0", "m1", "z0", "z1", "a0", "a1"]


async def test_a_fork_has_the_values_of_its_own_branch(sessions: SessionStore, seed: int) -> None:
    """Who goes back to an earlier turn and says something else has that branch, and the other one stays."""
    graph = conversation(sessions.saver, random.Random(seed))
    for turn in range(4):
        await say(graph, "t", turn, f"question {turn}")
    past = (await every(sessions.saver, config_of("t")))[2]
    forked = await graph.aupdate_state(past.config, {"messages": [HumanMessage("otherwise")]}, as_node="trim")
    state = await graph.aget_state(forked)
    assert [m.content for m in state.values["messages"] if m.type == "human"] == [
        "question 0",
        "question 1",
        "otherwise",
    ]
    whole = [
        one.checkpoint["channel_values"].get("messages", [])
        for one in await every(sessions.saver, config_of("t"))
    ]
    assert sorted(map(len, whole)) == [2, 4, 5, 6, 8]
