"""Chat models on Ollama, with limits on time and no silent failures.

Ollama's client waits forever by default, a stream that ends without its `done` frame raises nothing, and a
prompt that does not fit is cut without a word; here each has a name.
"""

import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final, cast

import httpx
import ollama
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.tools import BaseTool

from graphs.models.chat import ModelFailed, Usage
from graphs.models.routes import Budget, ModelSpec
from graphs.models.routes.checks import stays_home
from graphs.models.streams.answering import answered
from graphs.models.streams.failures import in_words, inert_error
from graphs.models.streams.meter import Meter, cut_prompt
from graphs.models.streams.ollama import GuardedOllama
from graphs.models.streams.phases import Stream, in_time
from graphs.models.streams.reasoning import often_begun
from graphs.models.streams.words import ThoughtAloud
from graphs.models.token_counts import TokenCounts
from graphs.models.transport import transport, trouble_of

_LOADED_ONLY: Final = "the model was loaded but did not answer"
_NOT_UNDERSTOOD: Final = "the answer was not understood"
_MALFORMED: Final = (ValueError, TypeError, AttributeError, KeyError)
"""What Ollama's client raises for a line that is not JSON, and for a frame of another shape than its own."""


class OllamaChat:
    """A `ChatModel` on Ollama, through `ChatOllama`; `base_url` is where, unless the spec says it.

    `counts` knows what the model makes of text, and learns from each answer. Close it with `aclose`.
    """

    def __init__(self, spec: ModelSpec, base_url: str, counts: TokenCounts | None = None) -> None:
        self.spec = spec
        self.component = spec.model
        self.window = spec.num_ctx
        self.abroad = not stays_home(spec, base_url)
        self._counts = counts or TokenCounts()
        url = spec.base_url or base_url
        self._client = GuardedOllama(
            model=spec.name,
            base_url=url,
            temperature=spec.temperature,
            num_ctx=spec.num_ctx,
            num_predict=spec.max_tokens,
            keep_alive=spec.keep_alive,
            begun=often_begun(spec.name),
            client_kwargs={"timeout": _timeouts(spec.budget), "trust_env": False},
            async_client_kwargs={"transport": transport(url)},
        )

    async def stream(
        self,
        messages: Sequence[BaseMessage],
        tools: Sequence[BaseTool],
        *,
        loaded: bool = False,
        usage: Usage | None = None,
    ) -> AsyncIterator[AIMessageChunk]:
        """Stream the answer within the budget, without reasoning.

        One of the chunks is Ollama's `done` frame, the last that holds anything.
        """
        meter = Meter(Usage() if usage is None else usage)
        frames = in_time(self._frames(messages, tools), self.spec.budget, self._named, loaded=loaded)
        try:
            async with contextlib.aclosing(answered(frames, meter, _is_done)) as chunks:
                async for chunk in chunks:
                    if _is_done(chunk):
                        self._settle(meter, chunk.response_metadata, messages, tools)
                    yield chunk
        except ThoughtAloud:
            self._client.begun = True  # From now on it is held back until it is over.
            raise
        finally:
            meter.ended()

    async def aclose(self) -> None:
        """Close the connections kept for the next call; `ChatOllama` has no way of its own to do it."""
        with self._client._client:
            async with self._client._async_client:
                pass

    def _frames(self, messages: Sequence[BaseMessage], tools: Sequence[BaseTool]) -> Stream:
        model = self._client.bind_tools(list(tools)) if tools else self._client
        return cast("Stream", model.astream(list(messages)))

    def _settle(
        self, meter: Meter, done: dict[str, Any], messages: Sequence[BaseMessage], tools: Sequence[BaseTool]
    ) -> None:
        """Read what Ollama counted, and whether it read the whole prompt."""
        usage, read = meter.usage, done.get("prompt_eval_count")
        usage.prompt_tokens, usage.answer_tokens = read, done.get("eval_count")
        meter.loaded(done.get("load_duration"))
        if read and (flag := cut_prompt(self._counts, self.component, messages, tools, read, self.window)):
            usage.flags.append(flag)

    def _named(self, error: Exception, too_late: str) -> ModelFailed | None:
        if trouble := trouble_of(error):
            return ModelFailed(in_words(trouble, self.spec.budget, too_late))
        if isinstance(error, ollama.ResponseError):
            return ModelFailed(self._refusal(error))
        if isinstance(error, _MALFORMED):
            loaded = "No generation chunks" in str(error)
            return ModelFailed(_LOADED_ONLY if loaded else _NOT_UNDERSTOOD)
        return None

    def _refusal(self, error: ollama.ResponseError) -> str:
        if error.status_code == 404:
            return f"the model is not installed: ollama pull {self.spec.name}"
        return f"Ollama answered an error: {inert_error(str(error.error)) or f'status {error.status_code}'}"


def _is_done(chunk: AIMessageChunk) -> bool:
    return chunk.response_metadata.get("done") is True


def _timeouts(budget: Budget) -> httpx.Timeout:
    slowest = max(budget.load + budget.first_token, budget.between_tokens)
    return httpx.Timeout(slowest + 1, connect=budget.connect, pool=budget.connect)
