"""The running conversation: repaired before a turn, rebuilt from the archive, fitted to the window."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

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

from graphs.agent import prompts
from memory.archive.entities import Turn

KEPT_TURNS = 20
"""Turns of a thread kept in the running conversation; older ones are found by recall."""
SHORTEST_RESULT = 200
"""Characters of a tool's result that stay of a longer one, however little room there is."""


@dataclass(frozen=True, slots=True)
class Parted:
    """A conversation in the pieces that are left out whole where a window has no room for them."""

    turns: list[list[AnyMessage]]
    """What was said before: in each the question and its answer, the oldest first."""
    question: AnyMessage
    rounds: list[list[AnyMessage]]
    """The tool work of this turn: in each the calls of one message with their results."""

    @property
    def results(self) -> list[ToolMessage]:
        """What the tools of this turn gave."""
        return [one for messages in self.rounds for one in messages if isinstance(one, ToolMessage)]


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


def parted(messages: Sequence[AnyMessage]) -> Parted:
    """Return the conversation in pieces: the turns before, the question of this turn, its tool work."""
    latest = _latest_question(messages)
    turns = _groups(messages[:latest], HumanMessage)
    return Parted(turns, messages[latest], _groups(messages[latest + 1 :], AIMessage))


def shorter(result: ToolMessage, fits: Callable[[ToolMessage], bool]) -> Iterator[ToolMessage]:
    """Yield the result cut to as much of it as fits, and shorter each time it is asked for more."""
    text = str(result.text)
    length = len(text) if len(text) > 2 * SHORTEST_RESULT else 0

    def cut(length: int) -> ToolMessage:
        return result.model_copy(update={"content": prompts.cut_result(text, length)})

    while length > SHORTEST_RESULT:
        lengths = range(SHORTEST_RESULT, length * 7 // 8)
        fitting = bisect_left(lengths, True, key=lambda length: not fits(cut(length)))
        length = SHORTEST_RESULT + max(fitting - 1, 0)
        yield cut(length)


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


def _groups(messages: Sequence[AnyMessage], first: type[BaseMessage]) -> list[list[AnyMessage]]:
    """Return the messages in groups, each beginning with one of the type `first`."""
    groups: list[list[AnyMessage]] = []
    for message in messages:
        if not groups or isinstance(message, first):
            groups.append([])
        groups[-1].append(message)
    return groups


def _is_answer(message: AnyMessage) -> bool:
    if isinstance(message, ToolMessage):
        return False
    return isinstance(message, AIMessage) and not message.tool_calls and bool(message.content)
