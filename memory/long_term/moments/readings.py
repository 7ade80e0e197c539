"""What the words that a rule matched mean. The names of its groups are the same in every language."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from memory.long_term.moments.times import (
    Period,
    Times,
    calendar,
    elapsed,
    fixed,
    midnight,
    shifted,
    weekly,
    yearly,
)
from memory.long_term.moments.vocabulary import FEW, Asked

_A_FEW: Final = (2, 6)
_DAY: Final = timedelta(days=1)


def a_date(match: re.Match[str], asked: Asked) -> Times | None:
    """Read `day` (and `until`, its last day), `month`, `year`: "3 May 2024", "May 3 to 5"."""
    found = match.groupdict()
    month = asked.words.months[found["month"]]
    first = int(found["day"]) if found["day"].isdigit() else asked.words.ordinals[found["day"]]
    last = int(found.get("until") or first)

    def in_year(year: int) -> Period:
        return datetime(year, month, first), datetime(year, month, last) + _DAY

    if not 1 <= first <= last <= 31:
        return None
    return _in(found.get("year"), in_year)


def a_month(match: re.Match[str], asked: Asked) -> Times:
    """Read `month`, `year`: "May 2023"."""
    return _months(asked.words.months[match["month"]], 1, match.groupdict().get("year"))


def a_season(match: re.Match[str], asked: Asked) -> Times:
    """Read `season`, `year`: the winter of a year is the one that starts in it."""
    return _months(asked.words.seasons[match["season"]], 3, match.groupdict().get("year"))


def a_quarter(match: re.Match[str], asked: Asked) -> Times:
    """Read `number` or `ordinal`, and `year`, of a quarter, or of a half where there is `half`: "Q3 2023"."""
    found = match.groupdict()
    number = int(found.get("number") or asked.words.ordinals[found["ordinal"]])
    length = 6 if found.get("half") else 3
    return _months((number - 1) % (12 // length) * length + 1, length, found.get("year"))


def a_feast(match: re.Match[str], asked: Asked) -> Times:
    """Read `feast`, `year`: "Christmas 2022"."""
    month, day, days = asked.words.feasts[match["feast"]]

    def in_year(year: int) -> Period:
        return datetime(year, month, day), datetime(year, month, day) + days * _DAY

    return _in(match.groupdict().get("year"), in_year)


def a_weekday(match: re.Match[str], asked: Asked) -> Times:
    """Read `weekday`: "Friday"."""
    return weekly(asked.words.weekdays[match["weekday"]])


def a_year(match: re.Match[str], _: Asked) -> Times | None:
    """Read `year`, and `until` when it is the next: "2022", "2022-23"."""
    year, until = int(match["year"]), match.groupdict().get("until")
    if until and int(until) not in (year + 1, (year + 1) % 100):
        return None
    return fixed(datetime(year, 1, 1), datetime(year + (2 if until else 1), 1, 1))


def a_decade(match: re.Match[str], _: Asked) -> Times:
    """Read `decade`: "1990", or "90" of the last century."""
    year = int(match["decade"])
    return fixed(*calendar("decade", datetime(year if year > 99 else 1900 + year, 1, 1)))


def digits(match: re.Match[str], _: Asked) -> Times:
    """Read `y`, `m` and `d` (or no day): "2024-05-03"."""
    moment = datetime(int(match["y"]), int(match["m"]), int(match["d"] or 1))
    return fixed(*calendar("day" if match["d"] else "month", moment))


def slashes(match: re.Match[str], asked: Asked) -> Times:
    """Read `one`, `two` and `y`: day or month first as the language has it, unless that is no date."""
    one, two, year = int(match["one"]), int(match["two"]), int(match["y"])
    day, month = (one, two) if asked.words.day_first else (two, one)
    if month > 12:
        day, month = month, day
    return fixed(*calendar("day", datetime(year if year > 99 else 2000 + year, month, day)))


def a_calendar_unit(match: re.Match[str], asked: Asked) -> Times:
    """Read `which` and `unit`: "last week"; with `rolling`, the week until today: "the past week"."""
    unit, which = asked.words.units[match["unit"]], asked.words.which[match["which"]]
    if match.groupdict().get("rolling") and which == "last":
        return fixed(shifted(unit, midnight(asked.now), -1), calendar("day", asked.now)[1])
    return fixed(*calendar(unit, asked.now, {"last": -1, "this": 0, "next": 1}[which]))


def before_last(match: re.Match[str], asked: Asked) -> Times:
    """Read `unit`: "the week before last"."""
    return fixed(*calendar(asked.words.units[match["unit"]], asked.now, -2))


def running(match: re.Match[str], asked: Asked) -> Times:
    """Read `count` (a few without), `unit`, `which` (last without): "the last two weeks", until today."""
    found = match.groupdict()
    unit, which = asked.words.units[found["unit"]], asked.words.which.get(found.get("which") or "", "last")
    most = _count(found.get("count"), asked)[1]
    today, tomorrow = calendar("day", asked.now)
    if which == "next":
        return fixed(today, shifted(unit, tomorrow, most))
    return fixed(shifted(unit, today, -most), tomorrow)


def ago(match: re.Match[str], asked: Asked) -> Times:
    """Read `count` and `unit`: "two weeks ago"."""
    return _away(match, asked, -1)


def ahead(match: re.Match[str], asked: Asked) -> Times:
    """Read `count` and `unit`: "two weeks from now"."""
    return _away(match, asked, 1)


def ahead_if_future(match: re.Match[str], asked: Asked) -> Times | None:
    """Read `count` and `unit` where the question is about what is to come: otherwise it says how long."""
    return _away(match, asked, 1) if asked.future else None


def a_named_day(match: re.Match[str], asked: Asked) -> Times:
    """Read `named`: "yesterday evening"."""
    days, first, last = asked.words.days[" ".join(match["named"].split())]
    day = calendar("day", asked.now, days)[0]
    return fixed(day + timedelta(hours=first), day + timedelta(hours=last))


def _away(match: re.Match[str], asked: Asked, sign: int) -> Times:
    unit = asked.words.units[match["unit"]]
    ends = [elapsed(unit, asked.now, sign * count) for count in _count(match["count"], asked)]
    return fixed(min(ends)[0], max(ends)[1])


def _count(written: str | None, asked: Asked) -> tuple[int, int]:
    """Return the least and the most that a number of units is."""
    if written and written.isdigit():
        return int(written), int(written)
    number = asked.words.numbers[" ".join(written.split())] if written else FEW
    return _A_FEW if number == FEW else (number, number)


def _months(first: int, length: int, year: str | None) -> Times:
    def in_year(of: int) -> Period:
        end = of * 12 + first - 1 + length
        return datetime(of, first, 1), datetime(end // 12, end % 12 + 1, 1)

    return _in(year, in_year)


def _in(year: str | None, in_year: Callable[[int], Period]) -> Times:
    return fixed(*in_year(int(year))) if year else yearly(in_year)
