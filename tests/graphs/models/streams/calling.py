"""A chat model on the scripted Ollama, and short ways to hear it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk, BaseMessage, HumanMessage, SystemMessage
from langchain_core.messages.ai import add_ai_message_chunks
from langchain_core.tools import BaseTool, tool

from graphs.models.chat import ChatModel, ModelFailed, Usage
from graphs.models.ollama_chat import OllamaChat
from graphs.models.routes import Budget, ModelSpec
from graphs.models.token_counts import TokenCounts

NAME = "llama3.1:8b"
QUESTION: list[BaseMessage] = [SystemMessage("Be brief."), HumanMessage("Who?")]
SHORT = Budget(connect=0.3, load=0.2, first_token=0.3, between_tokens=0.3, total=1)
PATIENT = Budget(connect=5, load=20, first_token=20, between_tokens=20, total=60)


@tool
def look(words: str) -> str:
    """Look something up.

    Args:
        words: What to look for.
    """
    return words


@asynccontextmanager
async def chat(
    url: str, budget: Budget = PATIENT, name: str = NAME, counts: TokenCounts | None = None, **settings: Any
) -> AsyncIterator[OllamaChat]:
    """A model with these settings, closed afterwards."""
    model = OllamaChat(ModelSpec(model=f"ollama:{name}", budget=budget, **settings), url, counts)
    yield model
    await model.aclose()


async def said(
    model: ChatModel,
    tools: Sequence[BaseTool] = (),
    messages: Sequence[BaseMessage] = QUESTION,
    *,
    loaded: bool = False,
    usage: Usage | None = None,
) -> AIMessageChunk:
    """All that the model answers, in one piece."""
    stream = model.stream(messages, tools, loaded=loaded, usage=usage)
    return add_ai_message_chunks(*[chunk async for chunk in stream])


async def failure(model: ChatModel, *, loaded: bool = False, usage: Usage | None = None) -> tuple[str, float]:
    """Why the model failed, and after how many seconds."""
    started = time.monotonic()
    with pytest.raises(ModelFailed) as failed:
        await said(model, loaded=loaded, usage=usage)
    return str(failed.value), time.monotonic() - started
