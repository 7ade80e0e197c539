"""Sessions in a cluster, and found through sentinels: the same, asked of real ones."""

from __future__ import annotations

import random
import socket
import subprocess
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.conformance import validate
from langgraph.checkpoint.conformance.initializer import RegisteredCheckpointer
from redis import Redis
from redis.exceptions import RedisError

from memory.short_term.redis.connection import open_redis
from memory.short_term.redis.store import RedisSessions
from tests.memory.short_term.talking import config_of, conversation, every, put, say
from tests.services.redis import RedisServer, require_redis

SECONDS = 30.0


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[str]:
    """Two masters with half of the slots each."""
    with ExitStack() as stack:
        ports = []
        for slots in ((0, 8000), (8001, 16383)):
            port, bus = _free_port(), _free_port()
            more = ["--cluster-enabled", "yes", "--cluster-port", str(bus)]
            client = stack.enter_context(_running(tmp_path / str(port), port, [], more))
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", *slots)
            ports.append((client, port, bus))
        ports[0][0].execute_command("CLUSTER", "MEET", "127.0.0.1", ports[1][1], ports[1][2])
        for client, *_ in ports:
            _wait(lambda client=client: "cluster_state:ok" in _state(client))  # type: ignore[misc]  # the default binds it
        yield f"redis+cluster://127.0.0.1:{ports[0][1]}"


@pytest.fixture
def sentinel(redis_server: RedisServer, tmp_path: Path) -> Iterator[str]:
    """A sentinel that watches over a server."""
    settings = tmp_path / "sentinel.conf"
    settings.write_text(f"sentinel monitor mine 127.0.0.1 {redis_server.port} 1\n")
    port = _free_port()
    with _running(tmp_path / "sentinel", port, [str(settings), "--sentinel"], []):
        yield f"redis+sentinel://127.0.0.1:{port}/mine/0"


@contextmanager
def _running(folder: Path, port: int, first: list[str], more: list[str]) -> Iterator[Any]:
    folder.mkdir()
    binary = require_redis("plain")
    place = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    with (folder / "output.txt").open("w") as said:
        process = subprocess.Popen([*binary.command, *first, *place, *more], stdout=said, stderr=said)
    try:
        with Redis(port=port, decode_responses=True) as client:
            _wait(lambda: _answers(client))
            yield client
    finally:
        process.kill()
        process.wait()


def _answers(client: Any) -> bool:
    with suppress(RedisError):
        return bool(client.ping())
    return False


def _state(client: Any) -> str:
    return str(client.execute_command("CLUSTER", "INFO"))


def _wait(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not ready():
        assert time.monotonic() < deadline, "the servers are not ready in time"
        time.sleep(0.01)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def examine(sessions: RedisSessions) -> None:
    """Everything that a saver and a store do."""

    async def opened() -> AsyncGenerator[BaseCheckpointSaver[Any], None]:
        yield sessions.saver

    report = await validate(RegisteredCheckpointer("ours", opened))
    assert {name: result.failures for name, result in report.results.items() if not result.passed} == {}
    threads = [f"{number}" for number in range(20)]
    for thread in threads:
        await put(sessions.saver, config_of(f"marie/{thread}"), {"a": "needle"})
    assert await sessions.mentioning("marie", ["needle"]) == sorted(threads)
    graph = conversation(sessions.saver, random.Random(1))
    for turn in range(5):
        await say(graph, "t", turn, "question")
        await sessions.retain("t", 3)
    assert len(await every(sessions.saver, config_of("t"))) == 3
    await sessions.forget([f"marie/{thread}" for thread in threads])
    assert await sessions.mentioning("marie", ["needle"]) == []
    assert (await sessions.ping()).startswith("Redis ")


async def test_sessions_in_a_cluster(cluster: str) -> None:
    """Each session is in one slot, and sessions of all masters are found."""
    async with open_redis(cluster, ttl_seconds=60) as sessions:
        await examine(sessions)


async def test_sessions_found_through_a_sentinel(sentinel: str) -> None:
    """The sentinel says where the master is."""
    async with open_redis(sentinel, ttl_seconds=60) as sessions:
        await examine(sessions)
