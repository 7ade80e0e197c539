"""The router: a dead model is left alone, costs nothing meanwhile, and is used again when it is back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from graphs.models.breaker import FAILURES, OF_THE_QUESTION, Breaker
from graphs.models.router import LOOK_SECONDS, TRIAL_SECONDS
from graphs.models.servers import OllamaServer
from tests.graphs.agent.home import BIG, SMALL, Home, home, router_of, routes_file
from tests.ollama_double import Fault, OllamaDouble, Reply, ollama_double

HURRIED = "{connect: .5, load: .3, first_token: .3, between_tokens: .3, total: 2}"


@pytest.fixture
async def double() -> AsyncIterator[OllamaDouble]:
    """An Ollama with two models, and one of them a third name."""
    async with ollama_double(BIG, SMALL) as one:
        one.reply(BIG, Reply(text="From the big one."))
        one.reply(SMALL, Reply(text="From the small one."))
        yield one


@pytest.fixture
async def at(double: OllamaDouble, tmp_path: Path) -> AsyncIterator[Home]:
    """A Souvenir whose models have little time."""
    async with home(tmp_path / "memory", double, routes_file(tmp_path, BIG, SMALL, budget=HURRIED)) as opened:
        yield opened


async def test_after_three_failures_a_dead_model_costs_a_turn_nothing(at: Home, double: OllamaDouble) -> None:
    """It hangs three times; then it is not asked any more, and every answer says so."""
    double.fault(BIG, Fault("hang_before_headers", when="Where"))
    for _ in range(FAILURES):
        assert (await at.ask("Where is it?"))["served_by"] == f"ollama:{SMALL}"
    asked = len(double.requests("/api/chat", model=BIG))
    started = time.monotonic()
    answer = await at.ask("Where is it?")
    assert time.monotonic() - started < 0.3
    assert answer["served_by"] == f"ollama:{SMALL}"
    assert len(double.requests("/api/chat", model=BIG)) == asked
    [left] = answer["degraded"]
    assert left["component"] == f"ollama:{BIG}"
    assert left["reason"].startswith(f"left alone after {FAILURES} failures (no first token within")


async def test_a_model_that_is_back_is_used_again(at: Home, double: OllamaDouble) -> None:
    """It is tried in the background until it answers; no turn pays for that."""
    router = at.services.router
    double.fault(BIG, Fault("status"))
    for _ in range(FAILURES):
        await at.ask("Where is it?")
    model = router.chain("chat")[0]
    await router.tend()
    assert router.why_not(model)
    double.fault(BIG)
    await router.tend()
    assert router.why_not(model) is None
    answer = await at.ask("Where is it?")
    assert (answer["served_by"], answer["degraded"]) == (f"ollama:{BIG}", [])


def test_the_time_until_a_model_is_used_again() -> None:
    """One pause and one trial that began before the recovery: less than half a minute."""
    assert LOOK_SECONDS + TRIAL_SECONDS < 30


async def test_a_trial_of_a_model_that_hangs_ends(double: OllamaDouble, tmp_path: Path) -> None:
    """Nobody waits for it, but the next look does; the model stays alone."""
    double.fault(BIG, Fault("hang_before_headers"))
    async with router_of(routes_file(tmp_path, BIG), double, trial_seconds=0.2) as router:
        [model] = router.chain("chat")
        for _ in range(FAILURES):
            router.failed(model, "connection refused")
        started = time.monotonic()
        await router.tend()
        assert time.monotonic() - started < 2
        assert router.why_not(model)


async def test_only_models_that_are_missed_are_tried(double: OllamaDouble, tmp_path: Path) -> None:
    """The second of a chain whose first one works is left in peace: trying it could push the first out."""
    async with router_of(routes_file(tmp_path, BIG, SMALL), double) as router:
        big, small = router.chain("chat")
        for _ in range(FAILURES):
            router.failed(small, "connection refused")
        assert router._wanted() == []
        for _ in range(FAILURES):
            router.failed(big, "connection refused")
        assert [model.component for model in router._wanted()] == [big.component, small.component]


async def test_one_breaker_for_a_model_whatever_it_is_asked_for(double: OllamaDouble, tmp_path: Path) -> None:
    """A model that fails at one task is not asked for another either: it is the same model."""
    async with router_of(routes_file(tmp_path, BIG, SMALL, extraction=True), double) as router:
        for _ in range(FAILURES):
            router.failed(router.chain("chat")[0], "connection refused")
        assert router.why_not(router.chain("extraction")[0])
        assert router.why_not(router.chain("extraction")[1]) is None


def test_one_success_forgets_all_failures() -> None:
    """Only failures in a row count."""
    breaker = Breaker()
    for _ in range(FAILURES - 1):
        breaker.failed("slow", 0)
    breaker.worked()
    breaker.failed("slow", 0)
    assert not breaker.is_open


def test_what_may_be_the_questions_own_fault_does_not_count() -> None:
    """A question that sends a model round in circles does not take it from everybody."""
    breaker = Breaker()
    for _ in range(FAILURES):
        breaker.failed(OF_THE_QUESTION[0], 0)
    assert not breaker.is_open


def test_a_model_that_passes_trials_and_fails_calls_is_tried_ever_more_rarely() -> None:
    """One call finds out, not three; the pauses double; a call that is answered ends all that."""
    breaker, now = Breaker(), 0.0
    pauses: list[float] = []
    for _ in range(FAILURES):
        breaker.failed("slow", now)
    assert breaker.may_be_tried(now)
    for _ in range(8):
        breaker.passed()
        assert not breaker.is_open
        breaker.failed("slow", now)
        assert breaker.is_open
        assert not breaker.may_be_tried(now)
        pauses.append(breaker.pause)
        now += breaker.pause
        assert breaker.may_be_tried(now)
    assert pauses == [10, 20, 40, 80, 160, 320, 600, 600]
    breaker.passed()
    breaker.worked()
    assert (breaker.failures, breaker.pause) == (0, 0)


async def test_a_model_that_loads_for_longer_than_a_trial_is_back_at_last(
    double: OllamaDouble, tmp_path: Path
) -> None:
    """Its first trial goes on while others look: who asked for the load must not leave."""
    double.fault(BIG, Fault("slow_load", seconds=0.8))
    async with router_of(routes_file(tmp_path, BIG), double, trial_seconds=0.2) as router:
        [model] = router.chain("chat")
        for _ in range(FAILURES):
            router.failed(model, "connection refused")
        await router.tend()
        assert router.why_not(model)
        async with asyncio.timeout(5):
            await asyncio.gather(*router._loading.values())
        assert router.why_not(model) is None
        assert len(double.requests("/api/chat")) == 1


async def test_a_defect_does_not_end_the_looking_after(double: OllamaDouble, tmp_path: Path) -> None:
    """Whatever one round raises, there is a next one."""
    async with router_of(routes_file(tmp_path, BIG), double) as router:
        double.stop()
        await router.tend()
        double.start()
        await router.tend()
        assert router.servers[double.url].shelf.reachable


async def test_what_a_server_has(double: OllamaDouble) -> None:
    """Its models on disk and in memory, with their sizes; nobody there is an answer too."""
    server = OllamaServer(double.url)
    try:
        shelf = await server.look()
        assert shelf.reachable
        assert set(shelf.installed) == {BIG, SMALL}
        assert shelf.loaded == {}
        assert not server.is_loaded(BIG)
        server.used(BIG)
        assert server.is_loaded(BIG)
        double.stop()
        shelf = await server.look()
        assert (shelf.reachable, shelf.why) == (False, "connection refused")
    finally:
        await server.aclose()
