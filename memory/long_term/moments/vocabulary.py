"""What a language gives to the reading of its dates: words, rules, and what stands before an expression."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from memory.long_term.folding import Folded
from memory.long_term.moments.times import Part, Times, Unit

Which = Literal["last", "this", "next"]
Relation = Literal["before", "until", "after", "since", "about"]
Side = Literal["before", "after", "of"]
Case = Literal["any", "small", "capital"]

FEW: Final = 0
"""The number that "a few" stands for in `Vocabulary.numbers`."""
YEAR: Final = r"(?P<year>1[0-9]{3}|20[0-9]{2})(?![0-9]|[.,:][0-9])"
"""A year, not the start of a longer number."""
YEARS: Final = rf"{YEAR}(?:[-/](?P<until>20[0-9]{{2}}|[0-9]{{2}}))?"
"""A year, or one and the next: "2022-23"."""
SEASON_YEAR: Final = rf"{YEAR}(?:[-/](?:20)?[0-9]{{2}})?"
"""The year of a season, or the two that a winter is in."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of a language, folded, and what each means."""

    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    seasons: Mapping[str, int]
    """The first of a season's three months, in the north."""
    feasts: Mapping[str, tuple[int, int, int]]
    """Month and day that a feast starts, and how many days it lasts."""
    units: Mapping[str, Unit]
    numbers: Mapping[str, int]
    ordinals: Mapping[str, int]
    """First is 1, last is -1."""
    which: Mapping[str, Which]
    days: Mapping[str, tuple[int, int, int]]
    """"Yesterday": how many days from today, and from which hour of that day to which."""
    parts: Mapping[str, Part]
    sides: Mapping[str, Side]
    """Also of the words that are a day and a side in one, as "eve"."""
    relations: Mapping[str, Relation]
    day_first: bool
    """03/05 is the third of May."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that is being read."""

    text: Folded
    now: datetime
    future: bool
    """Its words say that it is about what is to come."""
    words: Vocabulary


Reading = Callable[[re.Match[str], Asked], Times | None]
"""Makes the times of a match; None, or a `ValueError`, when it is no date after all."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to write a time."""

    reading: Reading
    pattern: re.Pattern[str]
    lead: re.Pattern[str] | None = None
    """What must stand before, unless the match holds a year or "last", "next"; None when nothing must."""
    never: re.Pattern[str] | None = None
    """What must not stand before."""
    case: Case = "any"
    """How the word of the last group must be written: as a name is, with a capital, or not."""
    only_led: bool = False
    """Words such as "before", "early" do not stand for the lead."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """How a language says times."""

    words: Vocabulary
    hint: re.Pattern[str]
    """Found in every text that any rule may match."""
    rules: tuple[Rule, ...]
    shape: re.Pattern[str]
    """What stands before and takes a part of a time, or one near it: "early", "the first week of"."""
    relation: re.Pattern[str]
    """What stands before and says how the time counts: "before", "since"."""
    opens: re.Pattern[str]
    """"Between", "from"."""
    joins: re.Pattern[str]
    """"And", "to", between the two ends."""
    lists: re.Pattern[str]
    """"And", "or", a comma, between times that share the word before the first."""
    counted: re.Pattern[str]
    """What stands after a number, as it was written, when it counts things and is no date."""
    future: re.Pattern[str]
    past: re.Pattern[str]


def rule(
    reading: Reading,
    pattern: str,
    *,
    lead: str = "",
    never: str = "",
    case: Case = "any",
    only_led: bool = False,
) -> Rule:
    """Make a rule of patterns; a space in them stands for any white space."""
    return Rule(
        reading,
        expression(pattern),
        standing_before(lead) if lead else None,
        standing_before(never) if never else None,
        case,
        only_led,
    )


def one_of(words: Iterable[str]) -> str:
    """Return the pattern of any of the words, longest first."""
    return "|".join(sorted(words, key=lambda word: (-len(word), word)))


def expression(pattern: str) -> re.Pattern[str]:
    """Compile the pattern of whole words; a space stands for any white space."""
    return re.compile(rf"(?<!\w)(?:{_spaced(pattern)})(?!\w)")


def standing_before(pattern: str) -> re.Pattern[str]:
    """Compile the pattern of what ends where a time begins."""
    return re.compile(rf"(?<!\w)(?:{_spaced(pattern)})\Z")


def standing_between(pattern: str) -> re.Pattern[str]:
    """Compile the pattern of all that stands between two times."""
    return re.compile(rf"(?:{_spaced(pattern)})\Z")


def hint(words: Iterable[str]) -> re.Pattern[str]:
    """Compile the pattern of any digit, or of any of the words."""
    return re.compile(rf"[0-9]|(?<!\w)(?:{_spaced(one_of(words))})(?!\w)")


def counted_things(nouns: str, no_nouns: str) -> re.Pattern[str]:
    """Compile the pattern, for a text as it was written, of what a number counts: a sign, a unit, a plural.

    `nouns` are patterns that count besides words in -s; `no_nouns` are words in -s that are no plural.
    """
    return re.compile(rf"\s*[%€$£]|\s(?:{nouns}|(?!(?:{no_nouns})\b)[a-zà-öø-ÿœ]{{2,}}s)(?!\w)")


def _spaced(pattern: str) -> str:
    return pattern.replace(" ", r"\s+")
