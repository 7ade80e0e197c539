"""A chat model on Ollama: what is sent, what comes back, and every failure with its name, in time."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk, BaseMessage, HumanMessage, SystemMessage
from langchain_core.tools import BaseTool, tool

from graphs.models.chat import ModelFailed, OllamaChat
from graphs.models.routes import Budget, ModelSpec
from tests.ollama_double import Fault, Model, OllamaDouble, Reply, ToolCall, ollama_double

NAME = "llama3.1:8b"
QUESTION: list[BaseMessage] = [SystemMessage("Be brief."), HumanMessage("Who?")]
SHORT = Budget(connect=0.3, first_token=0.3, between_tokens=0.3, total=1)
PATIENT = Budget(connect=5, first_token=20, between_tokens=20, total=40)


@tool
def look(words: str) -> str:
    """Look something up.

    Args:
        words: What to look for.
    """
    return words


@pytest.fixture
async def double() -> AsyncIterator[OllamaDouble]:
    """An Ollama with one model."""
    async with ollama_double(NAME) as one:
        yield one


@asynccontextmanager
async def chat(url: str, budget: Budget = PATIENT, **settings: Any) -> AsyncIterator[OllamaChat]:
    """A model with these settings, closed afterwards."""
    model = OllamaChat(ModelSpec(model=f"ollama:{NAME}", budget=budget, **settings), url)
    yield model
    await model.aclose()


async def said(model: OllamaChat, tools: Sequence[BaseTool] = ()) -> AIMessageChunk:
    """All that the model answers, in one piece."""
    chunks = [chunk async for chunk in model.stream(QUESTION, tools)]
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole = whole + chunk
    return whole


async def failure(model: OllamaChat) -> tuple[str, float]:
    """Why the model failed, and after how many seconds."""
    started = time.monotonic()
    with pytest.raises(ModelFailed) as failed:
        await said(model)
    return str(failed.value), time.monotonic() - started


async def test_the_settings_are_sent(double: OllamaDouble) -> None:
    """Window, temperature and length are in every request, so that Ollama cuts nothing silently."""
    async with chat(double.url, temperature=0.7, num_ctx=4096, max_tokens=300) as model:
        assert (model.component, model.window) == (f"ollama:{NAME}", 4096)
        await said(model)
        await said(model, [look])
    for request in double.requests("/api/chat"):
        wanted = {"num_ctx": 4096, "temperature": 0.7, "num_predict": 300}
        assert wanted.items() <= request.options.items()
        assert (request.model, request.body["stream"]) == (NAME, True)
        roles = [(message["role"], message["content"]) for message in request.messages]
        assert roles == [("system", "Be brief."), ("user", "Who?")]


async def test_the_window_is_sent_by_default(double: OllamaDouble) -> None:
    """Nothing set: the window is sent all the same."""
    async with chat(double.url) as model:
        await said(model)
    [request] = double.requests("/api/chat")
    assert request.options["num_ctx"] == 8192


async def test_the_answer_comes_in_pieces(double: OllamaDouble) -> None:
    """Joined, the pieces are the answer, and the last says that it is complete."""
    double.reply(NAME, Reply("One two three."))
    async with chat(double.url) as model:
        chunks = [chunk async for chunk in model.stream(QUESTION, ())]
        whole = await said(model)
    assert len([chunk for chunk in chunks if chunk.content]) == 3
    assert whole.text == "One two three."


async def test_tools_are_offered_and_called(double: OllamaDouble) -> None:
    """The model sees the tools' schemas and may call them; without tools it sees none."""
    double.reply(NAME, Reply(tool_calls=[ToolCall("look", {"words": "boiler"})], calls=1), Reply("No."))
    async with chat(double.url) as model:
        called = await said(model, [look])
        await said(model)
    assert [(call["name"], call["args"]) for call in called.tool_calls] == [("look", {"words": "boiler"})]
    offered, none = double.requests("/api/chat")
    assert offered.body["tools"][0]["function"]["name"] == "look"
    assert not none.body.get("tools")


async def test_thinking_is_not_the_answer(double: OllamaDouble) -> None:
    """What a model thinks aloud is not shown as its answer."""
    double.reply(NAME, Reply("Yes.", thinking="Let me see, is it so?"))
    async with chat(double.url) as model:
        assert (await said(model)).text == "Yes."


async def test_connections_are_closed(double: OllamaDouble) -> None:
    """After `aclose` nothing is open, and closing again does no harm."""
    async with chat(double.url) as model:
        await said(model)
        await model.aclose()


async def test_each_phase_has_its_limit(double: OllamaDouble) -> None:
    """The first token, each further one and the whole are limited apart."""
    async with chat(double.url, SHORT) as model:
        double.fault(NAME, Fault("hang_before_headers", calls=1), Fault("hang_mid_stream", calls=1))
        first, first_seconds = await failure(model)
        further, further_seconds = await failure(model)
        double.reply(NAME, Reply("word " * 200, delay_between=0.05))
        whole, whole_seconds = await failure(model)
    assert (first, further, whole) == (
        "no first token within 0.3 s",
        "no further token within 0.3 s",
        "no full answer within 1 s",
    )
    assert first_seconds < 1.3
    assert further_seconds < 1.3
    assert 1 <= whole_seconds < 2


async def test_a_slow_load_within_its_limit_is_no_failure(double: OllamaDouble) -> None:
    """A model that needs its time to load answers, though each token would have to come faster."""
    double.fault(NAME, Fault("slow_load", seconds=0.6))
    budget = Budget(connect=1, first_token=20, between_tokens=5, total=40)
    async with chat(double.url, budget) as model:
        assert (await said(model)).text


async def test_a_port_that_does_not_answer(double: OllamaDouble) -> None:
    """A connection that is never accepted is given up after its own limit."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf:
        address = deaf.getsockname()
        waiting = [socket.create_connection(address, timeout=1)]
        try:
            budget = Budget(connect=0.3, first_token=20, between_tokens=20, total=40)
            async with chat(f"http://127.0.0.1:{address[1]}", budget) as model:
                reason, seconds = await failure(model)
        finally:
            for one in waiting:
                one.close()
    assert reason == "no connection within 0.3 s"
    assert seconds < 1.3


async def test_a_model_that_left_the_listener_is_let_go(double: OllamaDouble) -> None:
    """A model that hangs is hung up on, so that Ollama stops working for nobody."""
    double.fault(NAME, Fault("hang_mid_stream"))
    async with chat(double.url, SHORT) as model:
        await failure(model)
        await double.wait_for("/api/chat", "client_closed")


async def test_a_listener_who_leaves_hangs_up(double: OllamaDouble) -> None:
    """Cancelled in the middle of an answer, the connection to Ollama is closed."""
    double.fault(NAME, Fault("hang_mid_stream"))
    async with chat(double.url) as model:
        listening = asyncio.create_task(said(model))
        await double.wait_for("/api/chat", "hanging")
        listening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listening
        await double.wait_for("/api/chat", "client_closed")


async def test_a_model_without_tools_says_so(double: OllamaDouble) -> None:
    """A model that takes no tools fails with Ollama's own words."""
    double.install(Model(NAME, capabilities=("completion",)))
    async with chat(double.url) as model:
        with pytest.raises(ModelFailed, match="does not support tools"):
            await said(model, [look])


async def test_repetition_ends(double: OllamaDouble) -> None:
    """A model that repeats itself for ever is stopped by the length that was sent."""
    double.fault(NAME, Fault("repetition"))
    async with chat(double.url, max_tokens=50) as model:
        assert len((await said(model)).text.split()) == 50
