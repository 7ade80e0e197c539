"""A chat model on Ollama: what is sent, what comes back, and each phase within its time."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from graphs.models.chat import ModelFailed
from graphs.models.routes import Budget
from tests.graphs.models.streams.calling import NAME, QUESTION, SHORT, chat, failure, look, said
from tests.ollama_double import Fault, Model, OllamaDouble, Reply, ToolCall, ollama_double


@pytest.fixture
async def double() -> AsyncIterator[OllamaDouble]:
    """An Ollama with one model."""
    async with ollama_double(NAME) as one:
        yield one


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


async def test_how_long_the_model_stays_is_sent(double: OllamaDouble) -> None:
    """What the entry says of it reaches Ollama; nothing said, and Ollama's own setting holds."""
    for settings in ({"keep_alive": "30m"}, {"keep_alive": -1}, {}):
        async with chat(double.url, **settings) as model:
            await said(model)
    assert [one.body.get("keep_alive") for one in double.requests("/api/chat")] == ["30m", -1, None]


async def test_an_entry_may_have_its_own_server(double: OllamaDouble) -> None:
    """The address of the entry wins, and who listens there decides whether words leave the house."""
    async with chat("http://127.0.0.1:9", base_url=double.url) as model:
        assert (await said(model)).text
        assert not model.abroad
    async with chat(double.url, base_url="http://models.example:11434") as model:
        assert model.abroad
    async with chat("http://models.example:11434", base_url="http://models.example:11434/") as model:
        assert not model.abroad


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


async def test_connections_are_closed(double: OllamaDouble) -> None:
    """After `aclose` nothing is open, and closing again does no harm."""
    async with chat(double.url) as model:
        await said(model)
        await model.aclose()


async def test_each_phase_has_its_limit(double: OllamaDouble) -> None:
    """The first token, each further one and the whole are limited apart; loading counts when it is needed."""
    async with chat(double.url, SHORT) as model:
        double.fault(NAME, Fault("hang_before_headers", calls=2), Fault("hang_mid_stream", calls=1))
        unloaded, unloaded_seconds = await failure(model)
        first, first_seconds = await failure(model, loaded=True)
        further, further_seconds = await failure(model)
        double.reply(NAME, Reply("word by word " + " ".join(map(str, range(200))), delay_between=0.05))
        whole, whole_seconds = await failure(model)
    assert (unloaded, first, further, whole) == (
        "no first token within 0.5 s, loading included",
        "no first token within 0.3 s",
        "no further token within 0.3 s",
        "no full answer within 1 s",
    )
    assert 0.5 <= unloaded_seconds < 1.5
    assert 0.3 <= first_seconds < 1.3
    assert 0.3 <= further_seconds < 1.3
    assert 1 <= whole_seconds < 2


async def test_a_model_that_is_loaded_has_no_time_to_load(double: OllamaDouble) -> None:
    """What is fine for a model that comes from disk is too long for one that is in memory."""
    double.fault(NAME, Fault("slow_load", seconds=0.6))
    budget = Budget(connect=1, load=20, first_token=0.2, between_tokens=5, total=40)
    async with chat(double.url, budget) as model:
        assert (await said(model)).text
        assert (await failure(model, loaded=True))[0] == "no first token within 0.2 s"


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
