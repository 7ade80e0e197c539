"""The running conversation: what is kept, rebuilt and cut before a model sees it."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.messages.utils import count_tokens_approximately

from graphs.agent.history import KEPT_TURNS, fitted, parted, rebuilt, repaired
from tests.memory.archive.samples import a_turn

QUESTION = HumanMessage("And now?", id="now")


def call(identity: str) -> AIMessage:
    """A model's message that asks for a tool."""
    return AIMessage("", tool_calls=[{"name": "search_memory", "args": {}, "id": identity}])


MESSAGES: st.SearchStrategy[AnyMessage] = st.one_of(
    st.text(min_size=1, max_size=5).map(HumanMessage),
    st.text(max_size=5).map(AIMessage),
    st.sampled_from(["a", "b"]).map(call),
    st.sampled_from(["a", "b"]).map(lambda identity: ToolMessage("found", tool_call_id=identity)),
)


def assert_whole(messages: Sequence[AnyMessage]) -> None:
    """Questions and answers in turn, no tools, and a question at the end."""
    for at, message in enumerate(messages):
        assert isinstance(message, AIMessage if at % 2 else HumanMessage)
        assert not isinstance(message, AIMessage) or (message.content and not message.tool_calls)
    assert len(messages) % 2 == 1


@given(st.lists(MESSAGES, max_size=60))
def test_whatever_was_left_behind_is_repaired(past: list[AnyMessage]) -> None:
    """Any leftovers become questions with their answers, in their order; the question of this turn stays."""
    messages = repaired([*past, QUESTION])
    assert_whole(messages)
    assert messages[-1] is QUESTION
    identities = [id(message) for message in past]
    places = [identities.index(id(message)) for message in messages[:-1]]
    assert places == sorted(places)
    assert len(messages) <= 2 * KEPT_TURNS + 1


@given(st.lists(st.tuples(st.text(min_size=1), st.text(min_size=1)), max_size=KEPT_TURNS))
def test_a_whole_conversation_is_left_as_it_is(pairs: list[tuple[str, str]]) -> None:
    """Repairing what is not broken changes nothing."""
    said: list[AnyMessage] = [
        message for question, answer in pairs for message in (HumanMessage(question), AIMessage(answer))
    ]
    assert repaired([*said, QUESTION]) == [*said, QUESTION]


def test_an_interrupted_turn_goes() -> None:
    """A question whose tools never answered is left out, with its call, before the next question."""
    whole: list[AnyMessage] = [HumanMessage("Who?"), AIMessage("Marie.")]
    broken: list[AnyMessage] = [HumanMessage("When?"), call("a")]
    assert repaired([*whole, *broken, QUESTION]) == [*whole, QUESTION]


def test_tool_work_between_question_and_answer_goes() -> None:
    """A question that was answered after tool calls keeps its answer alone."""
    question, answer = HumanMessage("Who?"), AIMessage("Marie.")
    work: list[AnyMessage] = [call("a"), ToolMessage("found", tool_call_id="a")]
    assert repaired([question, *work, answer, QUESTION]) == [question, answer, QUESTION]


def test_the_archive_gives_a_conversation_back() -> None:
    """Rebuilt from the archive, each turn is its question under its id, and its answer."""
    messages = rebuilt([a_turn("t1", question="Who?", answer="Marie.")], QUESTION)
    assert [(type(message), message.id, message.content) for message in messages] == [
        (HumanMessage, "t1", "Who?"),
        (AIMessage, "t1-answer", "Marie."),
        (HumanMessage, "now", "And now?"),
    ]


@given(
    st.lists(st.tuples(st.text(min_size=1, max_size=400), st.text(min_size=1, max_size=400)), max_size=12),
    st.integers(512, 2048),
)
def test_the_prompt_fits_the_window(pairs: list[tuple[str, str]], window: int) -> None:
    """System prompt and last question are whole, the answer's room is free, the oldest turns go first."""
    system, answer = SystemMessage("Be brief. " * 10), window // 8
    said: list[AnyMessage] = [
        message for question, reply in pairs for message in (HumanMessage(question), AIMessage(reply))
    ]
    prompt = fitted(system, [*said, QUESTION], window, answer)
    assert (prompt[0], prompt[-1]) == (system, QUESTION)
    kept = prompt[1:-1]
    assert kept == said[len(said) - len(kept) :]
    assert len(kept) % 2 == 0
    assert count_tokens_approximately(prompt) + answer <= window
    if len(kept) < len(said):
        longer = [system, *said[len(said) - len(kept) - 2 :], QUESTION]
        assert count_tokens_approximately(longer) + answer > window


def test_a_question_larger_than_the_window_is_sent_whole() -> None:
    """What the person asks is never cut, nor is the system prompt, whatever the window."""
    system, question = SystemMessage("s" * 4000), HumanMessage("q" * 4000)
    past: list[AnyMessage] = [HumanMessage("Who?"), AIMessage("Marie.")]
    assert fitted(system, [*past, question], 512, 64) == [system, question]


def test_the_tool_work_of_this_turn_is_kept() -> None:
    """Calls of this turn and their results stay together after the question, though the past goes."""
    past: list[AnyMessage] = [HumanMessage("Who?" * 200), AIMessage("Marie." * 200)]
    work: list[AnyMessage] = [QUESTION, call("a"), ToolMessage("found", tool_call_id="a")]
    assert fitted(SystemMessage("Be brief."), [*past, *work], 512, 64)[1:] == work


def test_a_conversation_comes_in_pieces() -> None:
    """The turns before, the question, and each round of this turn's tools: nothing is lost between them."""
    past: list[AnyMessage] = [
        HumanMessage("Who?"),
        AIMessage("Marie."),
        HumanMessage("When?"),
        AIMessage("May."),
    ]
    work: list[AnyMessage] = [call("a"), ToolMessage("x", tool_call_id="a"), call("b"), AIMessage("Hm.")]
    parts = parted([*past, QUESTION, *work])
    assert parts.turns == [past[:2], past[2:]]
    assert parts.question is QUESTION
    assert parts.rounds == [work[:2], work[2:3], work[3:]]
