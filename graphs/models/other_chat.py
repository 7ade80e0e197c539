"""Chat models of other providers than Ollama, with the same limits and the same words for failures."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final, cast

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langgraph.constants import TAG_NOSTREAM

from graphs.models.chat import ModelFailed, Usage
from graphs.models.routes import PROVIDERS, ModelSpec
from graphs.models.streams.answering import answered
from graphs.models.streams.failures import in_words, refusal, status_in, trouble_in
from graphs.models.streams.meter import Meter, cut_prompt
from graphs.models.streams.phases import Stream, in_time
from graphs.models.streams.providers import counts_in_parts, made
from graphs.models.streams.reasoning import Reasoning, often_begun
from graphs.models.streams.words import ThoughtAloud, Words
from graphs.models.token_counts import TokenCounts

_ENDS: Final = ("finish_reason", "stop_reason")
_LENGTH: Final = ("length", "max_tokens", "MAX_TOKENS")
_REMEDY: Final = "lower num_ctx to what its server holds"

Make = Callable[[ModelSpec, str | None], BaseChatModel]


class OtherChat:
    """A `ChatModel` of any provider; its package is imported at the first call, in a thread.

    `make` gives the provider's model. LangGraph does not pass its chunks on by itself (`TAG_NOSTREAM`): they
    are guarded only here. A server on this machine never gets the key.
    """

    def __init__(
        self, spec: ModelSpec, key: str | None = None, counts: TokenCounts | None = None, *, make: Make = made
    ) -> None:
        self.spec = spec
        self.component = spec.model
        self.window = spec.num_ctx
        self.abroad = not spec.local
        self._key, self._make = key, make
        self._counts = counts or TokenCounts()
        self._begun = often_begun(spec.name)
        self._model: BaseChatModel | None = None
        self._making = asyncio.Lock()

    async def stream(
        self,
        messages: Sequence[BaseMessage],
        tools: Sequence[BaseTool],
        *,
        loaded: bool = False,
        usage: Usage | None = None,
    ) -> AsyncIterator[AIMessageChunk]:
        """Stream the answer within the budget, without reasoning."""
        meter = Meter(Usage() if usage is None else usage)
        try:
            chunks = self._guarded(await self._ready(), messages, tools)
            # Nothing is loaded for this call alone where many are served.
            timed = in_time(chunks, self.spec.budget, self._named, loaded=loaded or self.abroad)
            async with contextlib.aclosing(answered(timed, meter, _is_last)) as answer:
                async for chunk in answer:
                    self._count(meter.usage, chunk.usage_metadata)
                    yield chunk
            self._settle(meter.usage, messages, tools)
        except ThoughtAloud:
            self._begun = True
            raise
        finally:
            meter.ended()

    async def aclose(self) -> None:
        """Close the connections to a server on this machine; other clients keep theirs until the end."""
        if client := getattr(self._model, "http_async_client", None):
            await client.aclose()

    async def _ready(self) -> BaseChatModel:
        async with self._making:
            if self._model is None:
                self._model = await asyncio.to_thread(self._made)
            return self._model

    def _made(self) -> BaseChatModel:
        provider = PROVIDERS[self.spec.provider]
        try:
            return self._make(self.spec, self._key)
        except ImportError as error:
            raise ModelFailed(f"{provider.package} is not installed: {provider.install}") from error
        except Exception as error:  # whatever a provider's class raises; its text could hold the key
            raise ModelFailed(f"{self._who} could not be set up: {type(error).__name__}") from None

    async def _guarded(
        self, model: BaseChatModel, messages: Sequence[BaseMessage], tools: Sequence[BaseTool]
    ) -> Stream:
        """Stream chunks of nothing but answer, tool calls and counts; an empty one is a sign of life."""
        words, ends = Words(Reasoning(begun=self._begun)), set[str]()
        bound: Runnable[Any, Any] = model.bind_tools(list(tools)) if tools else model
        stream = cast("Stream", bound.with_config(tags=[TAG_NOSTREAM]).astream(list(messages)))
        async with contextlib.aclosing(stream) as chunks:
            async for chunk in chunks:
                if chunk.additional_kwargs.get("reasoning_content"):
                    words.wordless()
                ends.add(_end(chunk))
                yield _only(chunk, words.feed(str(chunk.text)))
        whole = any(ends) and ends.isdisjoint(_LENGTH)
        rest = words.close(whole=whole, thinker=often_begun(self.spec.name))
        if words.plain:
            self._begun = often_begun(self.spec.name)
        yield AIMessageChunk(content=rest)

    def _count(self, usage: Usage, told: UsageMetadata | None) -> None:
        if not told or not told["total_tokens"]:
            return
        together = sum if counts_in_parts(self.spec.provider) else max
        usage.prompt_tokens = together((usage.prompt_tokens or 0, told["input_tokens"]))
        usage.answer_tokens = together((usage.answer_tokens or 0, told["output_tokens"]))

    def _settle(self, usage: Usage, messages: Sequence[BaseMessage], tools: Sequence[BaseTool]) -> None:
        read = usage.prompt_tokens
        if read and (
            flag := cut_prompt(self._counts, self.component, messages, tools, read, self.window, _REMEDY)
        ):
            usage.flags.append(flag)

    def _named(self, error: Exception, too_late: str) -> ModelFailed:
        """Name what any provider's library may raise: which classes these are is not known here."""
        if status := status_in(error):
            return ModelFailed(refusal(status, self._who, self.spec.name))
        if trouble := trouble_in(error):
            return ModelFailed(in_words(trouble, self.spec.budget, too_late))
        if isinstance(error, (ValueError, TypeError, AttributeError, LookupError)):
            return ModelFailed("the answer was not understood")
        return ModelFailed(f"{self._who} failed: {type(error).__name__}")

    @property
    def _who(self) -> str:
        return "its server" if self.spec.base_url else self.spec.provider


def _is_last(chunk: AIMessageChunk) -> bool:
    return bool(_end(chunk))


def _end(chunk: AIMessageChunk) -> str:
    """Return why the answer ends with this chunk, empty when it does not."""
    return next((str(chunk.response_metadata[end]) for end in _ENDS if chunk.response_metadata.get(end)), "")


def _only(chunk: AIMessageChunk, text: str) -> AIMessageChunk:
    return AIMessageChunk(
        content=text,
        id=chunk.id,
        tool_call_chunks=chunk.tool_call_chunks,
        usage_metadata=chunk.usage_metadata,
        response_metadata=chunk.response_metadata,
    )
