"""Chat models behind one small protocol, with limits on time and no silent failures.

Ollama's client waits forever by default, and a stream that ends without its `done` frame raises
nothing; here both are failures with a name.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Any, Protocol, cast

import httpx
import ollama
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_ollama import ChatOllama

from graphs.models.routes import Budget, ModelSpec

_Stream = AsyncGenerator[AIMessageChunk, None]
_LOADED_ONLY = "the model was loaded but did not answer"


class ModelFailed(Exception):
    """A model did not give an answer; the message is the reason, in words for people."""


class ChatModel(Protocol):
    """A model that streams its answer."""

    @property
    def component(self) -> str:
        """`provider:name`, as shown in `served_by` and `degraded`."""
        ...

    @property
    def window(self) -> int:
        """The context window, in tokens."""
        ...

    def stream(
        self, messages: Sequence[BaseMessage], tools: Sequence[BaseTool]
    ) -> AsyncIterator[AIMessageChunk]:
        """Stream the answer's chunks; raises `ModelFailed` at any point."""
        ...


class OllamaChat:
    """A `ChatModel` on Ollama, through `ChatOllama`."""

    def __init__(self, spec: ModelSpec, base_url: str) -> None:
        self.component = spec.model
        self.window = spec.num_ctx
        self._name = spec.name
        self._budget = spec.budget
        self._client = ChatOllama(
            model=spec.name,
            base_url=base_url,
            temperature=spec.temperature,
            num_ctx=spec.num_ctx,
            num_predict=spec.max_tokens,
            client_kwargs={"timeout": _timeouts(spec.budget), "trust_env": False},
        )

    async def stream(
        self, messages: Sequence[BaseMessage], tools: Sequence[BaseTool]
    ) -> AsyncIterator[AIMessageChunk]:
        """Stream the answer within the budget; the last chunk is Ollama's `done` frame."""
        model = self._client.bind_tools(list(tools)) if tools else self._client
        finished = spoken = False
        async with contextlib.aclosing(self._watch(_stream(model, messages))) as chunks:
            async for chunk in chunks:
                finished = finished or chunk.response_metadata.get("done") is True
                spoken = spoken or _speaks(chunk)
                yield chunk
        if not finished:
            raise ModelFailed("the stream ended before the answer was complete")
        if not spoken:
            raise ModelFailed("the answer was empty")

    async def aclose(self) -> None:
        """Close the connections kept for the next call; `ChatOllama` has no way of its own to do it."""
        with self._client._client:
            async with self._client._async_client:
                pass

    async def _watch(self, stream: _Stream) -> _Stream:
        """Pass the chunks on, each within what is left of its phase and of the whole."""
        clock = asyncio.get_running_loop().time
        end = clock() + self._budget.total
        limit, waited_for = self._budget.first_token, "first token"
        async with contextlib.aclosing(stream):
            while True:
                left = end - clock()
                reason = f"no {waited_for} within {limit:g} s"
                if left < limit:
                    reason = f"no full answer within {self._budget.total:g} s"
                chunk = await self._next(stream, max(0.0, min(left, limit)), reason)
                if chunk is None:
                    return
                if _speaks(chunk):
                    limit, waited_for = self._budget.between_tokens, "further token"
                yield chunk

    async def _next(self, stream: _Stream, limit: float, too_late: str) -> AIMessageChunk | None:
        """Return the next chunk, None at the end; every way to fail becomes a `ModelFailed`."""
        try:
            async with asyncio.timeout(limit):
                chunk: AIMessageChunk = await anext(stream)
                return chunk
        except StopAsyncIteration:
            return None
        except (httpx.ConnectTimeout, httpx.PoolTimeout):
            raise ModelFailed(f"no connection within {self._budget.connect:g} s") from None
        except (TimeoutError, httpx.TimeoutException):
            raise ModelFailed(too_late) from None
        except (httpx.ConnectError, ConnectionError):
            raise ModelFailed("connection refused") from None
        except httpx.HTTPError as error:
            detail = f": {error}" if str(error) else ""  # A reset connection has nothing to say.
            raise ModelFailed(f"the connection broke{detail}") from error
        except ollama.ResponseError as error:
            raise ModelFailed(self._refusal(error)) from error
        except ValueError as error:  # A line that is not JSON, a frame of the wrong shape, or none.
            loaded = "No generation chunks" in str(error)
            raise ModelFailed(_LOADED_ONLY if loaded else "the answer was not understood") from error

    def _refusal(self, error: ollama.ResponseError) -> str:
        if error.status_code == 404:
            return f"the model is not installed: ollama pull {self._name}"
        return f"Ollama answered an error: {error.error[:200]}"


def _stream(model: Runnable[Any, Any], messages: Sequence[BaseMessage]) -> _Stream:
    return cast("_Stream", model.astream(list(messages)))


def _speaks(chunk: AIMessageChunk) -> bool:
    return bool(chunk.content or chunk.tool_call_chunks)


def _timeouts(budget: Budget) -> httpx.Timeout:
    slowest = max(budget.first_token, budget.between_tokens)
    return httpx.Timeout(slowest + 1, connect=budget.connect, pool=budget.connect)
