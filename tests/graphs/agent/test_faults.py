"""Every fault of the chat models leads along its edge, within the budget, and leaves the thread usable."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import pytest_asyncio

from graphs.models.chat import OllamaChat
from graphs.models.routes import load_routes
from tests.graphs.agent.home import BIG, QUICK, SHORT, SMALL, USER, Home, conversation, home, routes_file
from tests.ollama_double import Fault, OllamaDouble, Reply, ollama_double

pytestmark = pytest.mark.asyncio(loop_scope="module")

SAID = Reply(text="It is the blue door on the left.")
TOTAL, GRACE = 2.0, 1.0

FAULTS: dict[str, tuple[Fault, str]] = {
    "reset": (Fault("refuse"), "the connection broke"),
    "missing": (Fault("missing"), "the model is not installed: ollama pull {model}"),
    "status 500": (Fault("status"), "Ollama answered an error: the model runner has stopped unexpectedly"),
    "hang before headers": (Fault("hang_before_headers"), "no first token within 0.5 s"),
    "hang before first token": (Fault("hang_before_first_token"), "no first token within 0.5 s"),
    "hang mid stream": (Fault("hang_mid_stream"), "no further token within 0.5 s"),
    "cut mid stream": (Fault("cut_mid_stream"), "the connection broke"),
    "no done": (Fault("no_done"), "the stream ended before the answer was complete"),
    "garbage": (Fault("garbage"), "the answer was not understood"),
    "error line": (
        Fault("error_line"),
        "Ollama answered an error: the model runner has stopped unexpectedly",
    ),
    "load only": (Fault("load_only"), "the model was loaded but did not answer"),
    "slow load": (Fault("slow_load", seconds=5), "no first token within 0.5 s"),
    "empty": (Fault("empty"), "the answer was empty"),
}
"""By name: what goes wrong, and how the reason that people read begins."""


@dataclass(frozen=True)
class Chain:
    """Which models there are, which fail, and which is left to answer."""

    models: tuple[str, ...]
    faulty: tuple[str, ...]
    server: str


ONLY = Chain((BIG,), (BIG,), "memory")
FIRST = Chain((BIG, SMALL), (BIG,), f"ollama:{SMALL}")
BOTH = Chain((BIG, SMALL), (BIG, SMALL), "memory")
CHAINS = {"only": ONLY, "first of two": FIRST, "both of two": BOTH}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def double() -> AsyncIterator[OllamaDouble]:
    """One Ollama for the whole table."""
    async with ollama_double(BIG, SMALL) as one:
        yield one


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def at(double: OllamaDouble, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    """One Souvenir for the whole table; each case is a user of its own."""
    folder = tmp_path_factory.mktemp("faults")
    async with home(folder / "memory", double, routes_file(folder, BIG, SMALL)) as opened:
        yield opened


@asynccontextmanager
async def hurried(at: Home, tmp_path: Path, chain: Chain) -> AsyncIterator[Home]:
    """The same memory with the models of a chain, of which those that will fail have little time."""
    specs = {
        model: load_routes(routes_file(tmp_path, model, budget=SHORT if model in chain.faulty else QUICK))
        for model in chain.models
    }
    models = tuple(OllamaChat(routes.chat[0], at.double.url) for routes in specs.values())
    _, turns = at.agent_with(models=models)
    yield Home(replace(at.services, turns=turns), at.double)
    for model in models:
        await model.aclose()


@pytest.fixture
def script(double: OllamaDouble) -> OllamaDouble:
    """The Ollama, all well and answering one sentence."""
    for model in (BIG, SMALL):
        double.fault(model)
        double.reply(model, SAID)
    double.start()
    return double


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
@pytest.mark.parametrize("name", FAULTS)
async def test_fault_leads_along_its_edge(
    name: str, chain: Chain, at: Home, script: OllamaDouble, tmp_path: Path
) -> None:
    """The next model or memory answers in time, says why, and the thread goes on as if nothing had been."""
    fault, reason = FAULTS[name]
    for model in chain.faulty:
        script.fault(model, fault)
    user = f"{name}, {len(chain.faulty)} of {len(chain.models)}"
    await at.know("The entrance is the blue door on the left.", title="Way in", user=user)
    async with hurried(at, tmp_path, chain) as home:
        started = time.monotonic()
        answer = await home.ask("Where is the entrance?", user=user)
        taken = time.monotonic() - started
    assert taken < TOTAL * len(chain.faulty) + GRACE
    assert answer["served_by"] == chain.server
    expected = [(f"ollama:{model}", reason.format(model=model)) for model in chain.faulty]
    assert [entry["component"] for entry in answer["degraded"]] == [component for component, _ in expected]
    for entry, (_, words) in zip(answer["degraded"], expected, strict=True):
        assert entry["reason"].startswith(words)
        assert not entry["reason"].rstrip().endswith(":"), "a reason without words"
    if chain.server == "memory":
        assert "blue door on the left" in answer["answer"]
        assert answer["sources"][0]["title"] == "Way in"
    else:
        assert answer["answer"] == SAID.text
    await _thread_goes_on(at, script, answer["thread_id"], answer["answer"], user)


async def test_ollama_that_is_not_there(at: Home, script: OllamaDouble) -> None:
    """A refused port is told as such for each model, memory answers at once, and later the models do."""
    script.stop()
    started = time.monotonic()
    answer = await at.ask("Where is the entrance?")
    assert time.monotonic() - started < GRACE
    refused = [{"component": f"ollama:{model}", "reason": "connection refused"} for model in (BIG, SMALL)]
    assert (answer["served_by"], answer["degraded"]) == ("memory", refused)
    assert f"ollama pull {BIG}" in answer["answer"]
    script.start()
    await _thread_goes_on(at, script, answer["thread_id"], answer["answer"])


async def test_ollama_that_stops_in_the_middle(at: Home, script: OllamaDouble) -> None:
    """A server that goes away while it answers costs the turn nothing but its models."""
    script.fault(BIG, Fault("hang_mid_stream"))
    events = at.services.turns.stream("local", "Where is the entrance?")
    answer = {}
    async for event in events:
        if event["type"] == "token":
            script.stop()
        answer = event
    script.start()
    assert (answer["type"], answer["served_by"]) == ("answer", "memory")
    assert [entry["component"] for entry in answer["degraded"]] == [f"ollama:{BIG}", f"ollama:{SMALL}"]
    await _thread_goes_on(at, script, answer["thread_id"], answer["answer"])


async def _thread_goes_on(at: Home, script: OllamaDouble, thread: str, said: str, user: str = USER) -> None:
    """Ask again with all faults gone: the first model answers and has the conversation exactly once."""
    for model in (BIG, SMALL):
        script.fault(model)
    seen = len(script.requests("/api/chat"))
    again = await at.ask("Which colour has it?", thread, user)
    assert (again["served_by"], again["degraded"]) == (f"ollama:{BIG}", [])
    assert again["answer"] == SAID.text
    [request] = script.requests("/api/chat")[seen:]
    assert conversation(request) == [
        ("user", "Where is the entrance?"),
        ("assistant", said),
        ("user", "Which colour has it?"),
    ]
    assert [turn.question for turn in await at.turns(thread, user)] == [
        "Where is the entrance?",
        "Which colour has it?",
    ]
