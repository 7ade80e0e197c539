"""What keeping a conversation costs, backend by backend: `--only checkpoints`.

The same graph of two nodes, with the same model in process, talks in turn to each checkpointer: Souvenir's
on Redis, keeping three turns; LangGraph's own on Redis; Souvenir's in the data folder; and LangGraph's in
memory, which is what the graph alone costs. All on Redis use one server, with the modules that the official
one needs.
"""

import asyncio
import random
import statistics
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.channels import DeltaChannel
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.redis.aio import AsyncRedisSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.graph.state import CompiledStateGraph
from redis import Redis
from typing_extensions import TypedDict

from memory.short_term.redis.connection import open_redis
from memory.short_term.sqlite import open_sqlite
from server.composition import utc_now
from tests.services.missing import Missing
from tests.services.redis import running
from tests.services.redis_binaries import binary

Graph = CompiledStateGraph[Any, Any, Any, Any]
Durability = Literal["exit", "async"]

RETAINED: Final = 3
TURNS: Final = 115
TIMED: Final[dict[int, range]] = {50: range(10, 40), 200: range(85, 115)}
"""At how many messages, on the average, which turns are timed: each adds two."""
KEY: Final = "bench/t"


class Whole(TypedDict):
    """Messages that each checkpoint holds whole."""

    messages: Annotated[list[AnyMessage], add_messages]


def _added(before: list[AnyMessage], new: Any) -> Any:
    fold: Any = add_messages
    return reduce(fold, new, before)


class Delta(TypedDict):
    """Messages of which a checkpoint holds what is new, and every twentieth the whole."""

    messages: Annotated[list[AnyMessage], DeltaChannel(_added, snapshot_frequency=20)]


@dataclass
class Backend:
    """One checkpointer, its conversation, and what was measured of it."""

    name: str
    graph: Graph
    retain: Callable[[str, int], Awaitable[None]] | None = None
    database: int | None = None
    turn_ms: list[float] = field(default_factory=list)
    read_ms: list[float] = field(default_factory=list)
    taken: int | None = None

    async def turn(self, number: int, question: str, durability: Durability) -> None:
        """Have one turn, letting go of old ones after it, and read the conversation once."""
        config: RunnableConfig = {"configurable": {"thread_id": KEY}, "metadata": {"turn_id": str(number)}}
        began = time.perf_counter()
        await self.graph.ainvoke(
            {"messages": [HumanMessage(question, id=str(uuid.uuid4()))]}, config, durability=durability
        )
        if self.retain is not None:
            await self.retain(KEY, RETAINED)
        ended = time.perf_counter()
        self.turn_ms.append((ended - began) * 1e3)
        await self.graph.aget_state({"configurable": {"thread_id": KEY}})
        self.read_ms.append((time.perf_counter() - ended) * 1e3)


async def section() -> str:
    """Measure, and return the tables."""
    try:
        binary("stack")
    except Missing as missing:
        return f"not measured: {missing}"
    return "\n\n".join([await _table("exit"), await _table("async")])


async def _table(durability: Durability) -> str:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(running("stack", folder / "redis"))
        backends = await _opened(server.url.removesuffix("/0"), folder, stack)
        rng = random.Random(1)
        for number in range(TURNS):
            question = _words(rng, 60)
            for backend in backends:  # in turn, so that a busy machine is as busy for all
                await backend.turn(number, question, durability)
                if number == 99:
                    backend.taken = _taken(server.url.removesuffix("/0"), backend.database)
    sizes = " | ".join(f"turn at {size} messages, p50 ms" for size in TIMED)
    head = f"| durability `{durability}` | {sizes} | read at 200, p50 ms | bytes at 200 |"
    return "\n".join([head, "|---" * 5 + "|", *(_row(backend) for backend in backends)])


async def _opened(url: str, folder: Path, stack: AsyncExitStack) -> list[Backend]:
    ours = await stack.enter_async_context(open_redis(f"{url}/1", ttl_seconds=3600))
    delta = await stack.enter_async_context(open_redis(f"{url}/2", ttl_seconds=3600))
    official = await stack.enter_async_context(AsyncRedisSaver.from_conn_string(f"{url}/0"))
    sqlite = await stack.enter_async_context(open_sqlite(folder, ttl_seconds=None, clock=utc_now))
    return [
        Backend("Souvenir, Redis", _graph(ours.saver, Whole), ours.retain, 1),
        Backend("official, Redis", _graph(official, Whole), None, 0),
        Backend("Souvenir, SQLite", _graph(sqlite.saver, Whole), sqlite.retain),
        Backend("LangGraph, in memory", _graph(InMemorySaver(), Whole)),
        Backend("Souvenir, Redis, `DeltaChannel`", _graph(delta.saver, Delta), delta.retain, 2),
    ]


def _graph(saver: BaseCheckpointSaver[Any], state: type[Any]) -> Graph:
    rng = random.Random(2)
    graph = StateGraph(state)
    graph.add_node("prepare", lambda _state: {})
    graph.add_node("answer", lambda _state: {"messages": [AIMessage(_words(rng, 600), id=str(uuid.uuid4()))]})
    graph.add_edge(START, "prepare")
    graph.add_edge("prepare", "answer")
    graph.add_edge("answer", END)
    compiled: Graph = graph.compile(checkpointer=saver)
    return compiled


def _words(rng: random.Random, length: int) -> str:
    said = ""
    while len(said) < length:
        said += "".join(rng.choices("etaoinshrdlucmfwypvbgk", k=rng.randint(2, 10))) + " "
    return said[:length]


def _taken(url: str, database: int | None) -> int | None:
    if database is None:
        return None
    with Redis.from_url(f"{url}/{database}") as client:
        return sum(int(client.memory_usage(key, samples=0) or 0) for key in client.scan_iter(count=1000))


def _row(backend: Backend) -> str:
    timed = [f"{statistics.median(backend.turn_ms[turn] for turn in turns):.1f}" for turns in TIMED.values()]
    read = statistics.median(backend.read_ms[turn] for turn in TIMED[200])
    taken = "" if backend.taken is None else f"{backend.taken:,}"
    return f"| {backend.name} | {' | '.join(timed)} | {read:.1f} | {taken} |"


if __name__ == "__main__":
    print(asyncio.run(section()))
