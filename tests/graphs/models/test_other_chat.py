"""Chat models of other providers: the same limits and words as for Ollama, and no key where none belongs.

The provider's class is a small fake; test_other_chat_openai.py has a real one. What neither covers: what the
packages of the other providers send, how they read a stream, and the real classes of their errors.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage, HumanMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langgraph.graph import END, START, MessagesState, StateGraph
from pydantic import Field

from graphs.models.chat import Usage
from graphs.models.other_chat import Make, OtherChat
from graphs.models.routes import ModelSpec
from graphs.models.streams.providers import PLACEHOLDER_KEY, key_for
from tests.graphs.models.streams.calling import SHORT, failure, look, said

ABROAD = ModelSpec(model="openai:gpt-test", budget=SHORT)
HERE = ModelSpec(model="openai:local", base_url="http://127.0.0.1:8000/v1", budget=SHORT)
END_CHUNK = AIMessageChunk(content="", response_metadata={"finish_reason": "stop"})
COUNT = AIMessageChunk(
    content="", usage_metadata=UsageMetadata(input_tokens=12, output_tokens=3, total_tokens=15)
)


class HttpError(Exception):
    """An error of a provider's library, as they all have them: with a status, and a text with secrets."""

    def __init__(self, status: int) -> None:
        super().__init__("You sent sk-secret and: Who?")
        self.status_code = status


class ConnectError(Exception):
    """Named as in every HTTP library."""


class WrappedError(Exception):
    """What libraries make of it."""


class Provider(BaseChatModel):
    """A model that says these chunks; an error is raised, a number is a pause in seconds."""

    script: list[Any]
    tools: list[Any] = Field(default_factory=list)
    closed: bool = False

    @property
    def _llm_type(self) -> str:
        return "fake"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, Any]:
        """Remember the tools."""
        self.tools.extend(tools)
        return self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        raise NotImplementedError

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        try:
            for one in self.script:
                if isinstance(one, Exception):
                    raise one
                if isinstance(one, int | float):
                    await asyncio.sleep(one)
                    continue
                chunk = AIMessageChunk(content=one) if isinstance(one, str) else one.model_copy()
                yield ChatGenerationChunk(message=chunk)
        finally:
            self.closed = True


def saying(*script: Any) -> Make:
    """What makes a provider's model that says this."""
    return lambda spec, key: Provider(script=list(script))


def caused(error: Exception, cause: Exception) -> Exception:
    """The error, raised because of another."""
    error.__cause__ = cause
    return error


async def test_an_answer_and_what_it_cost() -> None:
    """The words come without reasoning, however it is marked, with the provider's own counts."""
    apart = AIMessageChunk(content="", additional_kwargs={"reasoning_content": "Is it so?"})
    blocks = AIMessageChunk(
        content=[{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": " is"}]
    )
    usage = Usage()
    model = OtherChat(
        ABROAD, make=saying(apart, "<thi", "nk>so?</think>", "\n\nIt", blocks, " so.", END_CHUNK, COUNT)
    )
    whole = await said(model, usage=usage)
    assert (whole.text, model.component, model.window, model.abroad) == (
        "It is so.",
        "openai:gpt-test",
        8192,
        True,
    )
    assert "so?" not in str(whole)
    assert "Hm" not in str(whole)
    assert (usage.prompt_tokens, usage.answer_tokens, usage.load_ms, usage.flags) == (12, 3, None, [])
    assert usage.first_token_ms is not None
    assert usage.total_ms is not None
    await model.aclose()


async def test_counts_that_come_in_parts_are_added_up() -> None:
    """One provider's class tells what is new in each chunk."""
    parts = [
        AIMessageChunk(
            content="", usage_metadata=UsageMetadata(input_tokens=i, output_tokens=o, total_tokens=i + o)
        )
        for i, o in ((12, 1), (0, 2))
    ]
    usage = Usage()
    spec = ModelSpec(model="google_genai:gemini-test", budget=SHORT)
    await said(OtherChat(spec, make=saying("Yes.", *parts, END_CHUNK)), usage=usage)
    assert (usage.prompt_tokens, usage.answer_tokens) == (12, 3)


async def test_tools_are_offered_and_called() -> None:
    """The provider gets the tools, and its call comes through."""
    call = {"name": "look", "args": '{"words": "boiler"}', "id": "1", "index": 0}
    made: list[Provider] = []

    def make(spec: ModelSpec, key: str | None) -> BaseChatModel:
        made.append(Provider(script=[AIMessageChunk(content="", tool_call_chunks=[call]), END_CHUNK]))
        return made[0]

    whole = await said(OtherChat(ABROAD, make=make), [look])
    assert [(one["name"], one["args"]) for one in whole.tool_calls] == [("look", {"words": "boiler"})]
    assert made[0].tools == [look]


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ((9,), "no first token within 0.3 s"),
        (("It", 9), "no further token within 0.3 s"),
        (("It", *[" is", 0.1] * 20), "no full answer within 1 s"),
        ((TimeoutError(),), "no first token within 0.3 s"),
        ((caused(WrappedError(), ConnectError()),), "connection refused"),
        ((ConnectionResetError(),), "the connection broke"),
        (("It", HttpError(500)), "openai answered an error: HTTP 500"),
        ((HttpError(401),), "openai refused the key"),
        ((HttpError(404),), "openai does not have the model gpt-test"),
        ((caused(WrappedError(), HttpError(429)),), "openai was asked too often, or its credit is used up"),
        ((ValueError("sk-secret"),), "the answer was not understood"),
        ((AttributeError("sk-secret"),), "the answer was not understood"),
        ((WrappedError("sk-secret"),), "openai failed: WrappedError"),
        (("It is",), "the stream ended before the answer was complete"),
        (("<think>Hm.", END_CHUNK), "the answer was empty"),
        ((*["and then it happened again "] * 20, END_CHUNK), "the answer went round in circles"),
    ],
)
async def test_each_failure_has_its_words_and_its_time(script: Sequence[Any], reason: str) -> None:
    """What goes wrong is said in time, without anything of the prompt, the answer or the key."""
    usage = Usage()
    words, seconds = await failure(OtherChat(ABROAD, "sk-secret", make=saying(*script)), usage=usage)
    assert words == reason
    assert seconds < SHORT.total + 1
    assert usage.total_ms is not None


async def test_only_a_server_of_ones_own_has_time_to_load() -> None:
    """On this machine the model may have to be loaded; abroad nothing is."""
    assert (await failure(OtherChat(HERE, make=saying(9))))[
        0
    ] == "no first token within 0.5 s, loading included"
    assert (await failure(OtherChat(HERE, make=saying(9)), loaded=True))[0] == "no first token within 0.3 s"
    assert not OtherChat(HERE).abroad


async def test_a_cut_prompt_is_flagged() -> None:
    """A server that reads half of the prompt and says nothing is noticed."""
    long: list[BaseMessage] = [HumanMessage("The pump was serviced in May by Priya Nair. " * 20)]
    half = UsageMetadata(input_tokens=90, output_tokens=1, total_tokens=91)
    usage = Usage()
    model = OtherChat(HERE, make=saying("Yes.", END_CHUNK, AIMessageChunk(content="", usage_metadata=half)))
    await said(model, messages=long, usage=usage)
    assert usage.flags[0].startswith("it read only 90 of about ")
    assert usage.flags[0].endswith(" tokens of the prompt: lower num_ctx to what its server holds")


async def test_the_provider_is_made_once_and_off_the_loop() -> None:
    """Importing a provider's package takes its time: only at the first call, and beside everything else."""
    threads = []

    def make(spec: ModelSpec, key: str | None) -> BaseChatModel:
        threads.append((threading.current_thread(), key))
        return Provider(script=["Yes.", END_CHUNK])

    model = OtherChat(ABROAD, "sk-secret", make=make)
    assert not threads
    await asyncio.gather(said(model), said(model))
    [(thread, key)] = threads
    assert thread is not threading.main_thread()
    assert key == "sk-secret"


async def test_a_provider_that_cannot_be_made() -> None:
    """Without its package, the command that installs it; for anything else, nothing that could hold a key."""

    def broken(spec: ModelSpec, key: str | None) -> BaseChatModel:
        raise ValueError(f"a bad key: {key}")

    reason, _ = await failure(OtherChat(ModelSpec(model="mistralai:a", budget=SHORT), "sk-secret"))
    assert reason == "langchain-mistralai is not installed: uv sync --extra mistralai"
    reason, _ = await failure(OtherChat(ABROAD, "sk-secret", make=broken))
    assert reason == "openai could not be set up: ValueError"


@pytest.mark.parametrize(
    ("base_url", "key"),
    [
        ("http://127.0.0.1:8000/v1", PLACEHOLDER_KEY),
        ("http://localhost:8000/v1", PLACEHOLDER_KEY),
        ("http://[::1]:8000/v1", PLACEHOLDER_KEY),
        ("https://models.example/v1", "sk-secret"),
        (None, "sk-secret"),
    ],
)
def test_a_server_on_this_machine_gets_no_key(base_url: str | None, key: str) -> None:
    """The real key goes to the provider and to servers elsewhere, never to a program on this machine."""
    assert key_for(ModelSpec(model="openai:a", base_url=base_url), "sk-secret") == key
    if base_url and key == PLACEHOLDER_KEY:
        assert key_for(ModelSpec(model="openai:a", base_url=base_url), None) == PLACEHOLDER_KEY


async def test_a_listener_who_leaves_ends_the_stream() -> None:
    """Cancelled in the middle of an answer, the provider's stream is closed."""
    provider, heard = Provider(script=["It", 60]), asyncio.Event()

    async def listen() -> None:
        async for _ in OtherChat(ABROAD, make=lambda spec, key: provider).stream([HumanMessage("?")], ()):
            heard.set()

    listening = asyncio.create_task(listen())
    await asyncio.wait_for(heard.wait(), 5)
    listening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listening
    assert provider.closed


async def test_nobody_who_listens_to_the_graph_hears_its_reasoning() -> None:
    """LangGraph passes no chunk on that was not guarded."""
    model = OtherChat(ABROAD, make=saying("<think>Is it so?</think>", "Yes.", END_CHUNK))

    async def answer(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await said(model)]}

    graph = StateGraph(MessagesState).add_node("answer", answer)
    compiled = graph.add_edge(START, "answer").add_edge("answer", END).compile()
    asked = MessagesState(messages=[HumanMessage("Well?")])
    heard = [part[0] async for part in compiled.astream(asked, stream_mode="messages")]  # type: ignore[index]
    assert [one.text for one in heard] == ["Yes."]


async def test_one_mention_of_the_tag_is_made_up_for() -> None:
    """After it a cut answer is shown, a broken one changes nothing, after a whole one all is heard live."""
    cut = AIMessageChunk(content="", response_metadata={"finish_reason": "length"})
    provider = Provider(script=["It ends with ", "</think>", END_CHUNK])
    model = OtherChat(ABROAD, make=lambda spec, key: provider)

    async def pieces(*script: Any) -> list[str]:
        provider.script = list(script)
        return [chunk.text async for chunk in model.stream([HumanMessage("Who?")], ()) if chunk.content]

    assert (await failure(model))[0] == "it thought aloud without saying so"
    assert await pieces("Yes, ", "it", cut) == ["Yes, it"]
    provider.script = ["Yes, ", "it is."]
    assert (await failure(model))[0] == "the stream ended before the answer was complete"
    assert await pieces("Yes, ", "it is.", END_CHUNK) == ["Yes, it is."]
    assert await pieces("Yes, ", "it is.", END_CHUNK) == ["Yes, ", "it is."]
