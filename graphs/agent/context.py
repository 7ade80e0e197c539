"""The context budget: what is sent to a model fits its window, by the model's own counts.

What has no room leaves in this order: the oldest turns, of which the running summary keeps what the person
stated; what stands around passages; the passages that are least sure; the ends of this turn's tool results,
the oldest first; then the summary, and the oldest tool work whole. The instructions and the question stay.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from typing import Protocol

from langchain_core.messages import AnyMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import BaseTool

from graphs.agent import history, prompts, summary
from memory.long_term.passages import Passage

SUMMARY_SHARE = 16
"""The running summary gets at most this part of the window: one sixteenth."""
ANSWER_SHARE = 4
DOUBT_SHARE = 32
"""One thirty-second of the window stays free, because counts are expected ones."""


class Counts(Protocol):
    """What each model makes of text."""

    def expected(
        self, component: str, messages: Sequence[BaseMessage], tools: Sequence[BaseTool] = ()
    ) -> int:
        """Return how many tokens a model is expected to read for this prompt."""
        ...


@dataclass(frozen=True, slots=True)
class Talk:
    """What there is to tell a model, besides the passages."""

    messages: Sequence[AnyMessage]
    """The conversation with the question of this turn and its tool work."""
    lang: str
    today: date
    summary: str = ""
    """What the person stated in turns that left the conversation before."""
    said_on: Mapping[str, str] = field(default_factory=dict)
    """The days of the turns, by id: `summary.said_on`."""


@dataclass(frozen=True, slots=True)
class Room:
    """What a model has room for, and how it counts."""

    component: str
    window: int
    answer_tokens: int
    counts: Counts
    tools: Sequence[BaseTool] = ()

    @property
    def tokens(self) -> int:
        """What the prompt may take: the window, less the answer's room (at most a quarter of it) and a doubt.

        What a prompt takes is expected, not known, until the model has counted it.
        """
        doubt = self.window // DOUBT_SHARE
        return self.window - min(self.answer_tokens, self.window // ANSWER_SHARE) - doubt

    def of(self, messages: Sequence[BaseMessage]) -> int:
        """Return what messages take by themselves, without the tools."""
        return self.counts.expected(self.component, messages)

    def whole(self, messages: Sequence[BaseMessage]) -> int:
        """Return what a prompt takes, with the tools that are offered."""
        return self.counts.expected(self.component, messages, self.tools)


@dataclass(frozen=True, slots=True)
class Composed:
    """The messages to send, and what they are without."""

    messages: list[BaseMessage]
    tokens: int
    """What the prompt is expected to take, tools included."""
    summary: str
    """The running summary that is in it, one statement a line; "" when there is none."""
    too_long: bool
    """The instructions and the question alone have no room: they are sent whole all the same."""
    left_out: int = 0
    """Passages that a model with a larger window would have been shown."""
    turns_left: int = 0
    around_left: int = 0
    results_cut: int = 0
    rounds_left: int = 0
    """Rounds of tool calls of this turn that went with their results."""


def composed(talk: Talk, passages: Sequence[Passage], room: Room) -> Composed:
    """Return the prompt that fits; a passage keeps its number, whichever others are left out."""
    draft = _Draft(talk, passages, room)
    cuts = draft.cuts()
    while not draft.fits() and draft.lightened(cuts):
        pass
    return draft.finished()


class _Draft:
    """A prompt in pieces. `over` is what it takes too much, kept up to date as pieces leave."""

    def __init__(self, talk: Talk, passages: Sequence[Passage], room: Room) -> None:
        self._talk, self._room = talk, room
        self._empty = room.of([SystemMessage("")])
        parts = history.parted(talk.messages)
        self._turns, self._question, self._rounds = parts.turns, parts.question, parts.rounds
        self._before, self._all_rounds = len(parts.turns), len(parts.rounds)
        self._instructions = prompts.instructions(talk.lang, talk.today)
        shown = "\n".join(str(result.text) for result in parts.results)
        blocks = {number: prompts.block(passage, number) for number, passage in enumerate(passages, 1)}
        # What a tool's result shows is not repeated: so the beginning of the prompt stays as it was
        # through the rounds of a turn, and the model need not read it again.
        self._blocks = {number: text for number, text in blocks.items() if text not in shown}
        self._around = {
            number: text
            for number, passage in enumerate(passages[: prompts.IN_PLACE], 1)
            if number in self._blocks and (text := prompts.around(passage))
        }
        self._leaving = sorted(self._blocks, key=lambda number: (passages[number - 1].score, -number))
        self._note = "" if passages else prompts.no_passages(talk.lang)
        self._summary = self._capped(talk.summary)
        self._passages_left = self._around_left = 0
        self._cut: set[int] = set()
        self._made: list[BaseMessage] = []
        self.over = self._tokens = 0

    def fits(self) -> bool:
        """Count the prompt as it is now, whole, and tell whether there is room for it."""
        self._made = self._messages()
        self._tokens = self._room.whole(self._made)
        self.over = self._tokens - self._room.tokens
        return self.over <= 0

    def lightened(self, cuts: Iterator[None]) -> bool:
        """Make cuts until they should do, counted by pieces; False when none was left to make."""
        made = False
        for _ in cuts:
            made = True
            if self.over <= 0:
                break
        return made

    def finished(self) -> Composed:
        """Return the prompt as it was counted last."""
        return Composed(
            self._made,
            tokens=self._tokens,
            summary=self._summary,
            too_long=self.over > 0,
            left_out=self._passages_left,
            turns_left=self._before - len(self._turns),
            around_left=self._around_left,
            results_cut=len(self._cut),
            rounds_left=self._all_rounds - len(self._rounds),
        )

    def cuts(self) -> Iterator[None]:
        """Yield after each piece that leaves, in the order in which they do."""
        return chain(
            self._turns_leave(),
            self._around_leaves(),
            self._passages_leave(),
            self._results_shrink(),
            self._rest_leaves(),
        )

    def _messages(self) -> list[BaseMessage]:
        blocks = [text + self._around.get(number, "") for number, text in self._blocks.items()]
        earlier = prompts.earlier(self._summary, self._talk.lang)
        system = [self._instructions, earlier, "\n".join(blocks) or self._note]
        said = [*chain.from_iterable(self._turns), self._question, *chain.from_iterable(self._rounds)]
        return [SystemMessage("\n\n".join(filter(None, system))), *said]

    def _turns_leave(self) -> Iterator[None]:
        while self._turns:
            left: list[list[AnyMessage]] = []
            while self._turns and self.over > 0:
                left.append(self._turns.pop(0))
                self.over -= self._room.of(left[-1])
            self._keep_stated(left)
            yield

    def _keep_stated(self, turns: Sequence[Sequence[AnyMessage]]) -> None:
        days = self._talk.said_on
        asked = [message for turn in turns for message in turn if isinstance(message, HumanMessage)]
        said = [(days.get(str(message.id), ""), str(message.text)) for message in asked]
        before, self._summary = self._summary, self._capped(summary.with_said(self._summary, said))
        self.over += self._text(self._earlier(self._summary)) - self._text(self._earlier(before))

    def _around_leaves(self) -> Iterator[None]:
        for number in [number for number in self._leaving if number in self._around]:
            self.over -= self._text(self._around.pop(number))
            self._around_left += 1
            yield

    def _passages_leave(self) -> Iterator[None]:
        for number in self._leaving:
            self.over -= self._text(self._blocks.pop(number))
            self._passages_left += 1
            if not self._blocks:
                self._note = prompts.no_room(self._talk.lang)
            yield

    def _results_shrink(self) -> Iterator[None]:
        for messages in self._rounds:
            for at, result in enumerate(messages):
                if isinstance(result, ToolMessage):
                    yield from self._shrink(messages, at, result)

    def _shrink(self, messages: list[AnyMessage], at: int, result: ToolMessage) -> Iterator[None]:
        def fits(one: ToolMessage) -> bool:
            return self.over + self._room.of([one]) <= self._room.of([messages[at]])

        for shorter in history.shorter(result, fits):
            self.over += self._room.of([shorter]) - self._room.of([messages[at]])
            messages[at] = shorter
            self._cut.add(id(result))
            yield

    def _rest_leaves(self) -> Iterator[None]:
        """The summary, the tool work and the word on passages go last; instructions and question are left."""
        self.over -= self._text(self._earlier(self._summary))
        self._summary = ""
        yield
        while self._rounds:
            self.over -= self._room.of(self._rounds.pop(0))
            yield
        self.over -= self._text(self._note)
        self._note = ""
        yield

    def _capped(self, text: str) -> str:
        """Return the summary cut to its share of the window, by what its letters take on the whole."""
        takes, most = self._text(self._earlier(text)), self._room.window // SUMMARY_SHARE
        if takes <= most:
            return text
        letters = self._text(text)
        return summary.within(text, max(most - (takes - letters), 0) * len(text) // max(letters, 1))

    def _earlier(self, lines: str) -> str:
        return prompts.earlier(lines, self._talk.lang)

    def _text(self, text: str) -> int:
        """Return what a piece of the system prompt takes."""
        return self._room.of([SystemMessage(text)]) - self._empty if text else 0
