"""Conversations for the tests of checkpoints: a graph that answers at once, and checkpoints made by hand."""

from __future__ import annotations

import random
from typing import Annotated, Any

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, RemoveMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple, empty_checkpoint
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.graph.state import CompiledStateGraph
from typing_extensions import TypedDict

KEPT = 40
"""How many messages a conversation holds."""


class Talk(TypedDict):
    """What is said, and how often somebody answered."""

    messages: Annotated[list[AnyMessage], add_messages]
    turns: int


Graph = CompiledStateGraph[Any, Any, Any, Any]


def words(rng: random.Random, length: int) -> str:
    """Words that nobody said before, about so many characters long."""
    said = ""
    while len(said) < length:
        said += "".join(rng.choices("etaoinshrdlucmfwypvbgk", k=rng.randint(2, 10))) + " "
    return said[:length]


def conversation(saver: BaseCheckpointSaver[Any], rng: random.Random) -> Graph:
    """A graph of two nodes: one answers, one lets go of what is older than the last messages."""

    def answer(state: Talk) -> dict[str, Any]:
        return {"messages": [AIMessage(words(rng, 600))], "turns": state.get("turns", 0) + 1}

    def trim(state: Talk) -> dict[str, Any]:
        return {"messages": [RemoveMessage(str(old.id)) for old in state["messages"][:-KEPT]]}

    graph = StateGraph(Talk)
    graph.add_node("answer", answer)
    graph.add_node("trim", trim)
    graph.add_edge(START, "answer")
    graph.add_edge("answer", "trim")
    graph.add_edge("trim", END)
    compiled: Graph = graph.compile(checkpointer=saver)
    return compiled


async def say(graph: Graph, key: str, turn: int, question: str) -> dict[str, Any]:
    """Have one turn, as Souvenir does: one checkpoint at its end, which knows its turn."""
    said = {"messages": [HumanMessage(question)]}
    config: RunnableConfig = {"configurable": {"thread_id": key}, "metadata": {"turn_id": f"turn-{turn}"}}
    state: dict[str, Any] = await graph.ainvoke(said, config, durability="exit")
    return state


def config_of(key: str, namespace: str = "", **more: str) -> RunnableConfig:
    """Where a thread's checkpoints are."""
    return {"configurable": {"thread_id": key, "checkpoint_ns": namespace, **more}}


async def put(
    saver: BaseCheckpointSaver[Any],
    config: RunnableConfig,
    values: dict[str, Any],
    new: dict[str, str] | None = None,
    **metadata: Any,
) -> RunnableConfig:
    """Keep a checkpoint with these values, all of them new unless it is said which are."""
    versions: Any = dict.fromkeys(values, "1") | (new or {})
    checkpoint = empty_checkpoint()
    checkpoint["channel_values"] = values
    checkpoint["channel_versions"] = versions
    noted: Any = {"source": "loop", "step": 1, "parents": {}, **metadata}
    return await saver.aput(config, checkpoint, noted, versions if new is None else dict(new))


async def every(saver: BaseCheckpointSaver[Any], config: RunnableConfig | None) -> list[CheckpointTuple]:
    """All checkpoints of a thread, the newest first."""
    return [one async for one in saver.alist(config)]


async def last(saver: BaseCheckpointSaver[Any], key: str) -> CheckpointTuple:
    """The last checkpoint of a thread, which is there."""
    found = await saver.aget_tuple(config_of(key))
    assert found is not None
    return found
