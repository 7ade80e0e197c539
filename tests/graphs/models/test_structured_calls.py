"""Questions to the models of a route: their breakers, the log of calls, and who goes first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage
from pydantic import BaseModel, ConfigDict

from graphs.models.breaker import FAILURES
from graphs.models.call_log import CallLog
from graphs.models.ollama_json import OllamaJson
from graphs.models.quiet import Quiet
from graphs.models.structured_calls import StructuredCalls
from memory.archive.archive import Archive, open_archive
from tests.clock import FakeClock
from tests.graphs.agent.home import BIG, SMALL, router_of, routes_file
from tests.ollama_double import Fault, OllamaDouble, Reply, ollama_double

PROMPT = [HumanMessage("Who is it?")]


class Person(BaseModel):
    """What is asked for."""

    model_config = ConfigDict(extra="forbid")

    name: str


@pytest.fixture
async def double() -> AsyncIterator[OllamaDouble]:
    """An Ollama with two models."""
    async with ollama_double(BIG, SMALL) as one:
        yield one


@pytest.fixture
async def archive(tmp_path: Path) -> AsyncIterator[Archive]:
    """Where the log of calls is kept."""
    async with open_archive(tmp_path, clock=FakeClock()) as opened:
        yield opened


@pytest.fixture
async def calls(double: OllamaDouble, archive: Archive, tmp_path: Path) -> AsyncIterator[StructuredCalls]:
    """The calls of a route with both models."""
    async with router_of(routes_file(tmp_path, BIG, SMALL, extraction=True), double) as router:
        log = CallLog(archive, "local", FakeClock())
        made = StructuredCalls(router, lambda spec, _: OllamaJson(spec, double.url), log, Quiet())
        yield made
        await made.aclose()
        await log.flush()


async def test_a_value_and_its_call_in_the_log(
    calls: StructuredCalls, double: OllamaDouble, archive: Archive
) -> None:
    """The log says which model, for which task, and how many tokens it took."""
    double.reply(BIG, Reply(text='{"name": "Ada"}'))
    asked = await calls.ask("extraction", Person, PROMPT)
    assert (asked.value, asked.served_by) == (Person(name="Ada"), f"ollama:{BIG}")
    await calls._log.flush()
    async with archive.read() as unit:
        [call] = await unit.calls.recent("local", 10)
    assert (call.task, call.model, call.outcome) == ("extraction", f"ollama:{BIG}", "ok")
    assert call.prompt_tokens
    assert call.answer_tokens


async def test_what_no_model_answers_is_told_apart_from_what_they_answer_wrongly(
    calls: StructuredCalls, double: OllamaDouble
) -> None:
    """Asking again later is of use in the first case only."""
    for model in (BIG, SMALL):
        double.reply(model, Reply(text="I would rather tell a story."))
    wrong = await calls.ask("extraction", Person, PROMPT)
    assert (wrong.value, wrong.answered) == (None, True)
    assert "not JSON" in wrong.reason
    for model in (BIG, SMALL):
        double.fault(model, Fault("status"))
    silent = await calls.ask("extraction", Person, PROMPT)
    assert (silent.value, silent.answered) == (None, False)


async def test_a_model_that_fails_is_left_alone(calls: StructuredCalls, double: OllamaDouble) -> None:
    """After three failures it is not asked; when all are left alone, there is nobody to ask."""
    double.fault(BIG, Fault("status"))
    double.reply(SMALL, Reply(text='{"name": "Ada"}'))
    for _ in range(FAILURES):
        assert (await calls.ask("extraction", Person, PROMPT)).served_by == f"ollama:{SMALL}"
    asked = len(double.requests("/api/chat", model=BIG))
    assert (await calls.ask("extraction", Person, PROMPT)).value
    assert len(double.requests("/api/chat", model=BIG)) == asked
    assert calls.why_not("extraction") is None
    double.fault(SMALL, Fault("status"))
    for _ in range(FAILURES):
        await calls.ask("extraction", Person, PROMPT)
    assert "left alone" in (calls.why_not("extraction") or "")


async def test_a_conversation_goes_first(calls: StructuredCalls, double: OllamaDouble) -> None:
    """The call is cut off at the model's server, and made again afterwards."""
    double.reply(BIG, Reply(text='{"name": "Ada"}'))
    double.fault(BIG, Fault("hang_before_headers", calls=1))
    task = asyncio.create_task(calls.ask("extraction", Person, PROMPT))
    await double.wait_for("/api/chat", "hanging")
    with calls._quiet.speaking():
        await double.wait_for("/api/chat", "client_closed")
    assert (await task).value == Person(name="Ada")
