"""The scripted Ollama keeps its promises to the real clients, and to a raw one for its faults."""

import asyncio
import contextlib
import json
import math
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessageChunk, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from langchain_ollama import ChatOllama, OllamaEmbeddings
from ollama import AsyncClient, ResponseError

from tests.ollama_double import (
    UNKNOWN,
    Fault,
    Model,
    OllamaDouble,
    Reply,
    ScriptError,
    ToolCall,
    count_tokens,
    default_answer,
    ollama_double,
)
from tests.ollama_double import embed as embed_words
from tests.ollama_double.answers import pieces

CHAT_MODEL, EMBED_MODEL = "llama3.1:8b", "nomic-embed-text"
ROOT = Path(__file__).resolve().parents[2]
HELLO = [{"role": "user", "content": "Hello there"}]
SIX_WORDS = Reply(text="one two three four five six")


@pytest.fixture
async def double() -> AsyncIterator[OllamaDouble]:
    """A double with a chat model and an embedding model; nothing of it is left afterwards."""
    async with ollama_double(CHAT_MODEL, EMBED_MODEL) as one:
        yield one
    assert "ollama-double" not in [thread.name for thread in threading.enumerate()]


async def closed(client: AsyncClient | None) -> None:
    """Close the connections that a LangChain model keeps."""
    assert client is not None
    async with client:
        pass


@contextlib.asynccontextmanager
async def chat_model(double: OllamaDouble, **settings: Any) -> AsyncIterator[ChatOllama]:
    """A ChatOllama that talks to the double and closes its connections."""
    model = ChatOllama(model=CHAT_MODEL, base_url=double.url, **settings)
    try:
        yield model
    finally:
        await closed(model._async_client)


async def raw_chat(
    double: OllamaDouble, patience: float = 10.0, **more: Any
) -> tuple[int, list[str], Exception | None]:
    """Ask with a raw client that waits some seconds: the status (0: none), the whole lines, how it broke."""
    lines: list[str] = []
    status = 0
    body = {"model": CHAT_MODEL, "messages": HELLO} | more
    try:
        async with (
            httpx.AsyncClient(base_url=double.url, timeout=patience) as client,
            client.stream("POST", "/api/chat", json=body) as answer,
        ):
            status = answer.status_code
            async for line in answer.aiter_lines():
                lines.append(line)
    except httpx.TransportError as problem:
        return status, lines, problem
    return status, lines, None


async def embed(double: OllamaDouble, *texts: str) -> list[list[float]]:
    """Ask for vectors with a raw client."""
    async with httpx.AsyncClient(base_url=double.url, timeout=5) as client:
        answer = await client.post("/api/embed", json={"model": EMBED_MODEL, "input": list(texts)})
        answer.raise_for_status()
        return list(answer.json()["embeddings"])


# --- answers ----------------------------------------------------------------------------------------------


async def test_words_stream_through_the_ollama_client(double: OllamaDouble) -> None:
    """The text comes word by word, and the last frame carries the reason, the counts and the durations."""
    double.reply(CHAT_MODEL, Reply(text="The quick  brown\nfox", tokens_per_second=200))
    async with AsyncClient(host=double.url) as client:
        frames = [frame async for frame in await client.chat(CHAT_MODEL, HELLO, stream=True)]
    *words, last = frames
    assert [frame.message.content for frame in words] == ["The", " quick", "  brown", "\nfox"]
    assert (last.done, last.done_reason, last.eval_count) == (True, "stop", 4)
    assert last.prompt_eval_count == count_tokens({"messages": HELLO})
    assert last.eval_duration == 20_000_000
    assert last.total_duration == (last.load_duration or 0) + (last.prompt_eval_duration or 0) + 20_000_000


async def test_words_stream_through_langchain_and_the_journal_proves_what_was_sent(
    double: OllamaDouble,
) -> None:
    """ChatOllama yields the words, and the journal holds num_ctx, the options and every message."""
    double.reply(CHAT_MODEL, SIX_WORDS)
    async with chat_model(double, num_ctx=8192, temperature=0.2) as model:
        chunks = [
            chunk async for chunk in model.astream([SystemMessage("Be brief."), HumanMessage("Count.")])
        ]
    assert "".join(str(chunk.content) for chunk in chunks) == "one two three four five six"
    assert sum(bool(chunk.content) for chunk in chunks) == 6
    (request,) = double.requests("/api/chat")
    assert (request.model, request.state, request.lines) == (CHAT_MODEL, "finished", 7)
    assert request.options["num_ctx"] == 8192
    assert [(m["role"], m["content"]) for m in request.messages] == [
        ("system", "Be brief."),
        ("user", "Count."),
    ]
    assert request.ended_at is not None and request.ended_at >= request.received_at


async def test_one_piece_when_not_streamed(double: OllamaDouble) -> None:
    """`stream: false` gives one object with the whole text and the counts."""
    double.reply(CHAT_MODEL, Reply(text="All at once.", thinking="Let me see."))
    async with AsyncClient(host=double.url) as client:
        answer = await client.chat(CHAT_MODEL, HELLO, stream=False)
    assert (answer.message.content, answer.message.thinking) == ("All at once.", "Let me see.")
    assert (answer.done, answer.done_reason) == (True, "stop")


async def test_rules_are_tried_in_order_and_change_while_it_runs(double: OllamaDouble) -> None:
    """The first rule that matches wins; a rule with `calls` is used up; new rules serve the next request."""
    double.reply(
        CHAT_MODEL,
        Reply(when="INVOICE", text="Friday.", calls=1),
        Reply(when=lambda request: request["options"]["temperature"] > 1, text="Whee."),
        Reply(text=lambda request: f"{len(request['messages'])} message"),
    )
    async with AsyncClient(host=double.url) as client:

        async def say(text: str, temperature: float = 0.0) -> Any:
            answer = await client.chat(
                CHAT_MODEL, [{"role": "user", "content": text}], options={"temperature": temperature}
            )
            return answer.message.content

        assert await say("when is the invoice due?") == "Friday."
        assert await say("when is the invoice due?") == "1 message"
        assert await say("hello", temperature=2.0) == "Whee."
        double.reply(CHAT_MODEL, Reply(text="Changed."))
        assert await say("hello") == "Changed."


@tool
def search_memory(query: str) -> str:
    """Search what the assistant remembers."""
    return query


async def test_a_tool_is_called_once_then_its_result_is_answered(double: OllamaDouble) -> None:
    """A rule with tool calls waits for a person's message; the tool's result is then quoted and cited."""
    double.reply(CHAT_MODEL, Reply(tool_calls=[ToolCall("search_memory", {"query": "Nadia"})]))
    async with chat_model(double) as model:
        bound = model.bind_tools([search_memory])
        asked = HumanMessage("Who is Nadia?")
        call = await bound.ainvoke([asked])
        assert [(c["name"], c["args"]) for c in call.tool_calls] == [("search_memory", {"query": "Nadia"})]
        result = ToolMessage("[3] Nadia Petit runs the Lyon office. She came in May.", tool_call_id="1")
        answer = await bound.ainvoke([asked, AIMessageChunk(content="", tool_calls=call.tool_calls), result])
    assert answer.content == "Nadia Petit runs the Lyon office. [3]"
    assert double.requests("/api/chat")[0].body["tools"][0]["function"]["name"] == "search_memory"


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("Use these, cite as [1].\n\n[1] The van is blue. It is old.\n[2] No.", "The van is blue. [1]"),
        ("[1] Fleet, page 3\nThe van is blue! It is old.\n\nAnswer in English.", "The van is blue! [1]"),
        ("- [2] Le siège est à Lyon", "Le siège est à Lyon [2]"),
        ("[1]\nVersion 2.5 is out. Good.", "Version 2.5 is out. [1]"),
        ("Cite passages as [1]. There is none.", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_the_default_answer_quotes_the_first_passage(prompt: str, answer: str) -> None:
    """Without a rule the first sentence of the first passage comes back, cited; or else a plain no."""
    request = {"messages": [{"role": "system", "content": prompt}, *HELLO]}
    assert default_answer(request) == answer


@given(text=st.text(), chunk=st.sampled_from(["words", "characters", "whole"]))
def test_the_pieces_give_the_text_back(text: str, chunk: Literal["words", "characters", "whole"]) -> None:
    """Whatever the text, nothing of it is lost or added by streaming it."""
    assert "".join(pieces(text, chunk)) == text


@given(text=st.text(), dimension=st.integers(1, 64))
def test_any_text_has_a_unit_vector(text: str, dimension: int) -> None:
    """Even a text without words, or of which the words cancel out, has a finite vector of length one."""
    assert math.isclose(math.hypot(*embed_words(text, dimension)), 1.0)


async def test_num_predict_and_num_ctx_limit_an_answer(double: OllamaDouble) -> None:
    """num_predict cuts the answer (`length`); a prompt over num_ctx is cut in silence, but for its count."""
    double.reply(CHAT_MODEL, SIX_WORDS)
    long = [{"role": "user", "content": "word " * 600}]
    async with AsyncClient(host=double.url) as client:
        answer = await client.chat(CHAT_MODEL, long, options={"num_predict": 2, "num_ctx": 512})
    assert (answer.message.content, answer.done_reason) == ("one two", "length")
    assert answer.prompt_eval_count == 512 < count_tokens({"messages": long})


async def test_the_same_request_gives_the_same_bytes() -> None:
    """Nothing in an answer depends on chance, on the clock or on the double's age."""
    answers = []
    for _ in range(2):
        async with ollama_double(CHAT_MODEL) as double:
            answers.append(await raw_chat(double))
            answers.append(await raw_chat(double))
    assert answers == [answers[0]] * 4


# --- the models -------------------------------------------------------------------------------------------


async def test_the_catalogue_as_the_client_reads_it(double: OllamaDouble) -> None:
    """What is installed, loaded, known; a model is loaded by its first use and unloaded when told."""
    async with AsyncClient(host=double.url) as client:
        assert [m.model for m in (await client.list()).models] == [CHAT_MODEL, "nomic-embed-text:latest"]
        assert (await client.ps()).models == []
        await client.chat(CHAT_MODEL, HELLO)
        assert [m.model for m in (await client.ps()).models] == [CHAT_MODEL]
        assert (await client.chat(CHAT_MODEL, [], keep_alive=0)).done_reason == "unload"
        assert (await client.ps()).models == []
        assert (await client.chat(CHAT_MODEL, [])).done_reason == "load"
        shown = await client.show(EMBED_MODEL)
        assert shown.capabilities == ["embedding"]
        assert shown.modelinfo is not None and shown.modelinfo["nomic-bert.embedding_length"] == 768
    async with httpx.AsyncClient(base_url=double.url) as raw:
        assert (await raw.get("/")).text == "Ollama is running"
        assert (await raw.head("/")).status_code == 200
        assert "version" in (await raw.get("/api/version")).json()
        assert (await raw.get("/api/nothing")).status_code == 404
        assert (await raw.post("/api/chat", content=b"{oops")).status_code == 400


async def test_a_model_is_missing_until_it_is_pulled() -> None:
    """404 in Ollama's words, then a pull with its progress, then an answer; the registry may lack a model."""
    async with (
        ollama_double(CHAT_MODEL, pullable=["llama3.2:3b"]) as double,
        AsyncClient(host=double.url) as client,
    ):
        with pytest.raises(ResponseError, match=r"model 'llama3\.2:3b' not found") as missing:
            await client.chat("llama3.2:3b", HELLO)
        assert missing.value.status_code == 404
        double.fault("llama3.2:3b", Fault("cut_mid_stream", on="/api/pull", calls=1))
        with pytest.raises(httpx.RemoteProtocolError):
            _ = [step async for step in await client.pull("llama3.2:3b", stream=True)]
        assert len((await client.list()).models) == 1
        steps = [step async for step in await client.pull("llama3.2:3b", stream=True)]
        assert steps[-1].status == "success"
        done = [step.completed for step in steps if step.completed is not None]
        assert done == sorted(done) and done[-1] == steps[1].total
        assert (await client.chat("llama3.2:3b", HELLO)).message.content == UNKNOWN
        with pytest.raises(ResponseError, match="file does not exist"):
            _ = [step async for step in await client.pull("llama9", stream=True)]
        double.remove("llama3.2:3b")
        with pytest.raises(ResponseError, match="not found"):
            await client.show("llama3.2:3b")


async def test_a_model_does_only_what_it_can(double: OllamaDouble) -> None:
    """An embedding model does not chat, and a model without tools refuses them, with a 400 as Ollama's."""
    double.install(Model("gemma:2b", capabilities=("completion",)))
    async with AsyncClient(host=double.url) as client:
        with pytest.raises(ResponseError, match="does not support chat"):
            await client.chat(EMBED_MODEL, HELLO)
        with pytest.raises(ResponseError, match="does not support tools"):
            await client.chat("gemma:2b", HELLO, tools=[{"type": "function", "function": {"name": "f"}}])


# --- embeddings -------------------------------------------------------------------------------------------


def likeness(one: list[float], other: list[float]) -> float:
    """The cosine of two unit vectors."""
    return sum(a * b for a, b in zip(one, other, strict=True))


async def test_vectors_depend_on_the_words(double: OllamaDouble) -> None:
    """Unit vectors in the order of the texts; shared words make texts close, whatever case and accents."""
    model = OllamaEmbeddings(model=EMBED_MODEL, base_url=double.url)
    texts = [
        "the blue van needs new brakes",
        "New brakes for the BLUE vân",
        "quarterly figures were excellent",
        "",
    ]
    vectors = await model.aembed_documents(texts)
    query = await model.aembed_query(texts[0])
    await closed(model._async_client)
    assert query == vectors[0]
    assert {len(vector) for vector in vectors} == {768}
    assert all(math.isclose(math.hypot(*vector), 1.0) for vector in vectors)
    assert likeness(vectors[0], vectors[1]) > 0.7 > 0.3 > likeness(vectors[0], vectors[2])


async def test_the_dimension_is_the_models() -> None:
    """A model's own dimension, the double's default one, and the one that a request asks for."""
    small = Model("small-embed", dimension=16)
    async with (
        ollama_double("bge-m3", small, dimension=99) as double,
        AsyncClient(host=double.url) as client,
    ):
        assert len((await client.embed("bge-m3", "a word")).embeddings[0]) == 99
        assert len((await client.embed("small-embed", "a word")).embeddings[0]) == 16
        assert len((await client.embed("bge-m3", "a word", dimensions=64)).embeddings[0]) == 64


async def test_vectors_go_wrong_as_told(double: OllamaDouble) -> None:
    """Each fault of the vectors strikes once, then all is right again."""
    right = await embed(double, "red", "green", "blue")
    double.fault(
        EMBED_MODEL,
        Fault("dimension", calls=1),
        Fault("dimension", calls=1, dimension=3),
        Fault("nan", calls=1),
        Fault("short", calls=1),
        Fault("reordered", calls=1),
    )
    answers = [await embed(double, "red", "green", "blue") for _ in range(6)]
    assert [len(vectors[0]) for vectors in answers] == [767, 3, 768, 768, 768, 768]
    assert all(math.isnan(vector[0]) for vector in answers[2])
    assert answers[3:] == [right[:2], right[::-1], right]


async def test_every_third_embedding_fails(double: OllamaDouble) -> None:
    """`every` counts the calls of that model on that path only."""
    double.fault(EMBED_MODEL, Fault("status", on="/api/embed", every=3))
    outcomes = []
    for _ in range(7):
        await raw_chat(double)
        try:
            outcomes.append(len(await embed(double, "red")))
        except httpx.HTTPStatusError as problem:
            outcomes.append(problem.response.status_code)
    assert outcomes == [1, 1, 500, 1, 1, 500, 1]


# --- faults, as a raw client sees them --------------------------------------------------------------------

BROKEN = (httpx.ReadError, httpx.RemoteProtocolError)


@pytest.mark.parametrize(
    ("fault", "status", "lines", "problem", "state"),
    [
        (Fault("refuse"), 0, 0, BROKEN, "cut"),
        (Fault("status"), 500, 1, None, "finished"),
        (Fault("status", status=503), 503, 1, None, "finished"),
        (Fault("missing"), 404, 1, None, "finished"),
        (Fault("hang_before_headers"), 0, 0, httpx.ReadTimeout, "client_closed"),
        (Fault("hang_before_first_token"), 200, 0, httpx.ReadTimeout, "client_closed"),
        (Fault("hang_mid_stream", after=3), 200, 3, httpx.ReadTimeout, "client_closed"),
        (Fault("cut_mid_stream", after=3), 200, 3, httpx.RemoteProtocolError, "cut"),
        (Fault("no_done"), 200, 6, None, "finished"),
        (Fault("garbage", after=1), 200, 8, None, "finished"),
        (Fault("error_line", after=4), 200, 5, None, "finished"),
        (Fault("load_only"), 200, 1, None, "finished"),
        (Fault("empty"), 200, 1, None, "finished"),
        (Fault("slow_load", seconds=0.1), 200, 7, None, "finished"),
        (Fault("slow_load", seconds=20), 0, 0, httpx.ReadTimeout, "client_closed"),
        (Fault("repetition"), 200, 2001, None, "finished"),
        (Fault("prompt_cut"), 200, 7, None, "finished"),
    ],
    ids=lambda value: f"{value.kind}-{value.seconds:g}s-{value.status}" if isinstance(value, Fault) else "",
)
async def test_a_fault_strikes_then_all_is_normal(
    double: OllamaDouble, fault: Fault, status: int, lines: int, problem: Any, state: Any
) -> None:
    """The status, the number of lines and the end are as told, `calls` times; the next call is normal."""
    double.reply(CHAT_MODEL, SIX_WORDS)
    normal = await raw_chat(double)
    hangs = problem is httpx.ReadTimeout
    calls = 1 if hangs else 2
    double.fault(CHAT_MODEL, replace(fault, calls=calls))
    for number in range(1, calls + 1):
        seen_status, seen_lines, seen_problem = await raw_chat(double, 0.5 if hangs else 10.0)
        assert (seen_status, len(seen_lines)) == (status, lines)
        assert isinstance(seen_problem, problem) if problem else seen_problem is None
        await double.wait_for("/api/chat", state, count=number)
    assert await raw_chat(double) == normal


async def last_frame(double: OllamaDouble, fault: Fault, **more: Any) -> dict[str, Any]:
    """Return the last line of an answer with a fault."""
    double.fault(CHAT_MODEL, fault)
    _, lines, _ = await raw_chat(double, **more)
    frame: dict[str, Any] = json.loads(lines[-1])
    return frame


async def test_what_the_faulty_frames_say(double: OllamaDouble) -> None:
    """The last frames of the faults that end well for HTTP: only their words tell."""
    double.reply(CHAT_MODEL, SIX_WORDS)
    real = count_tokens({"messages": HELLO})
    assert (await last_frame(double, Fault("prompt_cut")))["prompt_eval_count"] == real // 2
    assert (await last_frame(double, Fault("load_only")))["done_reason"] == "load"
    empty = await last_frame(double, Fault("empty"))
    assert (empty["message"]["content"], empty["done"], empty["done_reason"]) == ("", True, "stop")
    assert (await last_frame(double, Fault("repetition"), options={"num_predict": 50}))["eval_count"] == 50
    assert (await last_frame(double, Fault("repetition")))["done_reason"] == "length"
    assert (await last_frame(double, Fault("slow_load", seconds=0.05)))["load_duration"] == 50_000_000
    assert (await last_frame(double, Fault("error_line", message="out of memory"))) == {
        "error": "out of memory"
    }
    assert (await last_frame(double, Fault("no_done")))["done"] is False
    double.fault(
        CHAT_MODEL, Fault("garbage", calls=1), Fault("error_line", calls=1), Fault("no_done", calls=1)
    )
    for expected in ((200, "<<<"), (500, "error"), (200, "")):  # what is not streamed goes wrong in one piece
        status, lines, _ = await raw_chat(double, stream=False)
        assert status == expected[0] and expected[1] in "".join(lines)[:90]


async def test_faults_as_the_real_clients_tell_them(double: OllamaDouble) -> None:
    """The client's own exceptions; and the one fault that it does not notice: a stream without its end."""
    double.reply(CHAT_MODEL, SIX_WORDS)
    double.fault(
        CHAT_MODEL,
        Fault("status", calls=1),
        Fault("error_line", calls=1),
        Fault("garbage", calls=1),
        Fault("cut_mid_stream", calls=1),
        Fault("no_done", calls=1),
    )
    async with chat_model(double) as model:
        for expected in (ResponseError, ResponseError, json.JSONDecodeError, httpx.RemoteProtocolError):
            with pytest.raises(expected):
                _ = [chunk async for chunk in model.astream("Count.")]
        chunks = [chunk async for chunk in model.astream("Count.")]
    assert "".join(str(chunk.content) for chunk in chunks) == "one two three four five six"
    assert not any(chunk.response_metadata.get("done") for chunk in chunks)


async def test_faults_choose_their_requests(double: OllamaDouble) -> None:
    """A fault may wait for a question, leave a used-up rule alone, and is refused where it makes no sense."""
    double.reply(CHAT_MODEL, Reply(text="Once.", calls=1))
    double.fault(CHAT_MODEL, Fault("status", when="hello", calls=1))
    other = [{"role": "user", "content": "Bye"}]
    assert (await raw_chat(double))[0] == 500
    assert "Once." in (await raw_chat(double, messages=other))[1][0]
    for wrong in (Fault("nan", on="/api/chat"), Fault("status", every=0), Fault("nonsense")):  # type: ignore[arg-type]
        with pytest.raises(ScriptError):
            double.fault(CHAT_MODEL, wrong)


# --- hangs, stops, starts ---------------------------------------------------------------------------------


async def test_a_hang_goes_on_when_it_is_released(double: OllamaDouble) -> None:
    """A test can hold an answer in the middle for as long as it needs, without a clock."""
    double.reply(CHAT_MODEL, SIX_WORDS)
    double.fault(CHAT_MODEL, Fault("hang_mid_stream", calls=1))
    async with AsyncClient(host=double.url, timeout=5) as client:
        asking = asyncio.create_task(client.chat(CHAT_MODEL, HELLO))
        (held,) = await double.wait_for("/api/chat", "hanging")
        assert held.ended_at is None and not asking.done()
        double.release()
        assert (await asking).message.content == "one two three four five six"
    assert [request.state for request in double.requests()] == ["finished"]


async def test_a_client_that_leaves_in_the_middle_is_noticed(double: OllamaDouble) -> None:
    """The journal says that the client closed, after the few lines that it read."""
    double.reply(CHAT_MODEL, Reply(text="word " * 500, delay_between=0.01))
    async with (
        httpx.AsyncClient(base_url=double.url) as client,
        client.stream("POST", "/api/chat", json={"model": CHAT_MODEL, "messages": HELLO}) as answer,
    ):
        await anext(answer.aiter_lines())
    (left,) = await double.wait_for("/api/chat", "client_closed")
    assert 1 <= left.lines < 500


async def test_stop_ends_every_hang_and_start_takes_the_same_port(double: OllamaDouble) -> None:
    """Within a second the hanging clients are cut and the port refuses; started again, it serves there."""
    double.fault(CHAT_MODEL, Fault("hang_before_headers", calls=5), Fault("hang_mid_stream", calls=5))
    url = double.url
    async with httpx.AsyncClient(base_url=url, timeout=10) as client:
        body = {"model": CHAT_MODEL, "messages": HELLO}
        asking = [asyncio.create_task(client.post("/api/chat", json=body)) for _ in range(10)]
        await double.wait_for("/api/chat", "hanging", count=10)
        began = time.monotonic()
        double.stop()
        assert time.monotonic() - began < 1.0
        broken = await asyncio.gather(*asking, return_exceptions=True)
        assert all(isinstance(one, BROKEN) for one in broken), broken
        assert {request.state for request in double.requests()} == {"stopped"}
        with pytest.raises(httpx.ConnectError):
            await client.get("/")
        double.start()
        assert (double.url, (await client.get("/")).status_code) == (url, 200)


async def test_it_starts_and_stops_many_times() -> None:
    """No thread, socket or warning is left, and the port stays the same."""
    before = threading.active_count()
    double = OllamaDouble()
    for _ in range(20):
        double.start()
        double.start()
        double.stop()
        double.stop()
    double.close()
    assert threading.active_count() == before


async def test_connections_can_be_closed_at_the_door(double: OllamaDouble) -> None:
    """The next connections end before any request is read; the journal does not know of them."""
    double.refuse_connections(2)
    for _ in range(2):
        status, _, problem = await raw_chat(double)
        assert status == 0 and isinstance(problem, BROKEN)
    assert (await raw_chat(double))[0] == 200
    assert len(double.requests()) == 1


async def test_a_request_that_is_not_http_is_told_so(double: OllamaDouble) -> None:
    """A head that cannot be read gets a 400 and the end of the connection, and no line in the journal."""
    for sent in (b"nonsense\r\n\r\n", b"POST /api/chat HTTP/1.1\r\nContent-Length: many\r\n\r\n"):
        reader, writer = await asyncio.open_connection("127.0.0.1", double.port)
        writer.write(sent)
        assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
        writer.close()
        await writer.wait_closed()
    assert double.requests() == []


async def test_two_requests_sent_in_one_go_are_both_answered(double: OllamaDouble) -> None:
    """Watching for the client's leaving loses nothing of what it sends early."""
    reader, writer = await asyncio.open_connection("127.0.0.1", double.port)
    writer.write(b"GET / HTTP/1.1\r\n\r\nGET /api/version HTTP/1.1\r\n\r\n")
    await double.wait_for("/api/version", "finished")
    writer.write_eof()
    assert (await reader.read()).count(b"HTTP/1.1 200 OK") == 2
    writer.close()
    await writer.wait_closed()


async def test_it_serves_a_test_that_blocks_its_loop(double: OllamaDouble) -> None:
    """The server has a thread and a loop of its own; one connection serves many requests in a row."""

    def ask(client: httpx.Client, number: int) -> int:
        body = {"model": EMBED_MODEL, "input": f"text {number}", "dimensions": 8}
        return client.post("/api/embed", json=body).status_code

    with httpx.Client(base_url=double.url) as client:
        assert {ask(client, number) for number in range(200)} == {200}
    assert len(double.requests("/api/embed", model=EMBED_MODEL)) == 200


async def test_fifty_clients_at_once(double: OllamaDouble) -> None:
    """Answers do not wait for one another: fifty are held in the middle, then all go on."""
    double.fault(CHAT_MODEL, Fault("hang_mid_stream"))
    async with AsyncClient(host=double.url, timeout=10) as client:
        asking = [asyncio.create_task(client.chat(CHAT_MODEL, HELLO)) for _ in range(50)]
        await double.wait_for("/api/chat", "hanging", count=50, within=10)
        double.release()
        answers = await asyncio.gather(*asking)
    assert [answer.message.content for answer in answers] == [UNKNOWN] * 50


async def test_a_client_that_never_reads_does_not_delay_the_stop(double: OllamaDouble) -> None:
    """A full socket buffer holds the answer back, and the double still stops at once."""
    double.reply(CHAT_MODEL, Reply(text="word " * 2_000_000, chunk="whole", thinking="hm"))
    body = json.dumps({"model": CHAT_MODEL, "messages": HELLO}).encode()
    _, writer = await asyncio.open_connection("127.0.0.1", double.port, limit=1)
    writer.write(b"POST /api/chat HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    await double.wait_for("/api/chat")
    double.stop()
    writer.transport.abort()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


async def test_a_wrong_wait_says_what_was_seen(double: OllamaDouble) -> None:
    """A wait that fails names the requests that did come."""
    await raw_chat(double)
    with pytest.raises(TimeoutError, match=r"/api/chat.*finished"):
        await double.wait_for("/api/embed", within=0.01)


async def test_a_script_that_raises_is_told_to_the_test() -> None:
    """The client sees a 500, and the test fails with the callable's own exception."""

    def broken(request: dict[str, Any]) -> str:
        raise LookupError("no such thing")

    with pytest.raises(LookupError, match="no such thing"):
        async with ollama_double() as double:
            double.reply(CHAT_MODEL, Reply(text=broken))
            assert (await raw_chat(double))[0] == 500


# --- the command line -------------------------------------------------------------------------------------


async def test_it_runs_from_a_shell_with_a_script(tmp_path: Path) -> None:
    """It prints its address, plays the file's replies and faults, and ends well when it is terminated."""
    rules = {
        "replies": [{"when": "^hello", "tool_calls": [{"name": "wave", "arguments": {"hand": "left"}}]}],
        "faults": [{"kind": "status", "calls": 1, "status": 503}],
        "dimension": 32,
    }
    script = tmp_path / "script.json"
    script.write_text(json.dumps({"models": {CHAT_MODEL: rules}}), encoding="utf-8")
    command = [sys.executable, "-m", "tests.ollama_double", "--model", EMBED_MODEL, "--script", str(script)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().strip()
            async with AsyncClient(host=url, timeout=5) as client:
                with pytest.raises(ResponseError) as failed:
                    await client.chat(CHAT_MODEL, HELLO)
                assert failed.value.status_code == 503
                calls = (await client.chat(CHAT_MODEL, HELLO)).message.tool_calls
                assert calls is not None and calls[0].function.arguments == {"hand": "left"}
                assert len((await client.embed(CHAT_MODEL, "x")).embeddings[0]) == 32
                assert len((await client.list()).models) == 2
        finally:
            process.terminate()
        assert process.wait(timeout=5) == 0


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ('{"models": {"m": {"faults": [{"kind": "sulk"}]}}}', "sulk"),
        ('{"models": {"m": {"replies": [{"txt": "hi"}]}}}', "txt"),
        ('{"models": {"m": {"replies": [{"when": "("}]}}}', "position 0"),
        ('{"models":\n oops}', "line 2"),
    ],
)
def test_a_script_that_cannot_be_played_is_refused(tmp_path: Path, content: str, complaint: str) -> None:
    """One line names the file and what is wrong in it, and the exit code is that of a wrong usage."""
    script = tmp_path / "script.json"
    script.write_text(content, encoding="utf-8")
    command = [sys.executable, "-m", "tests.ollama_double", "--script", str(script)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)
    assert run.returncode == 2
    assert str(script) in run.stderr and complaint in run.stderr and run.stderr.count("\n") == 1


async def test_another_model_under_the_same_name() -> None:
    """Other weights give every text another vector; the architecture is what the test says."""
    async with ollama_double(Model("embed-it")) as double, AsyncClient(host=double.url) as client:
        before = (await client.embed("embed-it", "harbour")).embeddings[0]
        assert (await client.embed("embed-it", "harbour")).embeddings[0] == before
        double.install(Model("embed-it", seed=1, architecture="gemma3"))
        assert (await client.embed("embed-it", "harbour")).embeddings[0] != before
        shown = (await client.show("embed-it")).modelinfo
        assert shown is not None and shown["general.architecture"] == "gemma3"


async def test_a_call_to_embed_takes_its_time_and_is_counted() -> None:
    """As long as it is told to, for one text or many; texts count once they are answered with vectors."""
    async with (
        ollama_double(Model("embed-it", embed_seconds=0.2)) as double,
        AsyncClient(host=double.url) as client,
    ):
        started = time.monotonic()
        await client.embed("embed-it", ["harbour"] * 32 + ["crane"])
        assert time.monotonic() - started >= 0.2
        double.fault("embed-it", Fault("status", on="/api/embed"))
        with pytest.raises(ResponseError):
            await client.embed("embed-it", ["crane"])
        assert double.embedded() == {"harbour": 32, "crane": 1}


async def test_a_card_with_room_for_one_holds_the_last_model() -> None:
    """Loading another unloads the first, unless it is asked for on the processor; a move is a load too."""
    async with (
        ollama_double(CHAT_MODEL, EMBED_MODEL, capacity=1) as double,
        AsyncClient(host=double.url) as client,
    ):

        async def in_memory() -> set[str | None]:
            return {one.model for one in (await client.ps()).models}

        await client.chat(CHAT_MODEL, HELLO)
        await client.embed(EMBED_MODEL, "x")
        assert await in_memory() == {f"{EMBED_MODEL}:latest"}
        await client.embed(EMBED_MODEL, "x", options={"num_gpu": 0})
        await client.chat(CHAT_MODEL, HELLO)
        await client.embed(EMBED_MODEL, "x")
        assert await in_memory() == {CHAT_MODEL, f"{EMBED_MODEL}:latest"}
        assert double.loads() == {CHAT_MODEL: 2, f"{EMBED_MODEL}:latest": 2}
        await client.embed(EMBED_MODEL, "x", options={"num_gpu": 99})
        assert await in_memory() == {f"{EMBED_MODEL}:latest"}
