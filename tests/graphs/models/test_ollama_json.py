"""A model on Ollama held to a schema: what is sent, what comes back, and every failure with its name."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

import pytest
from langchain_core.messages import AnyMessage, HumanMessage, SystemMessage
from langgraph.graph import END, START, MessagesState, StateGraph
from pydantic import BaseModel

from graphs.models.chat import ModelFailed, Usage
from graphs.models.ollama_json import OllamaJson
from graphs.models.routes import Budget, ModelSpec
from tests.ollama_double import Fault, OllamaDouble, Reply, ollama_double

NAME = "llama3.1:8b"
PROMPT: list[AnyMessage] = [SystemMessage("Answer in JSON."), HumanMessage("Who?")]
ANSWER = '{"people": [{"name": "Priya Nair", "kind": "person"}]}'
PATIENT = Budget(connect=5, first_token=20, between_tokens=20, total=40)


class Person(BaseModel):
    name: str
    kind: Literal["person"]


class People(BaseModel):
    people: list[Person]


SCHEMA = People.model_json_schema()


@pytest.fixture
async def double() -> AsyncIterator[OllamaDouble]:
    """An Ollama with one model, which answers as it should."""
    async with ollama_double(NAME) as one:
        one.reply(NAME, Reply(ANSWER))
        yield one


@asynccontextmanager
async def held(url: str, budget: Budget = PATIENT, **settings: Any) -> AsyncIterator[OllamaJson]:
    """A model with these settings, closed afterwards."""
    model = OllamaJson(ModelSpec(model=f"ollama:{NAME}", budget=budget, **settings), url)
    yield model
    await model.aclose()


async def failure(url: str, budget: Budget = PATIENT, **settings: Any) -> str:
    """Why the model failed."""
    async with held(url, budget, **settings) as model:
        with pytest.raises(ModelFailed) as failed:
            await model.complete(PROMPT, SCHEMA)
    return str(failed.value)


async def test_the_schema_and_the_settings_are_sent(double: OllamaDouble) -> None:
    """Ollama gets the schema whole, references included, beside the settings of the entry."""
    settings: dict[str, Any] = {"temperature": 0, "num_ctx": 4096, "max_tokens": 300, "keep_alive": "30m"}
    async with held(double.url, **settings) as model:
        assert model.component == f"ollama:{NAME}"
        assert await model.complete(PROMPT, SCHEMA) == ANSWER
    [request] = double.requests("/api/chat")
    assert request.body["format"] == SCHEMA
    assert "$defs" in request.body["format"]
    assert request.body["keep_alive"] == "30m"
    assert {"num_ctx": 4096, "temperature": 0.0, "num_predict": 300}.items() <= request.options.items()
    roles = [(message["role"], message["content"]) for message in request.messages]
    assert roles == [("system", "Answer in JSON."), ("user", "Who?")]


async def test_how_long_the_model_stays_is_left_to_ollama(double: OllamaDouble) -> None:
    """Nothing said of it: Ollama's own setting holds."""
    async with held(double.url) as model:
        await model.complete(PROMPT, SCHEMA)
    [request] = double.requests("/api/chat")
    assert request.body.get("keep_alive") is None


async def test_calls_side_by_side_keep_their_schemas(double: OllamaDouble) -> None:
    """Two questions at once with two schemas: each is sent with its own."""
    schemas = [SCHEMA, Person.model_json_schema()]
    async with held(double.url) as model:
        await asyncio.gather(*(model.complete([HumanMessage(s["title"])], s) for s in schemas))
    sent = {r.messages[-1]["content"]: r.body["format"] for r in double.requests("/api/chat")}
    assert sent == {schema["title"]: schema for schema in schemas}


async def test_an_answer_that_was_cut_is_none(double: OllamaDouble) -> None:
    """JSON that the length cut is never handed over, and the reason says where it was cut."""
    double.reply(NAME, Reply('{"people": [' + ", ".join(f'{{"name": "{n}"}}' for n in range(200))))
    assert await failure(double.url, max_tokens=50) == "the answer was cut at 50 tokens"


async def test_an_answer_that_goes_round_in_circles_is_none(double: OllamaDouble) -> None:
    """JSON that repeats itself is stopped as soon as that is clear, not when its length is used up."""
    double.fault(NAME, Fault("repetition"))
    assert await failure(double.url, max_tokens=2000) == "the answer went round in circles"


async def test_reasoning_before_the_json_is_left_out(double: OllamaDouble) -> None:
    """What a model thinks first is not handed over; a tag inside the JSON is a part of it."""
    answer = '{"people": [{"name": "<think>", "kind": "person"}]}'
    double.reply(NAME, Reply(f"<think>Who may that be?</think>\n{answer}", chunk="characters"))
    async with held(double.url) as model:
        assert await model.complete(PROMPT, SCHEMA) == answer


async def test_what_a_call_cost(double: OllamaDouble) -> None:
    """Whoever asks for the costs gets them."""
    usage = Usage()
    async with held(double.url) as model:
        await model.complete(PROMPT, SCHEMA, loaded=True, usage=usage)
    assert usage.prompt_tokens
    assert usage.answer_tokens
    assert usage.total_ms is not None


async def test_each_failure_has_its_name(double: OllamaDouble) -> None:
    """What goes wrong is told in the words that the chat uses."""
    cases = {
        "empty": "the answer was empty",
        "no_done": "the stream ended before the answer was complete",
        "load_only": "the model was loaded but did not answer",
        "garbage": "the answer was not understood",
        "missing": f"the model is not installed: ollama pull {NAME}",
        "status": "Ollama answered an error: the model runner has stopped unexpectedly",
    }
    for kind, reason in cases.items():
        double.fault(NAME, Fault(kind))  # type: ignore[arg-type]  # its keys are kinds
        assert await failure(double.url) == reason
    double.stop()
    assert await failure(double.url) == "connection refused"


async def test_the_time_is_limited(double: OllamaDouble) -> None:
    """A model that never starts, or never comes to its end, is given up in time."""
    double.fault(NAME, Fault("hang_before_headers", calls=1))
    started = time.monotonic()
    silent = Budget(connect=0.3, load=0.2, first_token=0.3, between_tokens=5, total=5)
    assert await failure(double.url, silent) == "no first token within 0.5 s, loading included"
    double.reply(NAME, Reply(" ".join(map(str, range(400))), delay_between=0.02))
    slow = Budget(connect=0.3, first_token=5, between_tokens=5, total=0.5)
    assert await failure(double.url, slow) == "no full answer within 0.5 s"
    assert time.monotonic() - started < 5
    await double.wait_for("/api/chat", "client_closed", count=2)


async def test_the_json_is_shown_to_nobody(double: OllamaDouble) -> None:
    """Inside a graph whose answers are streamed to somebody, the pieces of the JSON are not among them."""
    async with held(double.url) as model:

        async def extract(state: MessagesState) -> dict[str, Any]:
            await model.complete(state["messages"], SCHEMA)
            return {}

        graph = StateGraph(MessagesState).add_node("extract", extract)
        compiled = graph.add_edge(START, "extract").add_edge("extract", END).compile()
        asked = MessagesState(messages=list(PROMPT))
        shown = [one async for one in compiled.astream(asked, stream_mode="messages")]
    assert len(double.requests("/api/chat")) == 1
    assert not shown
