"""A scripted Ollama, and the Redis servers behind short-term memory."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.graphs.agent.home import BIG, SMALL
from tests.ollama_double import OllamaDouble, Reply, ollama_double
from tests.ollama_double.script import Json, question
from tests.services.redis import own_redis, redis_server

__all__ = ["own_redis", "redis_server"]


def echo(request: Json) -> str:
    """An answer that tells which question it is for."""
    return f"Noted, then: {question(request)}"


@pytest.fixture
async def double() -> AsyncIterator[OllamaDouble]:
    """An Ollama with both models of the default route, which repeat what they were asked."""
    async with ollama_double(BIG, SMALL) as one:
        for model in (BIG, SMALL):
            one.reply(model, Reply(text=echo))
        yield one
