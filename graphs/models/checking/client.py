"""Ollama's own client for what is no conversation: fetching, loading and describing a model."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx
import ollama

from graphs.models.streams.failures import inert_error
from graphs.models.transport import transport, trouble_of

CONNECT_SECONDS: Final = 3.0
SHOW_SECONDS: Final = 10.0
_MALFORMED: Final = (ValueError, TypeError, AttributeError, KeyError)


@asynccontextmanager
async def ollama_client(url: str, seconds: float) -> AsyncIterator[ollama.AsyncClient]:
    """Yield a client that waits `seconds` for each piece of an answer; close its connections after it."""
    limits = httpx.Timeout(seconds, connect=CONNECT_SECONDS)
    async with ollama.AsyncClient(host=url, timeout=limits, transport=transport(url)) as client:
        yield client


def reason_of(error: Exception) -> str | None:
    """Return why a call to Ollama failed, in words for people; None for what is an error of this program."""
    if trouble := trouble_of(error):
        return trouble.value
    if isinstance(error, ollama.ResponseError):
        return f"Ollama answered an error: {inert_error(str(error.error)) or error.status_code}"
    return "the answer was not understood" if isinstance(error, _MALFORMED) else None


async def context_length(url: str, name: str) -> int | None:
    """Return for how many tokens a model was trained; None when its server does not say."""
    try:
        async with asyncio.timeout(SHOW_SECONDS), ollama_client(url, SHOW_SECONDS) as client:
            info = (await client.show(name)).modelinfo or {}
    except Exception as error:  # of several libraries: whatever it is, the server does not say
        if reason_of(error) is None:
            raise
        return None
    found = next((value for key, value in info.items() if key.endswith(".context_length")), None)
    return found if isinstance(found, int) and found > 0 else None
