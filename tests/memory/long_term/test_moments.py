"""Moments: what holds for any text, any date and any time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from memory.long_term.folding import folded
from memory.long_term.moments import spans
from memory.long_term.moments.english_words import WORDS as ENGLISH_WORDS
from memory.long_term.moments.french_words import WORDS as FRENCH_WORDS
from tests.memory.long_term.spans_seen import NOW, seen

_ENGLISH = "January February March April May June July August September October November December"
_FRENCH = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
_ENGLISH_MONTHS, _FRENCH_MONTHS = _ENGLISH.split(), _FRENCH.split()
_SMALL = "in on the of and between from ago il y a de du le l' en et entre dans 2023 31 29 999 1/2/2024 ?"
_WORDS = sorted(
    {
        word
        for words in (ENGLISH_WORDS, FRENCH_WORDS)
        for table in (words.months, words.weekdays, words.seasons, words.units, words.numbers, words.ordinals)
        for word in table
    }
    | {word for words in (ENGLISH_WORDS, FRENCH_WORDS) for word in (*words.which, *words.days, *words.parts)}
    | {word for words in (ENGLISH_WORDS, FRENCH_WORDS) for word in (*words.sides, *words.relations)}
    | {*_SMALL.split()}
)
_TIMELY = st.lists(st.sampled_from(_WORDS), max_size=12).map(" ".join)
_LANGUAGES = st.sampled_from(["en", "fr", "de"])
_NOWS = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-7)), ZoneInfo("UTC")]))
_DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))


@given(st.one_of(st.text(max_size=120), _TIMELY), _LANGUAGES, _NOWS)
@example("the day after 31 December 2999 and 999 decades ago", "en", datetime.max.replace(tzinfo=UTC))
@example("l'an dernier, avant-hier, il y a 999 ans", "fr", datetime.min.replace(tzinfo=UTC))
def test_any_text_is_read(question: str, lang: str, now: datetime) -> None:
    """Nothing is raised; a span starts before it ends, in now's zone, in words of the question."""
    found = spans(question, lang, now)
    for span in found:
        assert span.start < span.end
        assert span.start.tzinfo is now.tzinfo
        assert span.text in question
        assert span.text.strip()
    assert found == spans(question, lang, now)


@given(_DAYS, _NOWS)
def test_any_date_in_english_is_found(day: date, now: datetime) -> None:
    """However it is written, one span is that day; its month and its year hold it."""
    month = _ENGLISH_MONTHS[day.month - 1]
    written = [f"{day.day} {month} {day.year}", f"{month} {day.day}, {day.year}", day.isoformat()]
    _check(written, [f"{month} {day.year}", f"in {day.year}"], "en", day, now)


@given(_DAYS, _NOWS)
def test_any_date_in_french_is_found(day: date, now: datetime) -> None:
    """However it is written, one span is that day; its month and its year hold it."""
    month = _FRENCH_MONTHS[day.month - 1]
    written = [f"le {day.day} {month} {day.year}", f"{day:%d/%m}/{day.year}", day.isoformat()]
    _check(written, [f"en {month} {day.year}", f"en {day.year}"], "fr", day, now)


def _check(days: list[str], wider: list[str], lang: str, day: date, now: datetime) -> None:
    start = datetime(day.year, day.month, day.day, tzinfo=now.tzinfo)
    for question in days:
        assert [(span.start, span.end) for span in spans(f"{question}?", lang, now)] == [
            (start, start + timedelta(days=1))
        ]
    for question in wider:
        [span] = spans(f"{question}?", lang, now)
        assert span.start <= start < span.end


@given(_DAYS)
def test_a_day_without_its_year_is_the_latest(day: date) -> None:
    """No year: it is the last such day that has come, today included."""
    [span] = spans(f"on {_ENGLISH_MONTHS[day.month - 1]} {day.day}?", "en", NOW)
    assert span.start <= NOW
    assert (span.start.month, span.start.day) == (day.month, day.day)
    assert span.start.year >= NOW.year - (4 if (day.month, day.day) == (2, 29) else 1)


@pytest.mark.parametrize(
    ("question", "lang", "now", "expected"),
    [
        ("What will we do on March 12?", "en", NOW, "2025-03-12 2025-03-13 March 12"),
        ("Que ferons-nous le 12 mars ?", "fr", NOW, "2025-03-12 2025-03-13 le 12 mars"),
        ("Que va-t-on manger à Noël ?", "fr", NOW, "2024-12-24 2024-12-26 Noël"),
        ("What did we do last summer?", "en", NOW.replace(month=7), "2023-06-01 2023-09-01 last summer"),
        ("What did we do last summer?", "en", NOW.replace(month=10), "2024-06-01 2024-09-01 last summer"),
        ("What did we do last May?", "en", NOW.replace(month=5), "2023-05-01 2023-06-01 last May"),
        ("What did we say last month?", "en", NOW.replace(month=1), "2023-12-01 2024-01-01 last month"),
        ("What did we say in December?", "en", NOW.replace(month=1), "2023-12-01 2024-01-01 December"),
        ("Qu'a-t-on dit hier ?", "fr", NOW.replace(month=1, day=1), "2023-12-31 2024-01-01 hier"),
        ("Was wurde in 2022 gesagt?", "de", NOW, "2022-01-01 2023-01-01 2022"),
    ],
)
def test_when_it_is_asked_counts(question: str, lang: str, now: datetime, expected: str) -> None:
    """The same words mean another time when asked at another, or of what is to come."""
    assert seen(question, lang, now) == [expected]


def test_days_are_those_of_who_asks() -> None:
    """Spans are in the zone of now, whatever its daylight saving time does between."""
    paris = ZoneInfo("Europe/Paris")
    [span] = spans("hier", "fr", datetime(2024, 4, 1, 0, 30, tzinfo=paris))
    assert span.start == datetime(2024, 3, 31, tzinfo=paris)
    assert span.end.astimezone(UTC) - span.start.astimezone(UTC) == timedelta(hours=23)


def test_words_are_given_as_they_are_written() -> None:
    """Accents in one letter or two, capitals, curly apostrophes and narrow spaces stay in the text."""
    assert seen("Et L’E\u0301TE\u0301\u202fDERNIER\u00a0?", "fr") == [
        "2023-06-01 2023-09-01 E\u0301TE\u0301\u202fDERNIER"
    ]


@given(st.text(max_size=60))
def test_folding_knows_the_way_back(text: str) -> None:
    """The whole folded text was the whole text; each letter of it was written somewhere, in order."""
    plain = folded(text)
    ends = [plain.bounds(place, place + 1) for place in range(len(plain.text))]
    assert all(0 <= start < end <= len(text) for start, end in ends)
    assert ends == sorted(ends)
    assert plain.text == folded(plain.text).text or not text.isascii()
