"""Questions that were answered before: no model is asked again, and nothing depends on it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import HumanMessage, SystemMessage
from pydantic import BaseModel, ConfigDict, Field
from structlog.testing import capture_logs

from graphs.models.cached_answers import CachedAnswers
from graphs.models.call_log import CallLog
from graphs.models.ollama_json import OllamaJson
from graphs.models.quiet import Quiet
from graphs.models.structured_calls import StructuredCalls
from memory.archive.archive import Archive, open_archive
from tests.clock import FakeClock
from tests.graphs.agent.home import BIG, SMALL, router_of, routes_file
from tests.memory.answer_cache.questions import held, opened
from tests.ollama_double import Fault, OllamaDouble, Reply, ollama_double
from tests.services.redis import OwnRedis, RedisServer, own_redis, redis_server, redis_stack

__all__ = ["own_redis", "redis_server", "redis_stack"]

PROMPT = [SystemMessage("Say who it is."), HumanMessage("It is Ada.")]
Opening = Callable[..., AbstractAsyncContextManager[StructuredCalls]]


class Person(BaseModel):
    """What is asked for."""

    model_config = ConfigDict(extra="forbid")

    name: str


class Named(BaseModel):
    """Something else, of which JSON has another name."""

    name: str = Field(alias="name of it")


@pytest.fixture
async def double() -> AsyncIterator[OllamaDouble]:
    """An Ollama with two models that answer."""
    async with ollama_double(BIG, SMALL) as one:
        one.reply(BIG, Reply(text='{"name": "Ada"}'))
        one.reply(SMALL, Reply(text='{"name": "Grace"}'))
        yield one


@pytest.fixture
async def archive(tmp_path: Path) -> AsyncIterator[Archive]:
    """Where the log of calls is kept."""
    async with open_archive(tmp_path, clock=FakeClock()) as one:
        yield one


@pytest.fixture
def opening(double: OllamaDouble, archive: Archive, tmp_path: Path) -> Opening:
    """Opens the calls of a route with both models, with the cache on a server."""

    @asynccontextmanager
    async def open_calls(server: RedisServer, quiet: Quiet | None = None, **routes: Any) -> Any:
        file = routes_file(tmp_path / "routes", BIG, SMALL, extraction=True, **routes)
        async with router_of(file, double) as router, opened(server) as cache:
            log = CallLog(archive, "local", FakeClock())
            answers = CachedAnswers(cache, rest_seconds=0.2)
            calls = StructuredCalls(router, lambda spec, _: OllamaJson(spec, double.url), log, quiet, answers)
            yield calls
            await calls.aclose()

    return open_calls


def asked_of(double: OllamaDouble, model: str = BIG) -> int:
    """How often a model was asked."""
    return len(double.requests("/api/chat", model=model))


def figures(calls: StructuredCalls) -> tuple[int, int, int]:
    """Hits, misses and errors."""
    assert calls.answers is not None
    total = calls.answers.figures.total
    return total.hits, total.misses, total.errors


async def test_the_second_time_no_model_is_asked(
    opening: Opening, double: OllamaDouble, redis_stack: RedisServer
) -> None:
    """The answer says so, and names the model that gave it; the figures are by task."""
    async with opening(redis_stack) as calls:
        first = await calls.ask("extraction", Person, PROMPT, user="marie")
        again = await calls.ask("extraction", Person, PROMPT, user="marie")
        assert first.value == again.value == Person(name="Ada")
        assert (first.cached, again.cached) == (False, True)
        assert again.served_by == f"ollama:{BIG}" and again.answered
        assert asked_of(double) == 1
        assert figures(calls) == (1, 1, 0)
        assert calls.answers and calls.answers.figures.hit_ratio == 0.5
        assert list(calls.answers.figures.by_task) == ["extraction"]


async def test_what_is_another_question(
    opening: Opening, double: OllamaDouble, redis_stack: RedisServer
) -> None:
    """Another user, prompt, shape or setting of the model; without a user nothing is looked for or kept."""
    double.reply(BIG, Reply(text='{"name of it": "Ada", "name": "Ada"}'))
    async with opening(redis_stack) as calls:
        await calls.ask("extraction", Named, PROMPT)
        assert held(redis_stack) == {} and figures(calls) == (0, 0, 0)
        await calls.ask("extraction", Named, PROMPT, user="marie")
        await calls.ask("extraction", Named, PROMPT, user="ana")
        await calls.ask("extraction", Named, [HumanMessage("It is Ada.")], user="marie")
        await calls.ask("extraction", Named, [*PROMPT, HumanMessage("")], user="marie")
        assert figures(calls) == (0, 4, 0)
        assert (await calls.ask("extraction", Named, PROMPT, user="marie")).cached
        double.reply(BIG, Reply(text='{"name": "Ada"}'))
        assert not (await calls.ask("extraction", Person, PROMPT, user="marie")).cached
    async with opening(redis_stack, num_ctx=4096) as calls:
        assert not (await calls.ask("extraction", Person, PROMPT, user="marie")).cached
    async with opening(redis_stack, keep_alive="'10m'") as calls:
        assert (await calls.ask("extraction", Person, PROMPT, user="marie")).cached


async def test_only_valid_answers_are_kept(
    opening: Opening, double: OllamaDouble, redis_stack: RedisServer
) -> None:
    """No failure, nothing of another shape, nothing that does not pass the check."""
    async with opening(redis_stack) as calls:
        for model in (BIG, SMALL):
            double.reply(model, Reply(text="I would rather tell a story."))
        assert (await calls.ask("extraction", Person, PROMPT, user="marie")).value is None
        for model in (BIG, SMALL):
            double.reply(model, Reply(text='{"name": "Ada"}'))
        refused = await calls.ask("extraction", Person, PROMPT, user="marie", check=lambda _: "no such name")
        assert refused.value is None
        for model in (BIG, SMALL):
            double.fault(model, Fault("status"))
        assert (await calls.ask("extraction", Person, PROMPT, user="marie")).value is None
    assert held(redis_stack) == {}


async def test_a_kept_answer_is_judged_again(
    opening: Opening, double: OllamaDouble, redis_stack: RedisServer
) -> None:
    """What would not pass today's check, or was changed by somebody, is asked for anew and replaced."""
    async with opening(redis_stack) as calls:
        await calls.ask("extraction", Person, PROMPT, user="marie")
        double.reply(BIG, Reply(text='{"name": "Ada Lovelace"}'))
        whole = {"check": lambda one: None if " " in one.name else "the whole name"}
        again = await calls.ask("extraction", Person, PROMPT, user="marie", **whole)
        assert again.value == Person(name="Ada Lovelace") and not again.cached
        assert (await calls.ask("extraction", Person, PROMPT, user="marie", **whole)).cached
        [key] = held(redis_stack)
        with redis_stack.client() as client:
            kept = client.execute_command("JSON.GET", key)
            client.execute_command("JSON.SET", key, "$", kept.replace("name", "title"))
        assert not (await calls.ask("extraction", Person, PROMPT, user="marie")).cached
        assert figures(calls) == (1, 3, 0)


async def test_what_another_model_said_counts_where_the_first_cannot_be_asked(
    opening: Opening, double: OllamaDouble, redis_stack: RedisServer
) -> None:
    """While the first one fails, the second one's answers are kept under its own name, and found then."""
    async with opening(redis_stack) as calls:
        double.fault(BIG, Fault("status"))
        for _ in range(3):
            said = await calls.ask("extraction", Person, PROMPT, user="marie")
            assert (said.value, said.cached) == (Person(name="Grace"), False)
        spared = await calls.ask("extraction", Person, PROMPT, user="marie")
        assert (spared.value, spared.cached) == (Person(name="Grace"), True)
        assert spared.served_by == f"ollama:{SMALL}"
    async with opening(redis_stack) as calls:
        double.fault(BIG)
        well = await calls.ask("extraction", Person, PROMPT, user="marie")
        assert (well.value, well.cached) == (Person(name="Ada"), False)


async def test_a_kept_answer_waits_for_no_conversation(
    opening: Opening, double: OllamaDouble, redis_stack: RedisServer
) -> None:
    """It disturbs nobody, so it comes at once."""
    quiet = Quiet()
    async with opening(redis_stack, quiet) as calls:
        await calls.ask("extraction", Person, PROMPT, user="marie")
        with quiet.speaking():
            async with asyncio.timeout(10):
                assert (await calls.ask("extraction", Person, PROMPT, user="marie")).cached


async def test_without_the_module_all_else_works(
    opening: Opening, double: OllamaDouble, redis_server: RedisServer
) -> None:
    """A plain Redis costs one line in the log, however often it is tried, and a count for each question."""
    async with opening(redis_server) as calls:
        with capture_logs() as logs:
            for _ in range(3):
                asked = await calls.ask("extraction", Person, PROMPT, user="marie")
                assert asked.value == Person(name="Ada") and not asked.cached
        assert figures(calls) == (0, 0, 3)
        [line] = [one for one in logs if one["log_level"] == "warning"]
        assert line["reason"] == "this Redis has no JSON module: answers are not cached"
        assert "Ada" not in str(line)


async def test_killed_mid_way_it_falls_back_and_comes_back(
    opening: Opening, double: OllamaDouble, own_redis: OwnRedis
) -> None:
    """The model is asked as if there were no cache; once Redis is back, answers are kept again."""
    server = own_redis("stack")
    async with opening(server) as calls:
        await calls.ask("extraction", Person, PROMPT, user="marie")
        assert (await calls.ask("extraction", Person, PROMPT, user="marie")).cached
        server.kill()
        with capture_logs() as logs:
            for _ in range(2):
                asked = await calls.ask("extraction", Person, PROMPT, user="marie")
                assert asked.value == Person(name="Ada") and not asked.cached
        assert [one["reason"] for one in logs if "reason" in one] == ["Redis cannot be reached"]
        server.restart()
        async with asyncio.timeout(20):
            while not (await calls.ask("extraction", Person, PROMPT, user="marie")).cached:
                pass


async def test_a_redis_that_stands_still_costs_a_moment_now_and_then(
    opening: Opening, double: OllamaDouble, own_redis: OwnRedis
) -> None:
    """One deadline for many questions: after it the cache is left alone for a while."""
    server = own_redis("stack")
    async with opening(server) as calls:
        assert calls.answers is not None
        calls.answers.rest_seconds = 60
        await calls.ask("extraction", Person, PROMPT, user="marie")
        with server.stop_cont():
            begun = time.monotonic()
            for _ in range(10):
                assert (await calls.ask("extraction", Person, PROMPT, user="marie")).value
            assert time.monotonic() - begun < 2.5
        assert figures(calls) == (0, 1, 10)
