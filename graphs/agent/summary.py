"""The running summary: what the person stated in turns that left the conversation, in their own words.

One line for each statement, with its day, the newest last. No model writes it, and nothing in it is
paraphrased: it can be made anew from the archive at any time, and then holds nothing that was forgotten.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from memory.archive.entities import Turn
from memory.long_term.sentences import is_statement, is_telling, sentences

LAST_TURNS = 200
"""Turns of a thread, the newest, that a summary is made anew from."""
CHARS = 4000
"""Length of the summary as it is kept; each model is shown what its own window has room for."""
LINE_CHARS = 200
_LINES_OF_A_TURN = 4
_READ_CHARS = 2000
"""How far a message is read: what is pasted into one is found by recall."""
_WORDS = 3
"""Fewer say nothing without the question that they answer: "Yes, please."."""
_DAY = re.compile(r"^\d{4}-\d\d-\d\d: ")

Said = tuple[str, str]
"""A day (ISO 8601, or "" when it is not known), and what the person said on it."""


def with_turns(summary: str, turns: Sequence[Turn]) -> str:
    """Return the summary with what the person stated in these turns, the oldest first.

    What it has already is not added again, so that a turn may be given twice.
    """
    days = said_on(turns)
    said = [(days[turn.id], turn.question) for turn in turns]
    return within(with_said(summary, said), CHARS)


def said_on(turns: Sequence[Turn]) -> dict[str, str]:
    """Return the day of each turn by its id, for turns that leave when a window has no room for them."""
    return {turn.id: turn.started_at.date().isoformat() for turn in turns}


def with_said(summary: str, said: Iterable[Said]) -> str:
    """Return the summary with what was stated, the newest last; what is said again counts as new.

    However long it gets: `within` cuts it to size.
    """
    lines = {_DAY.sub("", line): line for line in summary.split("\n") if line}
    for day, text in said:
        for statement in stated(text):
            lines.pop(statement, None)
            lines[statement] = f"{day}: {statement}" if day else statement
    return "\n".join(lines.values())


def within(summary: str, chars: int) -> str:
    """Return the summary with as many lines as have room in so many characters.

    What does not plainly tell something goes first, then the rest, the oldest before the newest.
    """
    lines, over = summary.split("\n"), len(summary) - chars
    gone: set[int] = set()
    for at in _leaving(lines) if over > 0 else ():
        gone.add(at)
        over -= len(lines[at]) + 1
        if over <= 0:
            break
    return "\n".join(line for at, line in enumerate(lines) if at not in gone)


def _leaving(lines: Sequence[str]) -> Iterator[int]:
    """Yield the places of the lines in the order in which they go."""
    telling = []
    for at, line in enumerate(lines):
        if is_telling(_DAY.sub("", line)):
            telling.append(at)
        else:
            yield at
    yield from telling


def stated(text: str) -> list[str]:
    """Return what a message states, each on one line: no questions, no requests, at most four lines."""
    found = sentences(text[:_READ_CHARS])
    if len(text) > _READ_CHARS:
        del found[-1:]  # it is cut
    said = [sentence for sentence in found if _is_worth_a_line(sentence)]
    best = sorted(range(len(said)), key=lambda at: (not is_telling(said[at]), at))[:_LINES_OF_A_TURN]
    return [_line(said[at]) for at in sorted(best)]


def _is_worth_a_line(sentence: str) -> bool:
    return len(re.findall(r"\w+", sentence)) >= _WORDS and is_statement(sentence)


def _line(sentence: str) -> str:
    line = " ".join(sentence.split())
    return line if len(line) <= LINE_CHARS else f"{line[:LINE_CHARS].rsplit(' ', 1)[0]} …"
