"""Models beside Ollama in a turn: who answers, and that a person learns what left the machine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.tools import BaseTool

from graphs.agent.speaking import ABROAD
from graphs.models.breaker import FAILURES
from graphs.models.chat import ModelFailed, Usage
from graphs.models.router import Router
from graphs.models.routes import ModelSpec, load_routes
from graphs.models.token_counts import TokenCounts
from memory.archive.entities import ModelCall
from server.turns import TurnRunner
from tests.graphs.agent.home import BIG, QUICK, USER, Event, Home, home, tokens
from tests.ollama_double import Fault, OllamaDouble
from tests.openai_double import Fault as OpenAiFault
from tests.openai_double import OpenAiDouble, Reply, openai_double

HERE, FAR, FARTHER = "openai:local", "openai:far", "anthropic:farther"


class FarModel:
    """A model abroad that says who it is; one whose name is `failing` fails, and has counted nothing."""

    def __init__(self, spec: ModelSpec, *failing: str) -> None:
        self.spec = spec
        self.component, self.window, self.abroad = spec.model, spec.num_ctx, True
        self._fails = spec.model in failing

    async def stream(
        self,
        messages: Sequence[BaseMessage],
        tools: Sequence[BaseTool],
        *,
        loaded: bool = False,
        usage: Usage | None = None,
    ) -> AsyncIterator[AIMessageChunk]:
        """Answer, for 1234 tokens; or fail before a word."""
        if self._fails:
            raise ModelFailed("the connection broke")
        assert usage is not None
        usage.prompt_tokens, usage.answer_tokens = 1234, 5
        yield AIMessageChunk(content=f"From {self.component}.")

    async def aclose(self) -> None:
        """It has no connections."""


@pytest.fixture
async def openai() -> AsyncIterator[OpenAiDouble]:
    """A server on this machine that speaks as OpenAI does."""
    async with openai_double() as one:
        yield one


@pytest.fixture
async def both(tmp_path: Path, double: OllamaDouble, openai: OpenAiDouble) -> AsyncIterator[Home]:
    """A Souvenir that asks Ollama first, and then that server."""
    file = tmp_path / "models.yaml"
    file.write_text(
        f"chat:\n  - {{model: 'ollama:{BIG}', budget: {QUICK}}}\n"
        f"  - {{model: '{HERE}', base_url: '{openai.url}', budget: {QUICK}}}\n",
        encoding="utf-8",
    )
    async with home(tmp_path / "memory", double, file) as opened:
        yield opened


@asynccontextmanager
async def far(souvenir: Home, folder: Path, *failing: str) -> AsyncIterator[tuple[TurnRunner, Router]]:
    """What runs turns with two models abroad on the same memory; `failing` fail."""
    file = folder / "far.yaml"
    file.write_text(f"chat: ['{FAR}', '{FARTHER}']\n", encoding="utf-8")
    router = Router(
        load_routes(file), lambda spec: FarModel(spec, *failing), {}, lambda spec: "", TokenCounts()
    )
    _, turns = souvenir.agent_with(speaker=replace(souvenir.services.nodes.speaker, router=router))
    try:
        yield turns, router
    finally:
        await router.aclose()


async def asked(turns: TurnRunner) -> Event:
    """The answer of a turn."""
    return [event async for event in turns.stream(USER, "How are things, pelican?")][-1]


async def logged(souvenir: Home) -> list[ModelCall]:
    """The log of calls, the first first."""
    calls = await souvenir.services.archive.look(lambda unit: unit.calls.recent(USER, 10))
    return sorted(calls, key=lambda call: call.id)


async def test_a_server_on_this_machine_answers_when_ollama_does_not(
    both: Home, double: OllamaDouble, openai: OpenAiDouble
) -> None:
    """It takes over in the same turn, and as nothing left the machine, nobody is told that it did."""
    double.fault(BIG, Fault("status"))
    openai.reply = Reply("All is well.")
    events = await both.events("How are things, pelican?")
    answer = events[-1]
    assert (answer["served_by"], answer["status"]) == (HERE, "done")
    assert tokens(events) == answer["answer"] == "All is well."
    assert [entry["component"] for entry in answer["degraded"]] == [f"ollama:{BIG}"]
    [request] = openai.requests
    assert request.body["messages"][-1] == {"role": "user", "content": "How are things, pelican?"}
    assert {tool["function"]["name"] for tool in request.body["tools"]} == {"search_memory", "read_document"}
    failed, answered = await logged(both)
    assert (failed.outcome, answered.outcome, answered.reason) == ("failed", "ok", "")
    assert (answered.model, answered.abroad) == (HERE, False)
    assert answered.prompt_tokens


async def test_it_carries_out_what_such_a_server_calls(
    both: Home, double: OllamaDouble, openai: OpenAiDouble
) -> None:
    """Tools work there too: the result goes back under the id of its call, until it may call no more."""
    double.fault(BIG, Fault("status"))
    openai.reply = Reply("", tool=("search_memory", {"query": "boiler"}))
    answer = await both.ask("Who came?")
    assert answer["served_by"] == "memory"
    called, result = openai.requests[1].body["messages"][-2:]
    assert (called["role"], result["role"]) == ("assistant", "tool")
    assert called["tool_calls"][0]["id"] == result["tool_call_id"] == "call_0"
    assert "tools" not in openai.requests[-1].body


async def test_with_both_gone_each_is_named(both: Home, double: OllamaDouble, openai: OpenAiDouble) -> None:
    """Memory answers, and says of each model why it did not."""
    double.fault(BIG, Fault("status"))
    openai.fault = OpenAiFault("status", status=401)
    answer = await both.ask("How are things?")
    assert answer["served_by"] == "memory"
    assert {"component": HERE, "reason": "its server refused the key"} in answer["degraded"]


async def test_a_person_learns_that_what_was_said_left_the_machine(souvenir: Home, tmp_path: Path) -> None:
    """With the answer: who it went to, and how many tokens; and the log knows it too, without the words."""
    async with far(souvenir, tmp_path) as (turns, _):
        answer = await asked(turns)
    assert (answer["answer"], answer["served_by"]) == (f"From {FAR}.", FAR)
    assert answer["degraded"] == [{"component": FAR, "reason": ABROAD.format(sent=1234, received=5)}]
    assert "1234 tokens sent, 5 received" in answer["degraded"][0]["reason"]
    [call] = await logged(souvenir)
    assert (call.model, call.outcome, call.abroad) == (FAR, "ok", True)
    assert (call.prompt_tokens, call.answer_tokens) == (1234, 5)
    assert "pelican" not in repr(call)
    [turn] = await souvenir.turns(answer["thread_id"])
    assert turn.degraded == answer["degraded"]


async def test_what_was_sent_to_a_model_that_failed_has_left_too(souvenir: Home, tmp_path: Path) -> None:
    """It is said of both: nobody knows how much the first one has read."""
    async with far(souvenir, tmp_path, FAR) as (turns, _):
        answer = await asked(turns)
    assert answer["served_by"] == FARTHER
    assert answer["degraded"] == [
        {"component": FAR, "reason": ABROAD.format(sent="?", received=0)},
        {"component": FAR, "reason": "the connection broke"},
        {"component": FARTHER, "reason": ABROAD.format(sent=1234, received=5)},
    ]
    assert [(call.outcome, call.abroad) for call in await logged(souvenir)] == [
        ("failed", True),
        ("ok", True),
    ]


async def test_nothing_is_sent_to_a_model_that_is_left_alone(souvenir: Home, tmp_path: Path) -> None:
    """So nothing of it is said to have left."""
    async with far(souvenir, tmp_path) as (turns, router):
        for _ in range(FAILURES):
            router.failed(router.chain("chat")[0], "connection refused")
        answer = await asked(turns)
    assert answer["served_by"] == FARTHER
    reasons = [entry["reason"] for entry in answer["degraded"] if entry["component"] == FAR]
    assert reasons == [f"left alone after {FAILURES} failures (connection refused)"]
