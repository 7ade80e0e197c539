"""Questions that a model was asked; a test spells out only what it is about."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from memory.answer_cache.opening import open_answer_cache
from memory.answer_cache.protocol import AnswerCache, Question
from tests.services.redis import RedisServer

CANARY = "zanzibar4711"
ANSWER = '{"name":"Ada"}'
_QUESTION = Question(
    user="marie",
    task="extraction",
    model="ollama:llama3.1:8b",
    parameters={"temperature": 0.2, "num_ctx": 8192},
    schema={"type": "object"},
    prompt=[["system", "Who is it?"], ["human", f"Ada has the code {CANARY}."]],
    text=f"Ada has the code {CANARY}.",
)


def a_question(**changes: Any) -> Question:
    """The usual question, changed as the test says."""
    return replace(_QUESTION, **changes)


@asynccontextmanager
async def opened(server: RedisServer, **changed: Any) -> AsyncIterator[AnswerCache]:
    """The cache on a server, with its library imported: that takes seconds, and no part of any promise."""
    async with open_answer_cache(server.url, **({"memory": "tests"} | changed)) as cache:
        yield cache


def held(server: RedisServer) -> dict[str, str]:
    """All that the server holds, by key, as far as it can be read."""
    with server.client(encoding_errors="replace") as client:
        kinds = {key: client.type(key) for key in client.scan_iter()}
        read = {
            "ReJSON-RL": lambda key: client.execute_command("JSON.GET", key),
            "hash": lambda key: str(client.hgetall(key)),
            "string": client.get,
        }
        return {key: str(read[kind](key)) for key, kind in kinds.items()}


def indexes(server: RedisServer) -> list[str]:
    """The indexes of a server with the Search module."""
    with server.client() as client:
        return list(client.execute_command("FT._LIST"))
