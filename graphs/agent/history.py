"""The running conversation: repaired before a turn, rebuilt from the archive, fitted to the window."""

from collections.abc import Sequence

from langchain_core.messages import (
    AIMessage,
    AnyMessage,
    BaseMessage,
    HumanMessage,
    RemoveMessage,
    ToolMessage,
    trim_messages,
)
from langchain_core.messages.utils import count_tokens_approximately
from langgraph.graph.message import REMOVE_ALL_MESSAGES

from memory.archive.entities import Turn

KEPT_TURNS = 20
"""Turns of a thread kept in the running conversation; older ones are found by recall."""


def repaired(messages: Sequence[AnyMessage]) -> list[AnyMessage]:
    """Return the conversation without what an interrupted turn left behind.

    A question without its answer, a tool call without its result and a result without its call go;
    the last message, the question of this turn, stays.
    """
    *past, question = messages
    kept: list[AnyMessage] = []
    for message in past:
        if isinstance(message, HumanMessage):
            if kept and isinstance(kept[-1], HumanMessage):
                kept.pop()
            kept.append(message)
        elif _is_answer(message) and kept and isinstance(kept[-1], HumanMessage):
            kept.append(message)
    if kept and isinstance(kept[-1], HumanMessage):
        kept.pop()
    return [*kept[-2 * KEPT_TURNS :], question]


def holds(messages: Sequence[AnyMessage], turns: Sequence[Turn]) -> bool:
    """Tell whether what was said before the last message is these turns, no more and no fewer."""
    asked = [message.id for message in messages[:-1] if isinstance(message, HumanMessage)]
    return asked == [turn.id for turn in turns]


def rebuilt(turns: Sequence[Turn], question: AnyMessage) -> list[AnyMessage]:
    """Return the conversation as the archive has it, with the question of this turn."""
    messages: list[AnyMessage] = []
    for turn in turns:
        messages.append(HumanMessage(turn.question, id=turn.id))
        messages.append(AIMessage(turn.answer, id=f"{turn.id}-answer"))
    return [*messages, question]


def replacing(messages: Sequence[AnyMessage]) -> list[BaseMessage]:
    """Return the update that makes these messages the whole conversation."""
    return [RemoveMessage(id=REMOVE_ALL_MESSAGES), *messages]


def fitted(
    system: BaseMessage, messages: Sequence[AnyMessage], window: int, answer: int
) -> list[BaseMessage]:
    """Return system prompt and conversation within `window` tokens, the oldest turns left out.

    `answer` tokens stay free. The system prompt and the last question are never cut.
    """
    room = max(window - answer - count_tokens_approximately([system]), 0)
    latest = _latest_question(messages)
    kept = trim_messages(
        list(messages[:latest]),
        max_tokens=max(room - count_tokens_approximately(messages[latest:]), 0),
        token_counter=count_tokens_approximately,
        strategy="last",
        start_on="human",
    )
    return [system, *kept, *messages[latest:]]


def without_tool_work(messages: Sequence[AnyMessage], turn: Turn) -> list[AnyMessage]:
    """Return the conversation with this turn as a question and an answer, nothing else."""
    answer = AIMessage(turn.answer, id=f"{turn.id}-answer")
    return [*messages[: _latest_question(messages) + 1], answer]


def _latest_question(messages: Sequence[AnyMessage]) -> int:
    return max(at for at, message in enumerate(messages) if isinstance(message, HumanMessage))


def _is_answer(message: AnyMessage) -> bool:
    if isinstance(message, ToolMessage):
        return False
    return isinstance(message, AIMessage) and not message.tool_calls and bool(message.content)
