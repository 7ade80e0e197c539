"""Only the last turns' checkpoints are kept, whole, and the storage stays in proportion to what is said."""

from __future__ import annotations

import operator
import random
from typing import Annotated, Any

import pytest
from langgraph.channels import DeltaChannel
from langgraph.graph import END, START, StateGraph
from typing_extensions import TypedDict

from memory.short_term.protocol import SessionStore
from memory.short_term.redis.fields import session_key
from memory.short_term.redis.store import RedisSessions
from tests.memory.short_term.talking import KEPT, config_of, conversation, every, last, put, say, words

TURNS = 3


async def test_the_last_turns_stay_and_can_be_gone_back_to(sessions: SessionStore, seed: int) -> None:
    """Of ten turns three are kept, each with all of its messages; any of them can be gone on from."""
    graph = conversation(sessions.saver, random.Random(seed))
    for turn in range(10):
        await say(graph, "t", turn, f"question {turn}")
        await sessions.retain("t", TURNS)
    found = await every(sessions.saver, config_of("t"))
    assert [one.metadata["turn_id"] for one in found] == ["turn-9", "turn-8", "turn-7"]  # type: ignore[typeddict-item]  # LangGraph adds what the run's metadata has
    assert [len(one.checkpoint["channel_values"]["messages"]) for one in found] == [20, 18, 16]
    again = await graph.aget_state(found[-1].config)
    assert again.values["messages"][-2].content == "question 7"
    assert again.values["turns"] == 8


async def test_all_steps_of_a_turn_stay_together(sessions: SessionStore) -> None:
    """A turn of several checkpoints is one turn; a checkpoint without a turn counts as one."""
    config = config_of("t")
    for turn in ("a", "a", "b", "b", "b", None, "c"):
        noted: dict[str, Any] = {"turn_id": turn} if turn else {}
        config = await put(sessions.saver, config, {"n": turn}, **noted)
    await sessions.retain("t", 3)
    found = await every(sessions.saver, config_of("t"))
    assert [one.metadata.get("turn_id") for one in found] == ["c", None, "b", "b", "b"]


async def test_graphs_inside_go_with_their_turn(sessions: SessionStore) -> None:
    """What a graph inside kept for a turn stays as long as the turn, and no longer."""
    for turn in ("a", "b"):
        root = await put(sessions.saver, config_of("t"), {"n": turn}, {"n": turn}, turn_id=turn)
        parents = {"": root["configurable"]["checkpoint_id"]}
        await put(sessions.saver, config_of("t", f"in:{turn}"), {"x": turn}, parents=parents)
    await sessions.retain("t", 1)
    found = await every(sessions.saver, config_of_all("t"))
    assert {one.config["configurable"]["checkpoint_ns"] for one in found} == {"", "in:b"}
    assert [one.checkpoint["channel_values"] for one in found] == [{"x": "b"}, {"n": "b"}]


def config_of_all(key: str) -> Any:
    """All namespaces of a thread."""
    return {"configurable": {"thread_id": key}}


async def test_a_channel_that_is_rarely_written_is_not_emptied(sessions: SessionStore) -> None:
    """Its value is older than every checkpoint that stays, and stays with them."""
    config = await put(sessions.saver, config_of("t"), {"name": "Marie", "n": 0}, turn_id="0")
    for turn in range(1, 8):
        values = {"name": "Marie", "n": turn}
        config = await put(sessions.saver, config, values, {"n": f"{turn + 1}"}, turn_id=str(turn))
        await sessions.retain("t", 2)
    found = await every(sessions.saver, config_of("t"))
    assert [one.checkpoint["channel_values"] for one in found] == [
        {"name": "Marie", "n": 7},
        {"name": "Marie", "n": 6},
    ]


async def test_retaining_what_is_not_there(sessions: SessionStore) -> None:
    """Is no error, and neither is retaining more than there is."""
    await sessions.retain("nowhere", 3)
    await put(sessions.saver, config_of("t"), {"n": 1})
    await sessions.retain("t", 3)
    assert len(await every(sessions.saver, config_of("t"))) == 1


def _added(before: list[str], new: Any) -> list[str]:
    return [*before, *(note for notes in new for note in notes)]


class Notes(TypedDict):
    """A list of which only what is new is kept."""

    notes: Annotated[list[str], DeltaChannel(_added, snapshot_frequency=5)]
    count: Annotated[int, operator.add]


@pytest.mark.parametrize("prune", [True, False])
async def test_a_channel_of_differences_is_whole_after_pruning(sessions: SessionStore, prune: bool) -> None:
    """The ancestors that it is rebuilt from stay, back to where it was written whole."""
    graph = StateGraph(Notes)
    graph.add_node("note", lambda state: {"notes": [f"note {state['count']}"]})
    graph.add_edge(START, "note")
    graph.add_edge("note", END)
    compiled = graph.compile(checkpointer=sessions.saver)
    for turn in range(12):
        config: Any = {"configurable": {"thread_id": "t"}, "metadata": {"turn_id": str(turn)}}
        await compiled.ainvoke({"notes": [], "count": 1}, config)
        if prune:
            await sessions.retain("t", 2)
    state = await compiled.aget_state(config_of("t"))
    assert state.values["notes"] == [f"note {number}" for number in range(1, 13)]


async def test_storage_stays_in_proportion_to_what_is_said(sessions: SessionStore, seed: int) -> None:
    """After a hundred turns a session takes at most three times the text of the messages that it holds."""
    if not isinstance(sessions, RedisSessions):
        pytest.skip("SQLite keeps each checkpoint whole, in a file of its own")
    rng = random.Random(seed)
    graph = conversation(sessions.saver, rng)
    for turn in range(100):
        await say(graph, "t", turn, words(rng, 60))
        await sessions.retain("t", TURNS)
    messages = (await last(sessions.saver, "t")).checkpoint["channel_values"]["messages"]
    assert len(messages) == KEPT
    said = sum(len(message.content.encode()) for message in messages)
    stored = await sessions.saver.hashes.whole(session_key("t"))
    taken = sum(len(field) + len(value) for field, value in stored.items())
    print(f"{taken} bytes for {said} of text: {taken / said:.2f}")
    assert taken <= 3 * said
