"""Fifty conversations at once through one server, with what runs kept on a Redis and in the data folder."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from memory.archive.archive import open_archive
from tests.acceptance.conversations import MODEL
from tests.acceptance.memory_checks import check_whole, now, turns_of
from tests.acceptance.souvenir import Server, Souvenir
from tests.ollama_double import OllamaDouble, Reply
from tests.services.redis import RedisServer, redis_server

__all__ = ["redis_server"]

SESSIONS, TURNS = 50, 20


@pytest.fixture
def double() -> Iterator[OllamaDouble]:
    """An Ollama that answers at once, in one piece."""
    with OllamaDouble(MODEL) as double:
        double.reply(MODEL, Reply(text="That is noted.", chunk="whole"))
        yield double


async def converse(http: httpx.AsyncClient, session: int) -> str:
    """Have one conversation; each of its turns is answered, and nothing is amiss. Return its thread."""
    thread: str | None = None
    for number in range(TURNS):
        body = {"question": f"Fact {number} of session {session}."} | (
            {"thread_id": thread} if thread else {}
        )
        answer = (await http.post("/v1/turns", json=body)).raise_for_status().json()
        assert (answer["status"], answer["degraded"]) == ("done", [])
        thread = answer["thread_id"]
    assert thread is not None
    return thread


async def per_second(server: Server) -> tuple[float, list[str]]:
    """Have all conversations at the same time; the turns of a second, and the threads."""
    limits = httpx.Limits(max_connections=SESSIONS)
    async with httpx.AsyncClient(
        base_url=server.owner.url, trust_env=False, timeout=120, limits=limits
    ) as http:
        await http.post("/v1/turns", json={"question": "What is loaded at the first turn is loaded now."})
        began = time.monotonic()
        threads = await asyncio.gather(*(converse(http, number) for number in range(SESSIONS)))
        return SESSIONS * TURNS / (time.monotonic() - began), threads


@pytest.mark.soak
async def test_fifty_conversations_of_twenty_turns(
    souvenir: Souvenir, double: OllamaDouble, redis_server: RedisServer
) -> None:
    """No error, no turn lost or doubled, each in its order; the figures of both are printed."""
    for kept, settings in (("redis", {"REDIS_URL": redis_server.url}), ("embedded", {})):
        memory = replace(souvenir, data=souvenir.data / kept, ollama_url=double.url, settings=dict(settings))
        with memory.serving() as server:
            rate, threads = await per_second(server)
        print(f"{kept}: {rate:.1f} turns/s, {SESSIONS} sessions of {TURNS} turns")
        async with open_archive(memory.data, clock=now) as archive:
            there = await turns_of(archive)
        for session, thread in enumerate(threads):
            assert [turn.question for turn in there[thread]] == [
                f"Fact {number} of session {session}." for number in range(TURNS)
            ]
        assert len(there) == SESSIONS + 1
        await check_whole(memory.data)
