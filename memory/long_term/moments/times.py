"""Calendar arithmetic: periods, and expressions that come round again each year or each week.

Everything here is naive, in the clock of whoever asks. Weeks start on Monday.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

Period = tuple[datetime, datetime]
"""Start and end; the end is not part of it."""
Unit = Literal["minute", "hour", "day", "week", "weekend", "month", "quarter", "half", "year", "decade"]
Part = Literal["early", "middle", "late"]

EARLIEST: Final = datetime(1000, 1, 1)
LATEST: Final = datetime(3000, 1, 1)
"""What is said to be before or after something goes on to here; no date outside is understood."""

_DAY: Final = timedelta(days=1)
_MONTHS: Final[dict[Unit, int]] = {"month": 1, "quarter": 3, "half": 6, "year": 12, "decade": 120}
_HALF_DAYS: Final[dict[Unit, int]] = {
    "week": 3,
    "weekend": 3,
    "month": 15,
    "quarter": 45,
    "half": 91,
    "year": 182,
}
_CLOCK: Final[dict[Unit, timedelta]] = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1)}
_YEARS_AROUND: Final = 8
"""As far as 29 February may be from any year."""


@dataclass(frozen=True, slots=True)
class Times:
    """The periods that an expression may mean: one, or one in each year or week."""

    near: Callable[[datetime], list[Period]]
    """Those around a moment, in order; at least one."""
    weekly: bool = False

    def mapped(self, change: Callable[[Period], Period | None]) -> "Times":
        """Return the same with each period changed; those that `change` refuses are left out."""
        return Times(
            lambda moment: [new for old in self.near(moment) if (new := change(old)) is not None], self.weekly
        )


def fixed(start: datetime, end: datetime) -> Times:
    """Return an expression that means one period."""
    return Times(lambda _: [(start, end)])


def yearly(in_year: Callable[[int], Period]) -> Times:
    """Return an expression that means a period in every year, given by `in_year`.

    A `ValueError` of `in_year` says that this year has none.
    """

    def near(moment: datetime) -> list[Period]:
        found: list[Period] = []
        for year in range(moment.year - _YEARS_AROUND, moment.year + _YEARS_AROUND + 1):
            try:
                found.append(in_year(year))
            except ValueError:
                continue
        return found

    return Times(near)


def weekly(weekday: int, days: int = 1) -> Times:
    """Return an expression that means the `days` from one weekday (Monday is 0) on, in every week."""

    def near(moment: datetime) -> list[Period]:
        first = midnight(moment) - timedelta(days=moment.weekday() - weekday)
        return [
            (start, start + days * _DAY) for week in range(-2, 3) for start in [first + timedelta(weeks=week)]
        ]

    return Times(near, weekly=True)


def midnight(moment: datetime) -> datetime:
    """Return the start of the day."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def calendar(unit: Unit, moment: datetime, offset: int = 0) -> Period:
    """Return the calendar unit that holds `moment`, or the one `offset` units from it."""
    if unit in _CLOCK:
        start = moment.replace(second=0, microsecond=0) + offset * _CLOCK[unit]
        return start, start + _CLOCK[unit]
    if unit in _MONTHS:
        size = _MONTHS[unit]
        first = (_month_number(moment) // size + offset) * size
        return _month(first), _month(first + size)
    today = midnight(moment)
    if unit == "day":
        return today + offset * _DAY, today + (offset + 1) * _DAY
    monday = today - today.weekday() * _DAY + timedelta(weeks=offset)
    return (monday if unit == "week" else monday + 5 * _DAY), monday + 7 * _DAY


def shifted(unit: Unit, moment: datetime, count: int) -> datetime:
    """Return the moment `count` units later; the last day of the month where the month is too short."""
    if unit in _CLOCK:
        return moment + count * _CLOCK[unit]
    if unit in _MONTHS:
        first = _month(_month_number(moment) + count * _MONTHS[unit])
        _, end = calendar("month", first)
        return min(first + (moment - calendar("month", moment)[0]), end - _DAY)
    return moment + timedelta(days=count if unit == "day" else 7 * count)


def elapsed(unit: Unit, moment: datetime, count: int) -> Period:
    """Return one unit of time, its middle `count` units from `moment`: nobody counts more exactly."""
    if unit in _CLOCK:
        middle, half = shifted(unit, moment, count), _CLOCK[unit] / 2
        return middle - half, middle + half
    day = midnight(shifted(unit, moment, count))
    half_days = _HALF_DAYS.get(unit, 0) * _DAY
    return day - half_days, day + half_days + _DAY


def part_of(period: Period, part: Part) -> Period:
    """Return the first, the middle or the last third of a period, in whole days."""
    start, end = period
    days = (end - start).days
    third = max(1, round(days / 3))
    first = {"early": 0, "middle": (days - third) // 2, "late": days - third}[part]
    return start + first * _DAY, start + (first + third) * _DAY


def within(period: Period, unit: Unit | int, ordinal: int) -> Period | None:
    """Return the first (1), second (2), last (-1)… unit or weekday of a period, if it has one.

    Monday is 0. Weeks are counted from the first day: "the first week of June" starts on the 1st.
    """
    start, end = period
    if unit == "half":
        middle = midnight(start + (end - start) / 2)
        if (end - start).days > 180:
            middle = calendar("month", middle + 15 * _DAY)[0]
        halves = [(start, middle), (middle, end)]
        return halves[ordinal - 1 if ordinal > 0 else ordinal] if -2 <= ordinal <= 2 else None
    if unit == "week":
        found = (
            (end - 7 * _DAY, end)
            if ordinal < 0
            else (start + 7 * (ordinal - 1) * _DAY, start + 7 * ordinal * _DAY)
        )
        return (found[0], min(found[1], end)) if start <= found[0] < end else None
    if isinstance(unit, int) or unit == "weekend":
        return _weekday_within(period, 5 if isinstance(unit, str) else unit, ordinal, isinstance(unit, str))
    edge = calendar(unit, start, ordinal - 1) if ordinal > 0 else calendar(unit, end - _DAY, ordinal + 1)
    return edge if start <= edge[0] and edge[1] <= end else None


def beside(period: Period, unit: Unit | int, count: int) -> Period:
    """Return the unit, or the weekday, that comes `count` before (negative) or after the period.

    One week before a day is the seven days that end there; two weeks before is the week around that day.
    """
    start, end = period
    edge = start if count < 0 else end - _DAY
    if isinstance(unit, int) or unit == "weekend":
        near = (weekly(5, 2) if isinstance(unit, str) else weekly(unit)).near(edge)
        found = [one for one in near if (one[1] <= start if count < 0 else one[0] >= end)]
        return found[-1] if count < 0 else found[0]
    if abs(count) > 1:
        return elapsed(unit, edge, count)
    return (shifted(unit, start, -1), start) if count < 0 else (end, shifted(unit, end, 1))


def widened(period: Period) -> Period:
    """Return the period with half its length more on either side."""
    start, end = period
    half = (end - start) / 2
    return max(EARLIEST, start - half), min(LATEST, end + half)


def _weekday_within(period: Period, weekday: int, ordinal: int, weekend: bool) -> Period | None:
    start, end = period
    first = start + (weekday - start.weekday()) % 7 * _DAY
    last = end - _DAY - ((end - _DAY).weekday() - weekday) % 7 * _DAY
    day = first + 7 * (ordinal - 1) * _DAY if ordinal > 0 else last + 7 * (ordinal + 1) * _DAY
    return (day, day + (2 if weekend else 1) * _DAY) if start <= day < end else None


def _month_number(moment: datetime) -> int:
    return moment.year * 12 + moment.month - 1


def _month(number: int) -> datetime:
    return datetime(number // 12, number % 12 + 1, 1)
