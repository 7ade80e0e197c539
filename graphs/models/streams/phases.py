"""Each phase of an answer within its time; whatever goes wrong becomes a `ModelFailed`."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable

from langchain_core.messages import AIMessageChunk

from graphs.models.chat import ModelFailed
from graphs.models.routes import Budget

Stream = AsyncGenerator[AIMessageChunk, None]
Named = Callable[[Exception, str], ModelFailed | None]
"""Given an error and what to say when it means "too late": the failure, or None when it is a defect."""


async def in_time(stream: Stream, budget: Budget, named: Named, *, loaded: bool) -> Stream:
    """Pass the chunks on, each within what is left of its phase and of the whole.

    Every chunk is a sign of life, also one without words: then the model is there and at work.
    """
    clock = asyncio.get_running_loop().time
    end = clock() + budget.total
    limit, too_late = _first(budget, loaded=loaded)
    async with contextlib.aclosing(stream):
        while True:
            left = end - clock()
            if left < limit:
                too_late = f"no full answer within {budget.total:g} s"
            chunk = await _next(stream, max(0.0, min(left, limit)), too_late, named)
            if chunk is None:
                return
            limit, too_late = budget.between_tokens, f"no further token within {budget.between_tokens:g} s"
            yield chunk


def _first(budget: Budget, *, loaded: bool) -> tuple[float, str]:
    """Return how long the first sign of life may take, and what to say when it does not come."""
    if loaded:
        return budget.first_token, f"no first token within {budget.first_token:g} s"
    limit = budget.load + budget.first_token
    return limit, f"no first token within {limit:g} s, loading included"


async def _next(stream: Stream, limit: float, too_late: str, named: Named) -> AIMessageChunk | None:
    """Return the next chunk, None at the end."""
    try:
        async with asyncio.timeout(limit):
            return await anext(stream)
    except StopAsyncIteration:
        return None
    except ModelFailed:
        raise
    except Exception as error:  # told apart, and raised again, in one place
        if (failed := named(error, too_late)) is None:
            raise
        raise failed from error
