"""Every fault of the chat models leads along its edge, within the budget, and leaves the thread usable."""

from __future__ import annotations

import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pytest
import pytest_asyncio

from tests.graphs.agent.home import BIG, SMALL, THIRD, USER, Home, conversation, home, router_of, routes_file
from tests.ollama_double import Fault, OllamaDouble, Reply, ollama_double

pytestmark = pytest.mark.asyncio(loop_scope="module")

SAID = Reply(text="It is the blue door on the left.")
SHORT = "{connect: 1.5, load: .5, first_token: .5, between_tokens: .5, total: 2}"
TOTAL, GRACE = 2.0, 1.0

Edge = Literal["next", "kept", "answered", "flagged"]
"""The next model is asked; what was seen is kept, and said to be cut off; it answers, or with a notice."""


@dataclass(frozen=True)
class Case:
    """What goes wrong, where it leads, and how the reason that people read begins."""

    fault: Fault | None
    edge: Edge
    reason: str = ""


NO_WORD = "no first token within 1 s, loading included"
STOPPED = "Ollama answered an error: the model runner has stopped unexpectedly"
FAULTS: dict[str, Case] = {
    "refuses": Case(None, "next", "connection refused"),
    "resets": Case(Fault("refuse"), "next", "the connection broke"),
    "missing": Case(Fault("missing"), "next", "the model is not installed: ollama pull {model}"),
    "status 500": Case(Fault("status"), "next", STOPPED),
    "hangs before headers": Case(Fault("hang_before_headers"), "next", NO_WORD),
    "hangs before first token": Case(Fault("hang_before_first_token"), "next", NO_WORD),
    "hangs mid-stream": Case(Fault("hang_mid_stream"), "kept", "no further token within 0.5 s"),
    "cut before the first token": Case(Fault("cut_mid_stream", after=0), "next", "the connection broke"),
    "cut mid-stream": Case(Fault("cut_mid_stream"), "kept", "the connection broke"),
    "ends without done": Case(Fault("no_done"), "kept", "the stream ended before the answer was complete"),
    "garbage at first": Case(Fault("garbage", after=0), "next", "the answer was not understood"),
    "garbage line": Case(Fault("garbage"), "kept", "the answer was not understood"),
    "error at first": Case(Fault("error_line", after=0), "next", STOPPED),
    "error line": Case(Fault("error_line"), "kept", STOPPED),
    "load only": Case(Fault("load_only"), "next", "the model was loaded but did not answer"),
    "load within its time": Case(Fault("slow_load", seconds=0.7), "answered"),
    "load beyond its time": Case(Fault("slow_load", seconds=5), "next", NO_WORD),
    "empty": Case(Fault("empty"), "next", "the answer was empty"),
    "repetition": Case(Fault("repetition"), "kept", "the answer went round in circles"),
    "prompt cut": Case(Fault("prompt_cut"), "flagged", "it read only "),
}


@dataclass(frozen=True)
class Chain:
    """Which models there are, which of them are simply missing, and which one has the fault."""

    models: tuple[str, ...]
    missing: tuple[str, ...]
    faulty: str
    after: str
    """Who answers when the faulty one does not."""


CHAINS = {
    "only model": Chain((BIG,), (), BIG, "memory"),
    "first of two": Chain((BIG, SMALL), (), BIG, f"ollama:{SMALL}"),
    "last of three": Chain((BIG, SMALL, THIRD), (BIG, SMALL), THIRD, "memory"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def double() -> AsyncIterator[OllamaDouble]:
    """One Ollama for the whole table."""
    async with ollama_double(BIG, SMALL, THIRD) as one:
        yield one


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def at(double: OllamaDouble, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    """One Souvenir for the whole table; each case is a user of its own."""
    folder = tmp_path_factory.mktemp("faults")
    async with home(folder / "memory", double, routes_file(folder, BIG, SMALL)) as opened:
        yield opened


@asynccontextmanager
async def hurried(at: Home, tmp_path: Path, chain: Chain, *, refuses: bool) -> AsyncIterator[Home]:
    """The same memory with the models of a chain, which have little time; all of them cold."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        more = {chain.faulty: f", base_url: 'http://127.0.0.1:{closed.getsockname()[1]}'"} if refuses else {}
        file = routes_file(tmp_path, *chain.models, budget=SHORT, each=more)
        async with router_of(file, at.double) as router:
            _, turns = at.agent_with(speaker=replace(at.services.nodes.speaker, router=router))
            yield Home(replace(at.services, turns=turns), at.double)


@pytest.fixture
def script(double: OllamaDouble) -> OllamaDouble:
    """The Ollama, all well and answering one sentence."""
    for model in (BIG, SMALL, THIRD):
        double.fault(model)
        double.reply(model, SAID)
    double.start()
    return double


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
@pytest.mark.parametrize("name", FAULTS)
async def test_fault_leads_along_its_edge(
    name: str, chain: Chain, at: Home, script: OllamaDouble, tmp_path: Path
) -> None:
    """The right one answers in time and says why, and the thread goes on as if nothing had been."""
    case = FAULTS[name]
    for model in chain.missing:
        script.fault(model, Fault("missing"))
    if case.fault:
        script.fault(chain.faulty, case.fault)
    user = f"{name}, {chain.faulty} of {len(chain.models)}"
    await at.know("The entrance is the blue door on the left.", title="Way in", user=user)
    async with hurried(at, tmp_path, chain, refuses=case.fault is None) as hasty:
        started = time.monotonic()
        answer = await hasty.ask("Where is the entrance?", user=user)
        taken = time.monotonic() - started
    assert taken < TOTAL + GRACE
    _assert_edge(case, chain, answer)
    await _thread_goes_on(at, script, answer["thread_id"], answer["answer"], user)


def _assert_edge(case: Case, chain: Chain, answer: dict[str, object]) -> None:
    """The right one answered, those that failed are named with their reasons, and the answer is right."""
    missing = [
        (f"ollama:{model}", f"the model is not installed: ollama pull {model}") for model in chain.missing
    ]
    told = [(f"ollama:{chain.faulty}", case.reason.format(model=chain.faulty))] if case.reason else []
    degraded = [(entry["component"], entry["reason"]) for entry in answer["degraded"]]  # type: ignore[attr-defined]
    assert [component for component, _ in degraded] == [component for component, _ in [*missing, *told]]
    for (_, reason), (_, words) in zip(degraded, [*missing, *told], strict=True):
        assert reason.startswith(words)
        assert not reason.rstrip().endswith(":"), "a reason without words"
    text = str(answer["answer"])
    served_by = chain.after if case.edge == "next" else f"ollama:{chain.faulty}"
    assert answer["served_by"] == served_by
    assert answer["status"] == ("interrupted" if case.edge == "kept" else "done")
    if case.edge == "kept":
        assert text
        assert text.startswith("and then the same thing") or str(SAID.text).startswith(text)
        assert len(text) < 200, "the loop was cut off"
    elif served_by == "memory":
        assert "blue door on the left" in text
        assert answer["sources"][0]["title"] == "Way in"  # type: ignore[index]
    else:
        assert text == SAID.text


async def test_ollama_that_is_not_there(at: Home, script: OllamaDouble, tmp_path: Path) -> None:
    """A refused port is told as such for each model, memory answers at once, and later the models do."""
    script.stop()
    async with hurried(at, tmp_path, CHAINS["first of two"], refuses=False) as hasty:
        started = time.monotonic()
        answer = await hasty.ask("Where is the entrance?")
        assert time.monotonic() - started < GRACE
    refused = [{"component": f"ollama:{model}", "reason": "connection refused"} for model in (BIG, SMALL)]
    assert (answer["served_by"], answer["degraded"]) == ("memory", refused)
    assert f"ollama pull {BIG}" in answer["answer"]
    script.start()
    await _thread_goes_on(at, script, answer["thread_id"], answer["answer"])


async def test_ollama_that_stops_in_the_middle(at: Home, script: OllamaDouble) -> None:
    """What was said by a server that goes away is kept, and said to be cut off."""
    script.fault(BIG, Fault("hang_mid_stream"))
    events = at.services.turns.stream("local", "Where is the entrance?")
    answer = {}
    async for event in events:
        if event["type"] == "token":
            script.stop()
        answer = event
    script.start()
    assert (answer["type"], answer["served_by"], answer["status"]) == (
        "answer",
        f"ollama:{BIG}",
        "interrupted",
    )
    assert [entry["component"] for entry in answer["degraded"]] == [f"ollama:{BIG}"]
    [turn] = await at.turns(answer["thread_id"])
    assert (turn.status, turn.answer) == ("interrupted", answer["answer"])
    await _thread_goes_on(at, script, answer["thread_id"], answer["answer"])


async def _thread_goes_on(at: Home, script: OllamaDouble, thread: str, said: str, user: str = USER) -> None:
    """Ask again with all faults gone: the first model answers and has the conversation exactly once."""
    for model in (BIG, SMALL, THIRD):
        script.fault(model)
    seen = len(script.requests("/api/chat"))
    again = await at.ask("Which colour has it?", thread, user)
    assert (again["served_by"], again["degraded"], again["status"]) == (f"ollama:{BIG}", [], "done")
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
