"""A turn is one thing that several may hear, that may be stopped, and that a repeated request finds again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from langchain_core.tools import tool
from langgraph.prebuilt import ToolRuntime

from memory.archive.entities import Turn
from memory.short_term.errors import ThreadBusy
from memory.short_term.keys import thread_key
from memory.short_term.lease import ProcessLease
from server.turns import QuestionRefused, TurnRunner, UnknownCheckpoint, UnknownThread, UnknownTurn
from tests.graphs.agent.home import BIG, USER, Event, Home, conversation, home, tokens
from tests.ollama_double import Fault, OllamaDouble, Reply, ToolCall, ollama_double
from tools.context import TurnContext

CHAT = "/api/chat"


@pytest.fixture
async def double() -> AsyncIterator[OllamaDouble]:
    """An Ollama with one model."""
    async with ollama_double(BIG) as one:
        one.reply(BIG, Reply("One two three four."))
        yield one


@pytest.fixture
async def souvenir(tmp_path: Path, double: OllamaDouble) -> AsyncIterator[Home]:
    """An empty Souvenir."""
    async with home(tmp_path / "memory", double) as opened:
        yield opened


@pytest.fixture
def turns(souvenir: Home) -> TurnRunner:
    """What runs its turns."""
    return souvenir.services.turns


async def all_of(events: AsyncIterator[Event]) -> list[Event]:
    """Every event, to the end."""
    return [event async for event in events]


async def begun(turns: TurnRunner, double: OllamaDouble, question: str = "Count!", **more: str) -> Event:
    """Begin a turn whose model hangs after some words, and leave; return its first event."""
    double.fault(BIG, Fault("hang_mid_stream", calls=1))
    events = cast("AsyncGenerator[Event, None]", turns.stream(USER, question, **more))
    first = await anext(events)
    await double.wait_for(CHAT, "hanging")
    await events.aclose()
    return first


# Following


async def test_who_comes_back_hears_the_rest(souvenir: Home, turns: TurnRunner, double: OllamaDouble) -> None:
    """All of it from the beginning, or what came after the events that were heard already."""
    first = await begun(turns, double)
    whole = asyncio.create_task(all_of(turns.follow(USER, first["turn_id"])))
    rest = asyncio.create_task(all_of(turns.follow(USER, first["turn_id"], after=2)))
    double.release()
    assert (await whole)[0] == first
    assert tokens(await whole) == (await whole)[-1]["answer"] == "One two three four."
    assert await rest == (await whole)[2:]


async def test_a_turn_that_has_ended_is_read(souvenir: Home, turns: TurnRunner) -> None:
    """Its first and its last event, from the archive."""
    answer = await souvenir.ask("Count!")
    events = await all_of(turns.follow(USER, answer["turn_id"]))
    assert [event["type"] for event in events] == ["started", "answer"]
    assert events[-1] == answer | {"type": "answer"}


async def test_a_turn_of_somebody_else_is_unknown(
    souvenir: Home, turns: TurnRunner, double: OllamaDouble
) -> None:
    """At work or ended, to hear or to stop; so is one that never was."""
    first = await begun(turns, double)
    for turn_id in (first["turn_id"], "never"):
        with pytest.raises(UnknownTurn):
            await all_of(turns.follow("eve", turn_id))
        with pytest.raises(UnknownTurn):
            await turns.stop("eve", turn_id)
        with pytest.raises(UnknownTurn):
            await turns.require_turn("eve", turn_id)
    double.release()
    await turns.finish()
    with pytest.raises(UnknownTurn):
        await all_of(turns.follow("eve", first["turn_id"]))


async def test_who_follows_hears_that_it_failed(souvenir: Home) -> None:
    """The error of the turn reaches everybody who listens."""
    lease = ProcessLease(patience_seconds=0.1)
    turns = replace(souvenir.services.turns, lease=lease, _runs={})
    async with lease.hold(thread_key(USER, "t")):
        events = cast("AsyncGenerator[Event, None]", turns.stream(USER, "Who?", "t"))
        first = await anext(events)
        with pytest.raises(ThreadBusy):
            await all_of(turns.follow(USER, first["turn_id"]))
        with pytest.raises(ThreadBusy):
            await all_of(events)


# Stopping


async def test_a_stopped_turn_keeps_what_was_said(
    souvenir: Home, turns: TurnRunner, double: OllamaDouble
) -> None:
    """It ends at once as `interrupted`, the model is left, and the next turn knows what was said."""
    first = await begun(turns, double)
    heard = asyncio.create_task(all_of(turns.follow(USER, first["turn_id"])))
    await asyncio.sleep(0)  # it listens
    await turns.stop(USER, first["turn_id"])
    answer = (await heard)[-1]
    await double.wait_for(CHAT, "client_closed")
    assert (answer["status"], answer["answer"]) == ("interrupted", tokens(await heard))
    assert "One two three four.".startswith(answer["answer"])
    assert answer["degraded"] == [{"component": f"ollama:{BIG}", "reason": "stopped on request"}]
    [kept] = await souvenir.turns(first["thread_id"])
    assert (kept.status, kept.answer) == ("interrupted", answer["answer"])
    after = await souvenir.ask("Go on!", first["thread_id"])
    assert (after["status"], after["degraded"]) == ("done", [])
    assert conversation(souvenir.prompts()[-1]) == [
        ("user", "Count!"),
        ("assistant", answer["answer"]),
        ("user", "Go on!"),
    ]


@pytest.mark.parametrize("fault", ["hang_before_headers", "hang_before_first_token"])
async def test_stopped_before_the_first_word(
    souvenir: Home, turns: TurnRunner, double: OllamaDouble, fault: str
) -> None:
    """The turn is kept with words that say so; no other model is asked."""
    double.fault(BIG, Fault(fault, calls=1))  # type: ignore[arg-type]  # one of the kinds
    running = asyncio.create_task(all_of(turns.stream(USER, "Qui es-tu donc, dis-moi ?", "t")))
    await double.wait_for(CHAT, "hanging")
    [turn_id] = turns._runs
    await turns.stop(USER, turn_id)
    answer = (await running)[-1]
    assert (answer["status"], answer["answer"]) == ("interrupted", "(Arrêté avant le premier mot.)")
    assert len(souvenir.prompts()) == 1
    assert (await souvenir.ask("Encore ?", "t"))["status"] == "done"


async def test_stopped_while_a_tool_works(souvenir: Home, double: OllamaDouble) -> None:
    """No call without its result is left: the next prompt holds the question, the notice, nothing else."""
    at_work = asyncio.Event()

    @tool
    async def ponder() -> str:
        """Ponder for ever."""
        at_work.set()
        await asyncio.Event().wait()
        return ""

    double.reply(BIG, Reply(tool_calls=(ToolCall("ponder"),)))
    _, turns = souvenir.agent_with(tools=(ponder,))
    running = asyncio.create_task(all_of(turns.stream(USER, "Where are the boats?", "t")))
    await at_work.wait()
    [turn_id] = turns._runs
    await turns.stop(USER, turn_id)
    assert (await running)[-1]["status"] == "interrupted"
    double.reply(BIG, Reply("There."))
    await souvenir.ask("And now?", "t")
    assert [role for role, _ in conversation(souvenir.prompts()[-1])] == ["user", "assistant", "user"]


async def test_stopping_a_turn_that_has_ended_changes_nothing(souvenir: Home, turns: TurnRunner) -> None:
    """It stays as it is, and so do those after it."""
    answer = await souvenir.ask("Count!")
    await turns.stop(USER, answer["turn_id"])
    [kept] = await souvenir.turns(answer["thread_id"])
    assert kept.status == "done"
    assert (await souvenir.ask("Again!", answer["thread_id"]))["status"] == "done"


# A key of the request's own


async def test_the_same_key_is_the_same_turn(souvenir: Home, turns: TurnRunner, double: OllamaDouble) -> None:
    """While it runs, and after: one turn, one question to the model, one answer, on one new thread."""
    double.fault(BIG, Fault("hang_mid_stream", calls=1))
    one = asyncio.create_task(all_of(turns.stream(USER, "Count!", key="k")))
    await double.wait_for(CHAT, "hanging")
    two = asyncio.create_task(all_of(turns.stream(USER, "Count!", key="k")))
    await asyncio.wait([two], timeout=0.05)
    double.release()
    assert await one == await two
    three = await all_of(turns.stream(USER, "Count!", key="k"))
    assert three == [(await one)[0], (await one)[-1]]
    assert len(souvenir.prompts()) == 1
    assert len(await souvenir.turns((await one)[0]["thread_id"])) == 1


async def test_a_key_belongs_to_its_user_and_its_question(souvenir: Home, turns: TurnRunner) -> None:
    """Another user's is another turn; with another question or thread it is refused."""
    mine = await all_of(turns.stream(USER, "Count!", key="k"))
    others = await all_of(turns.stream("ann", "Count!", key="k"))
    assert mine[0]["turn_id"] != others[0]["turn_id"]
    for question, thread in (("Other?", None), ("Count!", "elsewhere")):
        with pytest.raises(QuestionRefused) as refused:
            await all_of(turns.stream(USER, question, thread, "k"))
        assert refused.value.code == "key_reused"
    for key in ("", "x" * 201, "a\nb"):
        with pytest.raises(QuestionRefused) as refused:
            await turns.check(USER, "Count!", None, key)
        assert refused.value.code == "bad_key"


async def test_a_turn_that_failed_may_be_asked_for_again(souvenir: Home) -> None:
    """Under the same key: nothing was kept of it."""
    lease = ProcessLease(patience_seconds=0.05)
    turns = replace(souvenir.services.turns, lease=lease, _runs={})
    async with lease.hold(thread_key(USER, "t")):
        with pytest.raises(ThreadBusy):
            await all_of(turns.stream(USER, "Count!", "t", "k"))
    assert (await all_of(turns.stream(USER, "Count!", "t", "k")))[-1]["answer"] == "One two three four."


async def test_a_tool_is_given_the_same_key_for_the_same_turn(souvenir: Home, double: OllamaDouble) -> None:
    """So that a turn which was cut after its effect, and is asked for again, has it once."""
    done: list[str] = []
    both = asyncio.Event()

    @tool
    async def send(text: str, runtime: ToolRuntime[TurnContext]) -> str:
        """Send a letter."""
        done.append(runtime.context.effect_key)
        if len(done) == 2:
            both.set()
        if len(done) <= 2:  # the first time, the turn is cut before it learns that they were sent
            await asyncio.Event().wait()
        return "sent"

    letters = (ToolCall("send", {"text": "Dear Ann"}), ToolCall("send", {"text": "Dear Bob"}))
    double.reply(BIG, Reply(tool_calls=letters), Reply("Both are sent.", after_tools=True))
    _, turns = souvenir.agent_with(tools=(send,))
    cut = asyncio.create_task(all_of(turns.stream(USER, "Send them!", key="k")))
    await both.wait()
    [run] = turns._runs.values()
    assert run.task
    run.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cut
    answer = (await all_of(turns.stream(USER, "Send them!", key="k")))[-1]
    assert answer["status"] == "done"
    assert len(done) == 4
    assert sorted(done[:2]) == sorted(done[2:])
    assert len(set(done)) == 2


# Turns that do not queue


async def test_a_busy_thread_is_refused_with_the_turn_at_work(souvenir: Home, double: OllamaDouble) -> None:
    """Where turns do not queue, before anything streams; other threads are not concerned."""
    turns = replace(souvenir.services.turns, queues=False)
    thread = (await souvenir.ask("Start?"))["thread_id"]
    first = await begun(turns, double, thread_id=thread)
    with pytest.raises(ThreadBusy) as busy:
        await turns.check(USER, "Second?", thread)
    assert busy.value.run == first["turn_id"]
    with pytest.raises(ThreadBusy) as busy:
        await all_of(turns.stream(USER, "Second?", thread))
    assert busy.value.run == first["turn_id"]
    assert (await all_of(turns.stream(USER, "Else?")))[-1]["type"] == "answer"
    double.release()
    await all_of(turns.follow(USER, first["turn_id"]))
    assert (await all_of(turns.stream(USER, "Third?", thread)))[-1]["type"] == "answer"


# A conversation that somebody else continued


async def test_a_turn_made_on_an_older_conversation_is_made_again(
    souvenir: Home, turns: TurnRunner, double: OllamaDouble
) -> None:
    """As where a lease was lost: both turns are kept, and the second was told what the first said."""
    first = await souvenir.ask("Start?")
    thread = first["thread_id"]
    double.fault(BIG, Fault("hang_mid_stream", calls=1))
    late = asyncio.create_task(all_of(turns.stream(USER, "Late?", thread)))
    await double.wait_for(CHAT, "hanging")
    [before] = await souvenir.turns(thread)
    await _keep(souvenir, replace(before, id="between", question="Between?", answer="In between."))
    double.release()
    events = await late
    assert [event["reason"][:29] for event in events if event["type"] == "restart"] == [
        "the conversation was continue"
    ]
    assert [turn.question for turn in await souvenir.turns(thread)] == ["Start?", "Between?", "Late?"]
    assert ("user", "Between?") in conversation(souvenir.prompts()[-1])
    assert events[-1]["status"] == "done"


async def _keep(souvenir: Home, turn: Turn) -> None:
    async with souvenir.services.archive.unit() as unit:
        assert await unit.threads.add_turn(turn)


# Going back


async def test_the_checkpoints_of_the_last_turns_are_kept(souvenir: Home) -> None:
    """Three of them, with the turns that they end with; the conversation as it was at each can be read."""
    checkpoints = souvenir.services.checkpoints
    thread = (await souvenir.ask("Question 0?"))["thread_id"]
    for number in range(1, 6):
        await souvenir.ask(f"Question {number}?", thread)
    await _settled(souvenir)
    marks = await checkpoints.marks(USER, thread)
    kept = await souvenir.turns(thread)
    assert [mark.turn_id for mark in marks] == [turn.id for turn in kept[:-4:-1]]
    for mark, length in zip(marks, (6, 5, 4), strict=True):
        assert await checkpoints.turns_at(USER, thread, mark.checkpoint_id) == kept[:length]
    for other, user in ((thread, "eve"), ("invented", USER)):
        with pytest.raises(UnknownThread):
            await checkpoints.turns_at(user, other, marks[0].checkpoint_id)
    with pytest.raises(UnknownCheckpoint):
        await checkpoints.turns_at(USER, thread, "invented")


async def test_a_conversation_can_begin_where_another_was(souvenir: Home, turns: TurnRunner) -> None:
    """The new one knows what was said until then and nothing later; the old one is left as it is."""
    checkpoints = souvenir.services.checkpoints
    thread = (await souvenir.ask("My boat is Pétrel."))["thread_id"]
    await souvenir.ask("It is red.", thread)
    await _settled(souvenir)
    earlier = (await checkpoints.marks(USER, thread))[-1]
    branch = await checkpoints.fork(USER, thread, earlier.checkpoint_id)
    await all_of(turns.stream(USER, "It is blue.", branch))
    said = [text for role, text in conversation(souvenir.prompts()[-1]) if role == "user"]
    assert said == ["My boat is Pétrel.", "It is blue."]
    assert [turn.question for turn in await souvenir.turns(branch)] == said
    assert [turn.question for turn in await souvenir.turns(thread)] == ["My boat is Pétrel.", "It is red."]


async def test_forgetting_a_conversation_blanks_what_was_copied_of_it(souvenir: Home) -> None:
    """Its answers, in every conversation that began there; what the person typed stays, as always."""
    thread = (await souvenir.ask("Count!"))["thread_id"]
    await _settled(souvenir)
    [mark] = await souvenir.services.checkpoints.marks(USER, thread)
    branch = await souvenir.services.checkpoints.fork(USER, thread, mark.checkpoint_id)
    assert await souvenir.services.forgetter.thread(USER, thread)
    [copy] = await souvenir.turns(branch)
    assert copy.question == "Count!"
    assert "three" not in copy.answer


async def _settled(souvenir: Home) -> None:
    """Wait for what turns do after their answer."""
    with contextlib.suppress(ValueError):  # none is at work
        await asyncio.wait([run.task for run in souvenir.services.turns._runs.values() if run.task])
