"""Finds what the rules of a language match, then reads the words before: "the first week of", "since"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from memory.long_term.folding import Folded
from memory.long_term.moments.times import (
    EARLIEST,
    LATEST,
    Period,
    Times,
    Unit,
    beside,
    calendar,
    fixed,
    part_of,
    widened,
    within,
)
from memory.long_term.moments.vocabulary import Asked, Case, Grammar, Relation, Rule, Side, Vocabulary, Which

_BEFORE: Final = 64
"""How many letters before an expression may belong to it."""


@dataclass(frozen=True, slots=True)
class Atom:
    """An expression of time, and where it stands in the folded text."""

    start: int
    end: int
    times: Times
    alone: bool = True
    """It means a time without any word before it."""
    only_led: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A period, and where the words that say it stand in the folded text."""

    start: int
    end: int
    period: Period


def find(text: Folded, grammar: Grammar, now: datetime) -> list[Found]:
    """Return the periods that the text speaks of, in the order of the text; `now` is naive."""
    if not grammar.hint.search(text.text):
        return []
    future = bool(grammar.future.search(text.text)) and not grammar.past.search(text.text)
    asked = Asked(text, now, future, grammar.words)
    atoms = _apart([_shaped(atom, asked, grammar) for atom in _apart(list(_atoms(asked, grammar)))])
    found: list[Found] = []
    rest = iter(range(len(atoms)))
    for number in rest:
        try:
            pair = _pair(atoms[number : number + 2], asked, grammar)
            one = pair or _single(_listed(atoms, number, asked, grammar), asked, grammar)
        except (ValueError, OverflowError):
            continue  # It never comes (30 February), or lies beyond any calendar.
        if pair:
            next(rest)
        if one and EARLIEST <= one.period[0] < one.period[1] <= LATEST:
            found.append(one)
    return found


def picked(times: Times, now: datetime, which: Which | None, future: bool = False) -> Period:
    """Return the period that is meant: the last that is over, the next, or, without such a word, the latest.

    "Friday", said on a Friday, is another Friday. Raises `ValueError` when there is none.
    """
    periods = times.near(now)
    if not periods:
        raise ValueError("a time that never comes")
    if which == "this":
        unit: Unit = "week" if times.weekly else "year"
        start, end = calendar(unit, now)
        periods = [period for period in periods if start <= period[0] < end] or periods
        return periods[0]
    if which == "next" or (future and times.weekly):
        return next((period for period in periods if period[0] > now), periods[-1])
    if future:
        return next((period for period in periods if period[1] > now), periods[-1])
    over = which == "last" or times.weekly
    return next(
        (period for period in reversed(periods) if (period[1] if over else period[0]) <= now), periods[0]
    )


def _atoms(asked: Asked, grammar: Grammar) -> Iterator[Atom]:
    for rule in grammar.rules:
        for match in rule.pattern.finditer(asked.text.text):
            atom = _atom(rule, match, asked, grammar)
            if atom:
                yield atom


def _atom(rule: Rule, match: re.Match[str], asked: Asked, grammar: Grammar) -> Atom | None:
    start, end = match.span()
    if rule.never and _before(rule.never, asked.text, start):
        return None
    if rule.case != "any" and rule.case != _case(asked.text, match):
        return None
    if match[0][-1].isdigit() and grammar.counted.match(
        asked.text.original, asked.text.bounds(start, end)[1]
    ):
        return None
    times = _read(rule, match, asked)
    if times is None:
        return None
    alone = rule.lead is None or _before(rule.lead, asked.text, start) is not None
    return Atom(start, end, times, alone, rule.only_led)


def _read(rule: Rule, match: re.Match[str], asked: Asked) -> Times | None:
    """Return the times of a match; None when it is no date, or so far away that there is none."""
    which = match.groupdict().get("which")
    try:
        times = rule.reading(match, asked)
        if times and which and len(times.near(asked.now)) > 1:
            return fixed(*picked(times, asked.now, asked.words.which[_single_spaced(which)]))
    except (ValueError, OverflowError):
        return None
    return times


def _apart(atoms: list[Atom]) -> list[Atom]:
    """Return the longest of those that share letters, in the order of the text."""
    kept: list[Atom] = []
    for atom in sorted(atoms, key=lambda atom: (atom.start - atom.end, not atom.alone)):
        if all(atom.end <= other.start or other.end <= atom.start for other in kept):
            kept.append(atom)
    return sorted(kept, key=lambda atom: atom.start)


def _shaped(atom: Atom, asked: Asked, grammar: Grammar) -> Atom:
    """Return the atom with what stands before it and takes a part of it or a time beside it."""
    if atom.only_led and not atom.alone:
        return atom
    for _ in range(2):
        match = _before(grammar.shape, asked.text, atom.start)
        if not match:
            break
        atom = replace(atom, start=match.start(), times=_reshaped(atom.times, match, asked.words), alone=True)
    return atom


def _reshaped(times: Times, match: re.Match[str], words: Vocabulary) -> Times:
    found = match.groupdict()
    if found["part"]:
        part = words.parts[_single_spaced(found["part"])]
        return times.mapped(lambda period: part_of(period, part))
    if found["ordinal"]:
        ordinal, unit = words.ordinals[found["ordinal"]], _unit(found["unit"], words)
        return times.mapped(lambda period: within(period, unit, ordinal))
    unit, side = _unit(found["beside"], words), _side(found, words)
    if side == "of":
        return (
            times.mapped(lambda period: calendar(unit, period[0])) if unit in ("week", "weekend") else times
        )
    count = found.get("count")
    number = int(count) if count and count.isdigit() else words.numbers.get(count or "", 1)
    sign = -1 if side == "before" else 1
    return times.mapped(lambda period: beside(period, unit, sign * max(1, number)))


def _listed(atoms: list[Atom], number: int, asked: Asked, grammar: Grammar) -> Atom:
    """Return the atom; in a list, the word before the first counts for each: "in 1954 and 1955"."""
    atom = atoms[number]
    if number and not atom.alone and not atom.only_led:
        before = atoms[number - 1]
        if before.alone and grammar.lists.match(asked.text.text, before.end, atom.start):
            atoms[number] = replace(atom, alone=True)
    return atoms[number]


def _pair(atoms: list[Atom], asked: Asked, grammar: Grammar) -> Found | None:
    """Return the time between two, when the words before and between them say so."""
    if len(atoms) < 2:
        return None
    first, second = atoms
    opened = _before(grammar.opens, asked.text, first.start)
    if not opened or not grammar.joins.match(asked.text.text, first.end, second.start):
        return None
    start = picked(first.times, asked.now, None, asked.future)
    ends = second.times.near(start[0])
    if len(ends) == 1 and len(first.times.near(ends[0][0])) > 1:  # "between March and May 2023"
        earlier = [one for one in first.times.near(ends[0][0]) if one[0] <= ends[0][0]]
        start = earlier[-1]
    end = next((one for one in ends if one[1] > start[0]), None)
    return Found(opened.start(), second.end, (start[0], end[1])) if end else None


def _single(atom: Atom, asked: Asked, grammar: Grammar) -> Found | None:
    match = _before(grammar.relation, asked.text, atom.start)
    relation = asked.words.relations[_single_spaced(match["relation"])] if match else None
    if not (atom.alone or (relation and relation != "about" and not atom.only_led)):
        return None
    period = picked(atom.times, asked.now, None, asked.future)
    if match and relation:
        return Found(match.start(), atom.end, _related(period, relation, asked.now))
    return Found(atom.start, atom.end, period)


def _related(period: Period, relation: Relation, now: datetime) -> Period:
    if relation == "before":
        return EARLIEST, period[0]
    if relation == "until":
        return EARLIEST, period[1]
    if relation == "after":
        return period[1], LATEST
    if relation == "since":
        tomorrow = calendar("day", now)[1]
        return period[0], (tomorrow if tomorrow > period[0] else LATEST)
    return widened(period)


def _before(pattern: re.Pattern[str], text: Folded, start: int) -> re.Match[str] | None:
    return pattern.search(text.text, max(0, start - _BEFORE), start)


def _case(text: Folded, match: re.Match[str]) -> Case:
    return "capital" if text.written(*match.span(match.lastindex or 0))[:1].isupper() else "small"


def _unit(word: str, words: Vocabulary) -> Unit | int:
    return words.weekdays[word] if word in words.weekdays else words.units[word]


def _side(found: dict[str, str | None], words: Vocabulary) -> Side:
    own = words.sides.get(found["beside"] or "")
    return own or words.sides[_single_spaced(found["side"] or "")]


def _single_spaced(words: str) -> str:
    return " ".join(words.split())
