"""`ChatOllama` whose words are guarded where they come in, so that whoever listens hears the answer only.

LangGraph passes a model's chunks on by itself (Studio shows them): a guard behind it would be too late.
"""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from typing import cast

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from langchain_ollama import ChatOllama

from graphs.models.streams.reasoning import Reasoning, often_begun
from graphs.models.streams.words import Words


class GuardedOllama(ChatOllama):
    """Streams without reasoning, and raises `ModelFailed` for an answer that goes round in circles."""

    begun: bool = False
    """Whether the template opens the reasoning in the prompt: see `Reasoning`."""
    tags_at_start: bool = False
    """Whether tags inside the answer are part of it, as in JSON."""

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: object,
    ) -> AsyncIterator[ChatGenerationChunk]:
        thinker = often_begun(self.model)
        words = Words(Reasoning(begun=self.begun, at_start=self.tags_at_start))
        frames = super()._astream(messages, stop, run_manager, **kwargs)
        async with contextlib.aclosing(cast("AsyncGenerator[ChatGenerationChunk, None]", frames)) as stream:
            async for frame in stream:
                yield _guarded(frame, words, thinker=thinker)
        if words.plain:
            self.begun = thinker


def _guarded(frame: ChatGenerationChunk, words: Words, *, thinker: bool) -> ChatGenerationChunk:
    """Return the same frame with what may be seen of it; without words it is still a sign of life."""
    said, last = frame.text, frame.generation_info or {}
    if not said and not last:
        words.wordless()
    shown = words.feed(said)
    if last.get("done"):
        shown += words.close(whole=last.get("done_reason") != "length", thinker=thinker)
    if shown != said:
        frame.text = frame.message.content = shown
    return frame
