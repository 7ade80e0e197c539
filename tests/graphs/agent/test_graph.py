"""The graph as it is drawn, and what it refuses, repeats and rebuilds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AnyMessage, HumanMessage
from langchain_core.runnables import RunnableConfig

from graphs.agent.records import NoQuestion
from memory.archive.entities import Turn
from memory.short_term.keys import thread_key
from server.composition import studio_nodes
from tests.clock import FakeClock
from tests.graphs.agent.home import BIG, SMALL, USER, Home, conversation, router_of, routes_file
from tests.memory.archive.samples import a_turn
from tests.ollama_double import OllamaDouble, Reply, ToolCall
from tools.context import NoUser, TurnContext

EDGES = {
    ("__start__", "begin", False),
    ("begin", "recall", False),
    ("recall", "call_model", False),
    ("call_model", "use_tools", True),
    ("call_model", "step_down", True),
    ("call_model", "remember", True),
    ("use_tools", "call_model", False),
    ("step_down", "call_model", True),
    ("step_down", "answer_from_memory", True),
    ("answer_from_memory", "remember", False),
    ("remember", "__end__", False),
}
"""The picture of the house plan: from, to, and whether a condition decides."""


def on(thread: str, user: str = USER) -> RunnableConfig:
    """The configuration of a run on a thread."""
    return {"configurable": {"thread_id": thread_key(user, thread)}}


async def run(home: Home, thread: str, *messages: AnyMessage, user: str = USER) -> dict[str, Any]:
    """Run the graph itself, as Studio does, and return its output."""
    sent: Sequence[AnyMessage] = messages
    context = TurnContext(user, thread)
    output: Any = await home.services.turns.agent.ainvoke(
        {"messages": list(sent)}, on(thread, user), context=context
    )
    return dict(output)


def told(home: Home, request: int = -1) -> list[tuple[str, str]]:
    """The conversation that a model was given."""
    return conversation(home.prompts()[request])


def test_the_graph_is_the_picture(souvenir: Home) -> None:
    """Nodes and edges are those of the picture, no more and no fewer."""
    drawn = souvenir.services.turns.agent.get_graph()
    assert {(edge.source, edge.target, edge.conditional) for edge in drawn.edges} == EDGES
    assert set(drawn.nodes) == {name for edge in EDGES for name in edge[:2]}


async def test_shape_does_not_depend_on_the_models(souvenir: Home, tmp_path: Path) -> None:
    """With one model, or none reachable, Studio shows the same picture."""
    async with router_of(routes_file(tmp_path, BIG), souvenir.double) as router:
        agent, _ = souvenir.agent_with(speaker=replace(souvenir.services.nodes.speaker, router=router))
    assert agent.get_graph().to_json() == souvenir.services.turns.agent.get_graph().to_json()


@pytest.mark.parametrize("context", [None, TurnContext(), TurnContext("", "t")])
async def test_without_a_user_nothing_is_done(souvenir: Home, context: TurnContext | None) -> None:
    """A run that does not say whose it is reads nothing, asks no model and keeps nothing."""
    with pytest.raises(NoUser):
        await souvenir.services.turns.agent.ainvoke(
            {"messages": [HumanMessage("Who?")]}, on("t"), context=context
        )
    assert souvenir.prompts() == []
    assert await souvenir.turns("t") == await souvenir.turns("t", user="") == []


@pytest.mark.parametrize("text", ["", "   ", "\n\t "])
async def test_a_turn_needs_words(souvenir: Home, text: str) -> None:
    """An empty question is refused before anything is read, and leaves the thread usable."""
    with pytest.raises(NoQuestion):
        await run(souvenir, "t", HumanMessage(text))
    assert souvenir.prompts() == []
    await run(souvenir, "t", HumanMessage("Who?"))
    assert told(souvenir) == [("user", "Who?")]


async def test_no_message_is_refused(souvenir: Home) -> None:
    """A run without any message has no question."""
    with pytest.raises(NoQuestion):
        await run(souvenir, "t")


async def test_studio_belongs_to_the_local_user(souvenir: Home) -> None:
    """Studio gives no context: its runs are the local user's, on the thread of the run."""
    local = studio_nodes(souvenir.services).default_context
    agent, _ = souvenir.agent_with(default_context=local)
    await agent.ainvoke({"messages": [HumanMessage("Who?", id="m")]}, {"configurable": {"thread_id": "s"}})
    [turn] = await souvenir.turns("s")
    assert (turn.id, turn.user, turn.question) == ("m", USER, "Who?")


async def test_the_question_names_the_turn(souvenir: Home) -> None:
    """The id of the person's message is the turn's, in the output, the archive and the state."""
    output = await run(souvenir, "t", HumanMessage("Who?", id="mine"))
    [turn] = await souvenir.turns("t")
    assert output["turn_id"] == turn.id == (await souvenir.state("t"))["last_turn_id"] == "mine"


async def test_a_minted_id_names_the_turn(souvenir: Home) -> None:
    """A message without an id gets one, which names the turn."""
    output = await run(souvenir, "t", HumanMessage("Who?"))
    [turn] = await souvenir.turns("t")
    assert output["turn_id"] == turn.id != ""


async def test_a_turn_is_committed_once(souvenir: Home, double: OllamaDouble) -> None:
    """The same turn again is neither doubled nor changed, in the archive as in the conversation."""
    double.reply(BIG, Reply("Marie.", calls=1), Reply("Paul."))
    await run(souvenir, "t", HumanMessage("Who?", id="mine"))
    again = await run(souvenir, "t", HumanMessage("Who?", id="mine"))
    [turn] = await souvenir.turns("t")
    assert turn.answer == again["answer"] == "Marie."
    await run(souvenir, "t", HumanMessage("Sure?"))
    assert told(souvenir) == [("user", "Who?"), ("assistant", "Marie."), ("user", "Sure?")]


async def test_a_committed_turn_whose_checkpoint_is_lost_is_not_doubled(
    souvenir: Home, double: OllamaDouble
) -> None:
    """Killed between the two commits and sent again, a turn stays one turn."""
    double.reply(BIG, Reply("Marie.", calls=1), Reply("Paul."))
    await run(souvenir, "t", HumanMessage("Who?", id="mine"))
    await souvenir.services.sessions.forget([thread_key(USER, "t")])
    await run(souvenir, "t", HumanMessage("Who?", id="mine"))
    assert [turn.answer for turn in await souvenir.turns("t")] == ["Marie."]
    await run(souvenir, "t", HumanMessage("Sure?"))
    assert told(souvenir) == [("user", "Who?"), ("assistant", "Marie."), ("user", "Sure?")]


async def test_lost_checkpoints_are_rebuilt_from_the_archive(souvenir: Home, double: OllamaDouble) -> None:
    """Without its checkpoints, a thread goes on with all that was said."""
    double.reply(BIG, Reply("Marie.", calls=1), Reply("Paul."))
    for question in ("Who?", "Else?"):
        await run(souvenir, "t", HumanMessage(question))
    await souvenir.services.sessions.forget([thread_key(USER, "t")])
    await run(souvenir, "t", HumanMessage("Sure?"))
    past = [("user", "Who?"), ("assistant", "Marie."), ("user", "Else?"), ("assistant", "Paul.")]
    assert told(souvenir) == [*past, ("user", "Sure?")]


async def test_an_archive_ahead_of_the_checkpoint_wins(souvenir: Home, clock: FakeClock) -> None:
    """A turn that was committed but not checkpointed is part of the conversation."""
    await run(souvenir, "t", HumanMessage("Who?", id="first"))
    async with souvenir.services.archive.unit() as unit:
        await unit.threads.add_turn(_turn("second", clock, question="Else?", answer="Paul."))
    await run(souvenir, "t", HumanMessage("Sure?"))
    assert [text for _, text in told(souvenir)][2:] == ["Else?", "Paul.", "Sure?"]
    assert len(told(souvenir)) == 5


async def test_a_checkpoint_ahead_of_the_archive_loses(souvenir: Home) -> None:
    """What the archive never acknowledged, or was made to forget, is not part of the conversation."""
    await run(souvenir, "t", HumanMessage("Who?", id="first"))
    async with souvenir.services.archive.unit() as unit:
        await unit.threads.delete(USER, "t")
    await run(souvenir, "t", HumanMessage("Sure?"))
    assert told(souvenir) == [("user", "Sure?")]


async def test_an_answer_that_was_never_acknowledged_is_left_out(
    souvenir: Home, double: OllamaDouble
) -> None:
    """A turn cut after its answer and before its commit leaves nothing that a later prompt holds."""
    double.reply(BIG, Reply("Marie.", calls=1), Reply("Paul.", calls=1), Reply("Sure."))
    await run(souvenir, "t", HumanMessage("Who?"))
    stream = souvenir.services.turns.agent.astream(
        {"messages": [HumanMessage("Else?")]},
        on("t"),
        context=TurnContext(USER, "t"),
        interrupt_before=["remember"],
        durability="sync",
    )
    async for _ in stream:
        pass
    await run(souvenir, "t", HumanMessage("Sure?"))
    assert told(souvenir) == [("user", "Who?"), ("assistant", "Marie."), ("user", "Sure?")]


async def test_a_turn_cut_in_its_tools_leaves_nothing(souvenir: Home, double: OllamaDouble) -> None:
    """A tool call that was never carried out is gone from the next prompt."""
    double.reply(BIG, Reply(tool_calls=[ToolCall("search_memory", {"query": "x"})], calls=1), Reply("Sure."))
    stream = souvenir.services.turns.agent.astream(
        {"messages": [HumanMessage("Who?")]},
        on("t"),
        context=TurnContext(USER, "t"),
        interrupt_before=["use_tools"],
        durability="sync",
    )
    async for _ in stream:
        pass
    await run(souvenir, "t", HumanMessage("Sure?"))
    assert told(souvenir) == [("user", "Sure?")]


async def test_an_interrupted_turn_can_be_sent_again(souvenir: Home, double: OllamaDouble) -> None:
    """A turn that was cut and is sent again under its id is done once, from its beginning."""
    search = ToolCall("search_memory", {"query": "x"})
    double.reply(BIG, Reply("Marie.", calls=1), Reply(tool_calls=[search], calls=1), Reply("Paul."))
    await run(souvenir, "t", HumanMessage("Who?"))
    stream = souvenir.services.turns.agent.astream(
        {"messages": [HumanMessage("Else?", id="mine")]},
        on("t"),
        context=TurnContext(USER, "t"),
        interrupt_before=["use_tools"],
        durability="sync",
    )
    async for _ in stream:
        pass
    await run(souvenir, "t", HumanMessage("Else?", id="mine"))
    assert told(souvenir) == [("user", "Who?"), ("assistant", "Marie."), ("user", "Else?")]
    assert [turn.answer for turn in await souvenir.turns("t")] == ["Marie.", "Paul."]


async def test_equal_threads_of_two_users_never_meet(souvenir: Home, double: OllamaDouble) -> None:
    """A thread id is the user's own: another user with the same one has another conversation."""
    double.reply(BIG, Reply("Marie."))
    await run(souvenir, "t", HumanMessage("Who?"), user="ann")
    await run(souvenir, "t", HumanMessage("Else?"), user="bob")
    assert told(souvenir) == [("user", "Else?")]
    assert [turn.question for turn in await souvenir.turns("t", "ann")] == ["Who?"]


async def test_a_long_conversation_keeps_its_latest_turns(souvenir: Home, clock: FakeClock) -> None:
    """After more turns than are kept at hand, the prompt holds the latest ones, in order."""
    async with souvenir.services.archive.unit() as unit:
        for n in range(30):
            await unit.threads.add_turn(
                _turn(f"t{n}", clock, question=f"Question {n}", answer=f"Answer {n}.")
            )
    for question in ("Sure?", "Really?"):
        await run(souvenir, "t", HumanMessage(question))
    asked = [text for role, text in told(souvenir) if role == "user"]
    assert asked[-3:] == ["Question 29", "Sure?", "Really?"]
    assert len(asked) == len(set(asked)) == 21


async def test_the_prompt_fits_the_window(souvenir: Home, clock: FakeClock) -> None:
    """Older turns that do not fit in the model's window are left out, whole."""
    said = "word " * 1500
    async with souvenir.services.archive.unit() as unit:
        for n in range(10):
            await unit.threads.add_turn(_turn(f"t{n}", clock, question=f"Question {n}", answer=said))
    await run(souvenir, "t", HumanMessage("Sure?"))
    messages = told(souvenir)
    assert 1 < len(messages) < 20
    assert len(messages) % 2
    assert messages[-1] == ("user", "Sure?")
    assert messages[0][0] == "user"
    assert sum(len(text) for _, text in messages) / 4 < 8192


def _turn(identity: str, clock: FakeClock, **changes: Any) -> Turn:
    now = clock.advance(60)
    turn = a_turn(identity, user=USER, thread_id="t", sources=[], references=[], degraded=[], **changes)
    return replace(turn, started_at=now, finished_at=now + timedelta(seconds=1), served_by=f"ollama:{SMALL}")
