"""Moments: which spans of time a question speaks of, in English and in French.

Rules of our own: dateparser 1.5, tried on 856 questions, gives a moment where a span is meant ("May 2023"
is the 15th), finds no season, no "between" and no « la semaine dernière » within a question, and takes "we"
and « à 1500 euros » for dates.
"""

from dataclasses import dataclass
from datetime import datetime

from memory.long_term.folding import folded
from memory.long_term.moments.english import ENGLISH
from memory.long_term.moments.french import FRENCH
from memory.long_term.moments.scan import find


@dataclass(frozen=True, slots=True)
class Span:
    """A span of time, from `start` up to `end`, which is not part of it; in the time zone of who asks.

    Its length says how precise it is. "Before" and "after" reach to the years 1000 and 3000.
    """

    start: datetime
    end: datetime
    text: str
    """The words that say it, as they stand in the question."""


def spans(question: str, lang: str, now: datetime) -> tuple[Span, ...]:
    """Return the spans that a question speaks of, in its order; `now`, aware, is when it is asked.

    `lang` is its ISO 639-1 code: French is read as French, anything else as English.
    """
    text = folded(question)
    grammar = FRENCH if lang == "fr" else ENGLISH
    return tuple(
        Span(
            found.period[0].replace(tzinfo=now.tzinfo),
            found.period[1].replace(tzinfo=now.tzinfo),
            text.written(found.start, found.end),
        )
        for found in find(text, grammar, now.replace(tzinfo=None))
    )
