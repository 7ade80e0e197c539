"""Two processes that run turns of the same conversations, on one Redis and one archive."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from memory.archive.archive import open_archive
from memory.short_term.redis.lease import LAST_SECONDS
from tests.acceptance.conversations import MODEL, Conversations, check_prompts, check_turns, echo
from tests.acceptance.memory_checks import check_whole, now, turns_of
from tests.acceptance.processes import ROOT
from tests.acceptance.souvenir import Souvenir
from tests.ollama_double import Fault, OllamaDouble, Reply
from tests.services.redis import OwnRedis, own_redis

__all__ = ["own_redis"]

THREADS, AT_ONCE = 20, 4
NDJSON = {"Accept": "application/x-ndjson"}
CHAT = "/api/chat"
Json = dict[str, Any]


@pytest.fixture
def double() -> Iterator[OllamaDouble]:
    """An Ollama that answers at once."""
    with OllamaDouble(MODEL) as double:
        double.reply(MODEL, Reply(text=echo))
        yield double


@dataclass(frozen=True)
class Pair:
    """The doors of both processes, and what they share."""

    memory: Souvenir
    doors: tuple[httpx.AsyncClient, ...]
    second: subprocess.Popen[str] | None = None


@contextmanager
def second_door(memory: Souvenir, busy: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Start the second process; it ends with the block."""
    given = [str(memory.data), memory.settings["REDIS_URL"], memory.ollama_url, busy]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.acceptance.second_door", *given],
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url, "the second process did not start"
        try:
            yield url, process
            if process.poll() is None:
                process.communicate(timeout=30)
        finally:
            process.kill()


@asynccontextmanager
async def doors(*urls: str) -> AsyncIterator[tuple[httpx.AsyncClient, ...]]:
    """A client of each address."""
    limits = httpx.Limits(max_connections=200)
    clients = [httpx.AsyncClient(base_url=url, trust_env=False, timeout=60, limits=limits) for url in urls]
    try:
        yield tuple(clients)
    finally:
        for client in clients:
            await client.aclose()


@asynccontextmanager
async def pair(
    souvenir: Souvenir, double: OllamaDouble, own_redis: OwnRedis, busy: str = "queue"
) -> AsyncIterator[Pair]:
    """Both processes on an empty memory; the memory is whole when they have ended."""
    given = {"REDIS_URL": own_redis().url, "BUSY_THREAD": busy}
    memory = replace(souvenir, ollama_url=double.url, settings=given)
    with memory.serving() as server, second_door(memory, busy) as (url, process):
        async with doors(server.owner.url, url) as clients:
            yield Pair(memory, clients, process)
    await check_whole(memory.data)


async def ask(door: httpx.AsyncClient, question: str, thread: str | None = None) -> Json:
    """Run a turn; its answer, with its question."""
    body = {"question": question} | ({"thread_id": thread} if thread else {})
    response = await door.post("/v1/turns", json=body)
    assert response.status_code == 200, response.text
    return {**response.json(), "question": question}


async def talk(doors: tuple[httpx.AsyncClient, ...]) -> list[Json]:
    """Begin twenty conversations, then ask four questions at once on each, through all doors; the answers."""
    first = await asyncio.gather(
        *(ask(doors[n % len(doors)], f"Please note that locker {n} is mine.") for n in range(THREADS))
    )
    asked = [
        ask(doors[(n + m) % len(doors)], f"Fact {m} of locker {n}.", first[n]["thread_id"])
        for m in range(AT_ONCE)
        for n in range(THREADS)
    ]
    return [*first, *await asyncio.gather(*asked)]


async def check(memory: Souvenir, double: OllamaDouble, answers: list[Json], notes: int = 0) -> None:
    """Every acknowledged turn is kept once, every conversation has its turns, and each knew those before."""
    assert len(answers) == THREADS * (AT_ONCE + 1)
    async with open_archive(memory.data, clock=now) as archive:
        kept = await turns_of(archive)
    assert {len(turns) for turns in kept.values()} == {AT_ONCE + 1}
    assert len(kept) == THREADS
    told = Counter((one["thread_id"], one["turn_id"], one["question"], one["answer"]) for one in answers)
    there = Counter(
        (thread, turn.id, turn.question, turn.answer) for thread, turns in kept.items() for turn in turns
    )
    assert there == told
    assert max(there.values()) == 1
    await check_turns(memory, Conversations())
    assert check_prompts(double, kept) == len(answers), "a model was asked again"
    assert sum(bool(one["degraded"]) for one in answers) == notes


async def test_four_at_once_on_twenty_conversations(
    souvenir: Souvenir, double: OllamaDouble, own_redis: OwnRedis
) -> None:
    """Through two processes: nothing is lost, doubled or refused, and nobody answers without knowing."""
    async with pair(souvenir, double, own_redis) as both:
        answers = await talk(both.doors)
    await check(both.memory, double, answers)


async def test_four_at_once_in_one_process(souvenir: Souvenir, double: OllamaDouble) -> None:
    """The same without Redis."""
    memory = replace(souvenir, ollama_url=double.url)
    with memory.serving() as server:
        async with doors(server.owner.url) as one:
            answers = await talk(one)
    await check_whole(memory.data)
    await check(memory, double, answers)


@asynccontextmanager
async def at_work(door: httpx.AsyncClient, double: OllamaDouble, **body: str) -> AsyncIterator[Json]:
    """A turn of which the model hangs after some words; its first event. It is heard to its end."""
    hanging = len([one for one in double.requests(CHAT)]) + 1
    double.fault(MODEL, Fault("hang_mid_stream", calls=1))
    async with door.stream("POST", "/v1/turns", json=body, headers=NDJSON) as response:
        lines = response.aiter_lines()
        first: Json = json.loads(await anext(lines))
        await double.wait_for(CHAT, count=hanging)
        await double.wait_for(CHAT, "hanging")
        yield first
        last = [json.loads(line) async for line in lines][-1]
        assert last["type"] == "answer", last
        first["last"] = last


@pytest.mark.parametrize("here", [0, 1])
async def test_a_turn_is_followed_and_stopped_through_the_other(
    souvenir: Souvenir, double: OllamaDouble, own_redis: OwnRedis, here: int
) -> None:
    """Whichever runs it: the other waits for its answer, and can ask it to end, also while others wait."""
    double.reply(MODEL, Reply(text="One two three four five."))
    async with pair(souvenir, double, own_redis) as both:
        door, other = both.doors[here], both.doors[1 - here]
        async with at_work(door, double, question="Count!") as turn:
            where = {"thread_id": turn["thread_id"]}
            followed = asyncio.create_task(other.get(f"/v1/turns/{turn['turn_id']}", params=where))
            await asyncio.wait([followed], timeout=0.5)
            assert not followed.done()
            double.release()
        answer = (await followed).raise_for_status().json()
        assert {**answer, "type": "answer"} == turn["last"]
        assert answer["answer"] == "One two three four five."

        async with at_work(door, double, question="Again!", **where) as turn:
            queued = asyncio.create_task(ask(other, "And then?", where["thread_id"]))
            await asyncio.wait([queued], timeout=0.5)
            assert not queued.done()
            stopped = await other.post(f"/v1/turns/{turn['turn_id']}/stop", params=where)
            assert stopped.status_code == 202, stopped.text
        assert turn["last"]["status"] == "interrupted"
        assert "One two three four five.".startswith(turn["last"]["answer"])
        assert (await queued)["status"] == "done"


@pytest.mark.parametrize("here", [0, 1])
async def test_a_busy_conversation_is_refused_by_the_other(
    souvenir: Souvenir, double: OllamaDouble, own_redis: OwnRedis, here: int
) -> None:
    """Where turns do not queue: with the id of the turn that is at work in the first."""
    async with pair(souvenir, double, own_redis, busy="refuse") as both:
        door, other = both.doors[here], both.doors[1 - here]
        thread = (await ask(door, "Start!"))["thread_id"]
        async with at_work(door, double, question="Count!", thread_id=thread) as turn:
            for one in (other, door):
                refused = await one.post("/v1/turns", json={"question": "Late!", "thread_id": thread})
                assert refused.status_code == 409
                assert refused.json()["error"]["turn_id"] == turn["turn_id"]
            double.release()
        assert (await ask(other, "Now?", thread))["status"] == "done"


async def test_a_process_that_dies_frees_its_conversation(
    souvenir: Souvenir, double: OllamaDouble, own_redis: OwnRedis
) -> None:
    """Killed in the middle of an answer: the other goes on with the conversation soon, as it was before."""
    async with pair(souvenir, double, own_redis) as both:
        first, second = both.doors
        thread = (await ask(second, "Start!"))["thread_id"]
        with pytest.raises(httpx.TransportError):
            async with at_work(second, double, question="Count!", thread_id=thread):
                assert both.second is not None
                both.second.kill()
                both.second.wait()
                died = time.monotonic()
        double.release()
        answer = await ask(first, "Are you there?", thread)
        assert time.monotonic() - died < LAST_SECONDS + 4
        assert (answer["status"], answer["degraded"]) == ("done", [])
    async with open_archive(both.memory.data, clock=now) as archive:
        [turns] = (await turns_of(archive)).values()
    assert [turn.question for turn in turns] == ["Start!", "Are you there?"]
