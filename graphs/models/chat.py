"""Chat models behind one small protocol: what is asked of them, what they cost, and how they fail.

`ollama_chat` and `other_chat` hold the models; `streams` what watches over their words.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.tools import BaseTool

from graphs.models.routes import ModelSpec


class ModelFailed(Exception):
    """A model did not give an answer; the message is the reason, in words for people.

    It holds nothing of the prompt, of the answer or of a key.
    """


@dataclass(slots=True)
class Usage:
    """What a call cost, filled while the stream goes on and when it ends; the caller's own."""

    prompt_tokens: int | None = None
    answer_tokens: int | None = None
    load_ms: int | None = None
    """What bringing the model into memory took; None when it was there."""
    first_token_ms: int | None = None
    """When the first word came that a person sees, or the first tool call."""
    total_ms: int | None = None
    """How long the call took, however it ended."""
    flags: list[str] = field(default_factory=list)
    """What was noticed and is no failure, in words for people."""


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

    @property
    def spec(self) -> ModelSpec:
        """The entry of the routes that it was made from."""
        ...

    @property
    def abroad(self) -> bool:
        """Whether what is said to it leaves this machine and the configured Ollama."""
        ...

    def stream(
        self,
        messages: Sequence[BaseMessage],
        tools: Sequence[BaseTool],
        *,
        loaded: bool = False,
        usage: Usage | None = None,
    ) -> AsyncIterator[AIMessageChunk]:
        """Stream the answer's chunks, without reasoning; raises `ModelFailed` at any point.

        `loaded`: it is known to be in memory, so that its first token is not waited for as long.
        """
        ...

    async def aclose(self) -> None:
        """Close the connections kept for the next call."""
        ...
