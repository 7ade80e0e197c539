"""Turns above the graph: their events, listeners who leave, turns at the same time, and the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from memory.short_term.errors import ThreadBusy
from memory.short_term.keys import thread_key
from memory.short_term.lease import ProcessLease
from server.turns import (
    MAX_QUESTION_CHARS,
    Ending,
    QuestionRefused,
    TurnRunner,
    UnknownThread,
)
from tests.graphs.agent.home import BIG, SMALL, USER, Event, Home, conversation, home, tokens
from tests.ollama_double import Fault, OllamaDouble, Reply, ollama_double

CHAT = "/api/chat"


@pytest.fixture
async def double() -> AsyncIterator[OllamaDouble]:
    """An Ollama with both models of the default route."""
    async with ollama_double(BIG, SMALL) as one:
        yield one


@pytest.fixture
async def souvenir(tmp_path: Path, double: OllamaDouble) -> AsyncIterator[Home]:
    """An empty Souvenir."""
    async with home(tmp_path / "memory", double) as opened:
        yield opened


def listening(runner: TurnRunner, question: str, thread: str | None = None) -> AsyncGenerator[Event, None]:
    """The events of a turn, as a generator that can be closed."""
    return cast("AsyncGenerator[Event, None]", runner.stream(USER, question, thread))


async def last(runner: TurnRunner, question: str, thread: str | None = None) -> Event:
    """The last event of a turn."""
    return [event async for event in runner.stream(USER, question, thread)][-1]


async def test_events_come_in_order(souvenir: Home, double: OllamaDouble) -> None:
    """First where the turn is, then its words as they come, then the answer made of them."""
    double.reply(BIG, Reply("One two three."))
    events = await souvenir.events("Count!")
    assert [event["type"] for event in events] == ["started", "token", "token", "token", "answer"]
    assert tokens(events) == events[-1]["answer"] == "One two three."
    for name in ("thread_id", "turn_id"):
        assert events[0][name] == events[-1][name] != ""
    assert set(events[-1]) == {
        "type",
        "answer",
        "thread_id",
        "turn_id",
        "served_by",
        "status",
        "degraded",
        "sources",
        "timings_ms",
    }
    assert events[-1]["timings_ms"].keys() == {"recall", "model", "total"}


async def test_words_come_while_the_model_speaks(souvenir: Home, double: OllamaDouble) -> None:
    """A token is heard before the answer is complete."""
    double.fault(BIG, Fault("hang_mid_stream", after=1, calls=1))
    double.reply(BIG, Reply("One two."))
    kinds = []
    async for event in souvenir.services.turns.stream(USER, "Count!"):
        kinds.append(event["type"])
        if event["type"] == "token" and kinds.count("token") == 1:
            await double.wait_for(CHAT, "hanging")
            double.release()
    assert kinds == ["started", "token", "token", "answer"]


async def test_an_answer_is_acknowledged_after_the_commit(souvenir: Home) -> None:
    """When the answer is heard, the archive has the turn."""
    async for event in souvenir.services.turns.stream(USER, "Who?"):
        if event["type"] == "answer":
            [turn] = await souvenir.turns(event["thread_id"])
            assert (turn.id, turn.answer) == (event["turn_id"], event["answer"])
        elif event["type"] != "started":
            assert await souvenir.turns(event.get("thread_id", "")) == []


@pytest.mark.parametrize("heard", [1, 2])
async def test_a_turn_outlives_its_listener(souvenir: Home, double: OllamaDouble, heard: int) -> None:
    """Whoever closes the page after `heard` events finds the answer when they come back."""
    double.reply(BIG, Reply("One two three."))
    events = listening(souvenir.services.turns, "Count!")
    first = [await anext(events) for _ in range(heard)]
    await events.aclose()
    await souvenir.services.turns.finish()
    [turn] = await souvenir.turns(first[0]["thread_id"])
    assert (turn.id, turn.answer) == (first[0]["turn_id"], "One two three.")


async def test_a_turn_outlives_a_cancelled_request(souvenir: Home, double: OllamaDouble) -> None:
    """A listener whose task is cancelled takes nothing with it."""
    double.fault(BIG, Fault("hang_mid_stream", calls=1))
    double.reply(BIG, Reply("One two three."))
    request = asyncio.create_task(last(souvenir.services.turns, "Count!"))
    await double.wait_for(CHAT, "hanging")
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    double.release()
    await souvenir.services.turns.finish()
    async with souvenir.services.archive.read() as unit:
        [thread] = await unit.threads.list(USER)
    [turn] = await souvenir.turns(thread.id)
    assert turn.answer == "One two three."


async def test_turns_of_one_thread_wait_for_each_other(souvenir: Home, double: OllamaDouble) -> None:
    """Three at once on one thread: one runs at a time, in order, and each has all that was said before."""
    double.reply(BIG, Reply("Yes."))
    first = await souvenir.ask("Start?")
    thread = first["thread_id"]
    double.fault(BIG, Fault("hang_mid_stream", calls=1, after=0))
    turns = [asyncio.create_task(souvenir.ask("Question 0?", thread))]
    await double.wait_for(CHAT, "hanging")
    for n in (1, 2):
        turns.append(asyncio.create_task(souvenir.ask(f"Question {n}?", thread)))
    await asyncio.wait(turns, timeout=0.2)
    assert len(souvenir.prompts()) == 2
    double.release()
    await asyncio.gather(*turns)
    for request, asked in zip(souvenir.prompts()[1:], range(3), strict=True):
        before = [f"Question {n}?" for n in range(asked)]
        said = [text for role, text in conversation(request) if role == "user"]
        assert said == ["Start?", *before, f"Question {asked}?"]
    assert len(await souvenir.turns(thread)) == 4


async def test_two_threads_run_at_the_same_time(souvenir: Home, double: OllamaDouble) -> None:
    """A thread whose model hangs keeps no other waiting."""
    double.fault(BIG, Fault("hang_before_headers", calls=1))
    slow = asyncio.create_task(souvenir.ask("Slow?"))
    await double.wait_for(CHAT, "hanging")
    quick = await souvenir.ask("Quick?")
    assert quick["served_by"] == f"ollama:{BIG}"
    assert not slow.done()
    double.release()
    assert (await slow)["thread_id"] != quick["thread_id"]


async def test_many_threads_at_once(souvenir: Home, double: OllamaDouble) -> None:
    """Twenty turns at once: each answers its own question, none is lost, none is doubled."""
    double.reply(BIG, Reply(lambda request: f"Heard {request['messages'][-1]['content']}"))
    answers = await asyncio.gather(*(souvenir.ask(f"number {n}") for n in range(20)))
    assert [answer["answer"] for answer in answers] == [f"Heard number {n}" for n in range(20)]
    assert len({answer["thread_id"] for answer in answers}) == 20
    for answer in answers:
        assert len(await souvenir.turns(answer["thread_id"])) == 1


async def test_a_thread_busy_for_too_long_is_told(souvenir: Home) -> None:
    """Who waits too long for a thread learns that it is busy; nothing is asked or kept."""
    lease = ProcessLease(patience_seconds=0.05)
    turns = replace(souvenir.services.turns, lease=lease)
    async with lease.hold(thread_key(USER, "t")):
        with pytest.raises(ThreadBusy):
            await last(turns, "Who?", "t")
    assert (souvenir.prompts(), await souvenir.turns("t")) == ([], [])
    assert (await last(turns, "Who?", "t"))["type"] == "answer"


async def test_a_failure_nobody_listens_to_breaks_nothing(souvenir: Home) -> None:
    """A turn that fails after its listener left is logged, and the next one runs."""
    lease = ProcessLease(patience_seconds=0.05)
    turns = replace(souvenir.services.turns, lease=lease)
    async with lease.hold(thread_key(USER, "t")):
        events = listening(turns, "Who?", "t")
        await anext(events)
        await events.aclose()
        await turns.finish()
    assert (await last(turns, "Who?", "t"))["type"] == "answer"


async def test_finish_waits_for_turns(souvenir: Home, double: OllamaDouble) -> None:
    """The end of the process leaves a turn the time to be committed."""
    double.fault(BIG, Fault("hang_mid_stream", calls=1))
    turn = asyncio.create_task(souvenir.ask("Who?"))
    await double.wait_for(CHAT, "hanging")
    finishing = asyncio.create_task(souvenir.services.turns.finish())
    await asyncio.wait([finishing], timeout=0.1)
    assert not finishing.done()
    double.release()
    await finishing
    answer = await turn
    assert len(await souvenir.turns(answer["thread_id"])) == 1


async def test_finish_stops_turns_that_take_too_long(souvenir: Home, double: OllamaDouble) -> None:
    """A turn that does not end is stopped: what was said of it is kept, and whoever listens hears so."""
    double.fault(BIG, Fault("hang_mid_stream", calls=1))
    turns = replace(souvenir.services.turns, drain_seconds=2, _runs={}, _ending=asyncio.Event())
    turn = asyncio.create_task(last(turns, "Who?", "t"))
    await double.wait_for(CHAT, "hanging")
    async with asyncio.timeout(5):
        await turns.finish()
    answer = await turn
    await double.wait_for(CHAT, "client_closed")
    assert (answer["type"], answer["status"]) == ("answer", "interrupted")
    [kept] = await souvenir.turns("t")
    assert (kept.id, kept.answer, kept.status) == (answer["turn_id"], answer["answer"], "interrupted")


async def test_finish_cuts_turns_that_cannot_be_stopped(souvenir: Home) -> None:
    """A turn that waits for its thread has nothing to stop: it is cut, and said to be."""
    lease = ProcessLease()
    turns = replace(
        souvenir.services.turns, lease=lease, drain_seconds=0.1, _runs={}, _ending=asyncio.Event()
    )
    async with lease.hold(thread_key(USER, "t")):
        turn = asyncio.create_task(last(turns, "Who?", "t"))
        await asyncio.sleep(0)  # it begins
        async with asyncio.timeout(5):
            await turns.finish()
        with pytest.raises(asyncio.CancelledError):
            await turn
    assert await souvenir.turns("t") == []


async def test_nothing_begins_once_the_end_has(souvenir: Home) -> None:
    """Whoever asks then is told to ask again later."""
    turns = replace(souvenir.services.turns, _runs={}, _ending=asyncio.Event())
    await turns.finish()
    with pytest.raises(Ending):
        await turns.check(USER, "Who?", None)


async def test_finish_without_turns_returns_at_once(souvenir: Home) -> None:
    """There is nothing to wait for."""
    async with asyncio.timeout(1):
        await souvenir.services.turns.finish()


async def test_a_slow_listener_hears_everything(souvenir: Home, double: OllamaDouble) -> None:
    """Who reads slower than the model speaks misses no word."""
    words = " ".join(f"word{n}" for n in range(60)) + "."
    double.reply(BIG, Reply(words))
    events = []
    async for event in souvenir.services.turns.stream(USER, "Talk!"):
        events.append(event)
        await asyncio.sleep(0.002)
    assert tokens(events) == events[-1]["answer"] == words


async def test_a_listener_who_stopped_reading_holds_nothing_up(souvenir: Home, double: OllamaDouble) -> None:
    """More words than can wait for someone who does not read: the turn goes on without them."""
    double.reply(BIG, Reply(" ".join(f"word{n}" for n in range(1020))))
    turns = replace(souvenir.services.turns, _runs={}, _ending=asyncio.Event())
    events = listening(turns, "Talk!", "t")
    await anext(events)
    await turns.finish()
    [turn] = await souvenir.turns("t")
    assert turn.answer.count("word") == 1020
    await events.aclose()


@pytest.mark.parametrize(
    ("question", "code"), [("", "empty"), (" \n\t", "empty"), ("x" * (MAX_QUESTION_CHARS + 1), "too_long")]
)
async def test_questions_that_cannot_be_asked(souvenir: Home, question: str, code: str) -> None:
    """Nothing and too much are refused before anything streams."""
    with pytest.raises(QuestionRefused) as refused:
        await souvenir.services.turns.check(USER, question, None)
    assert refused.value.code == code


async def test_the_longest_question_is_asked_whole(souvenir: Home) -> None:
    """A question of the greatest length is answered, and reaches the model whole."""
    question = "x" * MAX_QUESTION_CHARS
    await souvenir.services.turns.check(USER, question, None)
    await souvenir.ask(question)
    assert conversation(souvenir.prompts()[0]) == [("user", question)]


async def test_threads_are_the_users_own(souvenir: Home) -> None:
    """A thread that does not exist, or is another's, is unknown."""
    answer: dict[str, Any] = await souvenir.ask("Who?", user="ann")
    await souvenir.services.turns.check("ann", "Who?", answer["thread_id"])
    for user, thread in (("bob", answer["thread_id"]), ("ann", "invented")):
        with pytest.raises(UnknownThread):
            await souvenir.services.turns.check(user, "Who?", thread)
