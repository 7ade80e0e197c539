"""Asking a model something small, and measuring how the answer comes."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import AIMessageChunk, BaseMessage, ToolCall
from langchain_core.messages.ai import add_ai_message_chunks
from langchain_core.tools import BaseTool

from graphs.models.chat import ChatModel, Usage


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer as it came."""

    usage: Usage
    times: list[float] = field(default_factory=list)
    """When each piece with words came, in seconds of the loop's clock."""
    calls: list[ToolCall] = field(default_factory=list)
    spoken_seconds: float | None = None
    """How long the model says that it spoke; None when it does not say."""

    @property
    def spread(self) -> float:
        """How long it was from the first piece to the last."""
        return self.times[-1] - self.times[0] if self.times else 0.0

    @property
    def speed(self) -> float | None:
        """Tokens per second, after the first when the model does not tell how long it spoke."""
        usage, seconds = self.usage, self.spoken_seconds
        if not usage.answer_tokens:
            return None
        if seconds:
            return usage.answer_tokens / seconds
        if usage.total_ms is None or usage.first_token_ms is None or usage.total_ms <= usage.first_token_ms:
            return None
        return 1000 * (usage.answer_tokens - 1) / (usage.total_ms - usage.first_token_ms)


async def ask(
    model: ChatModel, prompt: Sequence[BaseMessage], tools: Sequence[BaseTool] = (), *, loaded: bool = True
) -> Heard:
    """Return a model's answer; raises `ModelFailed`."""
    clock = asyncio.get_running_loop().time
    usage, times, chunks = Usage(), list[float](), list[AIMessageChunk]()
    stream = model.stream(prompt, tools, loaded=loaded, usage=usage)
    async with aclosing(stream) as answer:  # type: ignore[type-var]  # an async generator is closed by it
        async for chunk in answer:
            chunks.append(chunk)
            if chunk.text:
                times.append(clock())
    whole = add_ai_message_chunks(*chunks) if chunks else AIMessageChunk(content="")
    return Heard(usage, times, whole.tool_calls, _spoken(whole.response_metadata))


def _spoken(said: dict[str, Any]) -> float | None:
    nanoseconds = said.get("eval_duration")
    return nanoseconds / 1e9 if isinstance(nanoseconds, int) and nanoseconds > 0 else None
