"""What a question mentions beside its subject: who said it, and when.

They weigh, they do not narrow: a person's memory of who said what, and when, is not always right.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from memory.archive.entities import Chunk, Document, Turn
from memory.long_term.entries import Question
from memory.long_term.fusion import Signals
from memory.long_term.moments import Span, spans
from memory.long_term.passages import speaker
from memory.long_term.reading import Found
from memory.long_term.speakers import named_speaker


@dataclass(frozen=True, slots=True)
class Mentions:
    """The one speaker whom the question names, and the times that it speaks of."""

    speaker: str | None
    times: tuple[Span, ...]
    now: datetime

    def in_chunk(self, signals: Signals, chunk: Chunk, document: Document) -> Signals:
        """Add who said the passage, and whether its document is of a time that was mentioned."""
        named = self.speaker is not None and speaker(chunk, document) == self.speaker
        dates = _dated(document.title, document.lang, document.created_at) if self.times else ()
        in_time = any(time.start < one.end and one.start < time.end for time in self.times for one in dates)
        return replace(signals, said_by_named=named, in_time=in_time) if named or in_time else signals

    def in_turn(self, signals: Signals, turn: Turn) -> Signals:
        """Add how old the turn is, and whether it was said in a time that was mentioned."""
        in_time = any(time.start <= turn.started_at < time.end for time in self.times)
        return replace(signals, in_time=in_time, age=self.now - turn.started_at)


def mentions(question: Question, found: Found, now: datetime) -> Mentions:
    """Read them from a question; the speakers are those of the passages found."""
    speakers = {speaker(*pair) for pair in found.chunks.values()} - {""}
    named = named_speaker(question.text, sorted(speakers)) if speakers else None
    return Mentions(named, spans(question.text, question.lang, now), now)


@lru_cache(maxsize=4096)
def _dated(title: str, lang: str, kept: datetime) -> tuple[Span, ...]:
    """Return the dates in a title. Without a figure there is none, only words such as "monday"."""
    return spans(title, lang, kept) if any(map(str.isdigit, title)) else ()
