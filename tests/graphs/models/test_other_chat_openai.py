"""The real `ChatOpenAI` against a scripted server: what it sends, what comes back, and how it fails.

No test leaves this machine: what OpenAI itself gets is sent to the same server, by a class made with the key.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import openai
import pytest
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from graphs.models.chat import Usage
from graphs.models.other_chat import OtherChat
from graphs.models.routes import Budget, ModelSpec
from graphs.models.streams.providers import PLACEHOLDER_KEY, made
from tests.graphs.models.streams.calling import PATIENT, QUESTION, SHORT, failure, look, said
from tests.openai_double import Fault, OpenAiDouble, Reply, openai_double

KEY = "sk-real-zanzibar"
NO_WORD = "no first token within 0.5 s, loading included"
HALF_WAY = 3
"""Frames: the role, and two words."""


@pytest.fixture
async def double() -> AsyncIterator[OpenAiDouble]:
    """A server on this machine."""
    async with openai_double() as one:
        yield one


@asynccontextmanager
async def here(url: str, budget: Budget = PATIENT, name: str = "local") -> AsyncIterator[OtherChat]:
    """A model of a server on this machine, of somebody who has a key for OpenAI; closed afterwards."""
    model = OtherChat(ModelSpec(model=f"openai:{name}", base_url=url, budget=budget), KEY)
    try:
        yield model
    finally:
        await model.aclose()


@asynccontextmanager
async def abroad(url: str) -> AsyncIterator[OtherChat]:
    """A model of OpenAI, as far as `OtherChat` knows: it has the key, and the server gets it."""

    def make(spec: ModelSpec, key: str | None) -> BaseChatModel:
        client = openai.DefaultAsyncHttpxClient(trust_env=False)
        secret = SecretStr(key or "")
        return ChatOpenAI(
            model=spec.name, base_url=url, api_key=secret, max_retries=0, http_async_client=client
        )

    model = OtherChat(ModelSpec(model="openai:gpt-test", budget=PATIENT), KEY, make=make)
    try:
        yield model
    finally:
        await model.aclose()


async def pieces(model: OtherChat) -> list[str]:
    """What a person sees, piece by piece."""
    return [str(chunk.text) async for chunk in model.stream(QUESTION, ()) if chunk.text]


async def test_an_answer_streams_and_is_counted(double: OpenAiDouble) -> None:
    """Word by word, with the server's own counts; the limits of the routes are in the request."""
    double.reply = Reply("It is so.", counted=(31, 4))
    usage = Usage()
    async with here(double.url) as model:
        assert await pieces(model) == ["It", " is", " so."]
        assert (await said(model, usage=usage)).text == "It is so."
        assert not model.abroad
    assert (usage.prompt_tokens, usage.answer_tokens, usage.load_ms, usage.flags) == (31, 4, None, [])
    assert usage.first_token_ms is not None
    body = double.requests[-1].body
    assert (body["model"], body["temperature"], body["stream"]) == ("local", 0.2, True)
    assert [message["content"] for message in body["messages"]] == ["Be brief.", "Who?"]
    assert body["max_tokens"] == body["max_completion_tokens"] == model.spec.max_tokens
    assert "tools" not in body


async def test_counts_that_come_with_every_frame_are_not_added_up(double: OpenAiDouble) -> None:
    """Some servers say each time what it is so far."""
    double.reply = Reply("It is so.", counted=(31, 4), counts_often=True)
    usage = Usage()
    async with here(double.url) as model:
        await said(model, usage=usage)
    assert (usage.prompt_tokens, usage.answer_tokens) == (31, 4)


async def test_a_tool_is_offered_and_called(double: OpenAiDouble) -> None:
    """The call comes in pieces, and is whole in the end."""
    double.reply = Reply("", tool=("look", {"words": "the boiler"}))
    async with here(double.url) as model:
        whole = await said(model, [look])
    assert [(call["name"], call["args"]) for call in whole.tool_calls] == [("look", {"words": "the boiler"})]
    assert [tool["function"]["name"] for tool in double.requests[-1].body["tools"]] == ["look"]


@pytest.mark.parametrize(
    ("name", "reply", "seen"),
    [
        ("local", Reply("<think>Is it?</think> It is so."), ["It", " is", " so."]),
        ("local", Reply("It is so.", thinking="Is it?"), ["It", " is", " so."]),
        ("deepseek-r1", Reply("Is it?</think> It is so."), ["It", " is", " so."]),
        ("deepseek-r1", Reply("It is so.", thinking="Is it?"), ["It", " is", " so."]),
        ("deepseek-r1", Reply("It is", thinking="Is it?", finish="length"), ["It", " is"]),
    ],
    ids=["in tags", "apart", "begun", "apart from one that often begins", "cut at its length"],
)
async def test_reasoning_stays_out(double: OpenAiDouble, name: str, reply: Reply, seen: list[str]) -> None:
    """Wherever the server puts it; and what is the answer streams, and is not taken for reasoning."""
    double.reply = reply
    async with here(double.url, name=name) as model:
        assert [piece for piece in await pieces(model) if piece.strip()] == seen


async def test_an_answer_that_is_all_reasoning_is_empty(double: OpenAiDouble) -> None:
    """Nothing is left to show."""
    double.reply = Reply("", thinking="Is it so?")
    async with here(double.url) as model:
        assert (await failure(model))[0] == "the answer was empty"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault("refuse"), "the connection broke"),
        (Fault("page"), "the answer was not understood"),
        (Fault("hang_before_headers"), NO_WORD),
        (Fault("hang_before_first_token"), NO_WORD),
        (Fault("hang_mid_stream", HALF_WAY), "no further token within 0.3 s"),
        (Fault("cut_mid_stream", 0), "the connection broke"),
        (Fault("cut_mid_stream", HALF_WAY), "the connection broke"),
        (Fault("no_end", 0), "the answer was not understood"),
        (Fault("no_end", HALF_WAY), "the stream ended before the answer was complete"),
        (Fault("garbage", 0), "the answer was not understood"),
        (Fault("garbage", HALF_WAY), "the answer was not understood"),
        (Fault("odd", HALF_WAY), "the answer was not understood"),
        (Fault("error_frame", HALF_WAY), "its server failed: APIError"),
        (Fault("status", status=307), "its server answered an error: HTTP 307"),
        (Fault("status", status=401), "its server refused the key"),
        (Fault("status", status=404), "its server does not have the model local"),
        (Fault("status", status=429), "its server was asked too often, or its credit is used up"),
        (Fault("status", status=500), "its server answered an error: HTTP 500"),
    ],
    ids=str,
)
async def test_each_fault_has_its_words_and_its_time(double: OpenAiDouble, fault: Fault, reason: str) -> None:
    """Asked once, said within the budget, and nothing follows a server to another place."""
    double.reply, double.fault = Reply("It is so."), fault
    async with here(double.url, SHORT) as model:
        words, seconds = await failure(model)
        assert words == reason
        assert seconds < SHORT.total + 1
        assert len(double.requests) == 1
        double.fault = None
        assert (await said(model)).text == "It is so."


async def test_a_server_that_is_not_there() -> None:
    """It is said at once."""
    async with openai_double() as gone:
        url = gone.url
    async with here(url) as model:
        words, seconds = await failure(model)
    assert words == "connection refused"
    assert seconds < SHORT.total + 1


async def test_an_answer_that_ends_is_complete_without_done(double: OpenAiDouble) -> None:
    """The reason for the end is what counts: not every server adds the last line of OpenAI's own."""
    double.fault = Fault("no_done")
    async with here(double.url) as model:
        assert (await said(model)).text == "Yes."


async def test_a_server_that_hangs_is_left(double: OpenAiDouble) -> None:
    """The connection is closed, so that the server may stop too."""
    double.fault = Fault("hang_mid_stream", HALF_WAY)
    async with here(double.url, SHORT) as model:
        await failure(model)
        await asyncio.wait_for(double.left.wait(), 5)


async def test_a_server_on_this_machine_gets_no_secret(
    double: OpenAiDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the key nor anything else that OpenAI's library finds in the environment, nor by a detour."""
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, KEY)
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", f"Authorization: Bearer {KEY}\nX-Api-Key: {KEY}")
    for name in ("HTTP_PROXY", "ALL_PROXY", "OPENAI_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with here(double.url) as model:
        await said(model)
    [request] = double.requests
    assert request.headers["authorization"] == f"Bearer {PLACEHOLDER_KEY}"
    assert KEY not in str(request)
    assert not [name for name in request.headers if name.startswith(("x-", "openai-"))]


async def test_a_login_in_the_address_of_a_server_is_kept(double: OpenAiDouble) -> None:
    """It was written there for this server."""
    async with here(double.url.replace("//", "//ann:sesame@")) as model:
        await said(model)
    assert double.requests[0].headers["authorization"] == "Basic YW5uOnNlc2FtZQ=="


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (400, "openai answered an error: HTTP 400"),
        (401, "openai refused the key"),
        (404, "openai does not have the model gpt-test"),
        (429, "openai was asked too often, or its credit is used up"),
        (500, "openai answered an error: HTTP 500"),
    ],
)
async def test_a_provider_who_quotes_the_key_is_not_quoted(
    double: OpenAiDouble, status: int, reason: str
) -> None:
    """Its errors hold the key and the question; what people read holds neither."""
    double.fault = Fault("status", status=status)
    async with abroad(double.url) as model:
        assert (await failure(model))[0] == reason
        double.fault = Fault("error_frame")
        assert (await failure(model))[0] == "openai failed: APIError"
        assert model.abroad
    assert double.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_the_provider_itself_gets_the_key_and_one_try() -> None:
    """Trying again is the business of the chain. Only made here, not asked."""
    model = cast("ChatOpenAI", made(ModelSpec(model="openai:gpt-test", max_tokens=77), KEY))
    assert cast("SecretStr", model.openai_api_key).get_secret_value() == KEY
    assert (model.model_name, model.max_tokens, model.max_retries) == ("gpt-test", 77, 0)
    assert KEY not in repr(model)
