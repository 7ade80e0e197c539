"""Dates in documents, as ISO 8601 and as precise as they are written; what is relative to today is none."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from memory.long_term.moments import Span, spans

_YEAR: Final = re.compile(r"(?<!\d)(?:1[0-9]{3}|20[0-9]{2})(?!\d)")
_DIGITS: Final = re.compile(r"\d")
_SHORT_YEAR: Final = re.compile(r"\d{1,2}/\d{1,2}/\d\d")
_OPENS: Final = re.compile(r"(?:^|(?<=\n))[ \t•*-]*((?:1[89]|20)\d\d)(?=[ \u00a0\u202f]?(?::|[–—-] |\t|,))")
"""A year that starts a line of a chronology: the reader of questions wants a word before it."""
_BRACKETED: Final = re.compile(r"[(,] ?((?:1[89]|20)\d\d)(?=\)|$|\n)")
_STAMP: Final = re.compile(
    r"(?<!\d)(20\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?([0-2]\d|3[01])(?!\d)|(?<!\d)(20\d\d)-(0[1-9]|1[0-2])(?!\d)"
)
_RELATION: Final = re.compile(
    r"(?:since|by|before|after|until|from|avant|après|depuis|jusqu['’](?:en|au|à)|à partir d[ue]"
    r"|dès)\s(?:le |la |the |du |d[eu] )?",
    re.IGNORECASE,
)
_RELATIVE: Final = re.compile(
    r"\b(?:ago|last|next|past|dernier|dernière|prochaine?|between|entre)\b", re.IGNORECASE
)
_MONTHS_TEXT: Final = "January February March April May June July August September October November December"
_MONTHS: Final = tuple(_MONTHS_TEXT.split())
_TENS: Final = "first second third fourth fifth sixth seventh eighth ninth"
_TEENS: Final = (
    "tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
)
_ORDINALS: Final = tuple(
    [
        *_TENS.split(),
        *_TEENS.split(),
        "twentieth",
        *(f"twenty-{one}" for one in _TENS.split()),
        "thirtieth",
        "thirty-first",
    ]
)
_SPELLED: Final = re.compile(
    rf"\b(?:(?:[A-Z][a-z]+day,? )?the )?({'|'.join(sorted(_ORDINALS, key=len, reverse=True))}) of "
    rf"({'|'.join(_MONTHS)})\b",
    re.IGNORECASE,
)
"""A day in words, as it is spoken: "the third of June"."""
_PART: Final = re.compile(
    r"\b(?:early|late|mid|end|beginning|middle|start|début|fin|mi|milieu)\b", re.IGNORECASE
)
_MONTH: Final = re.compile(
    r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|janvier|février|mars|avril|mai|juin"
    r"|juillet|août|septembre|octobre|novembre|décembre)\b",
)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Day:
    """A date, and where the text says it."""

    iso: str
    start: int
    end: int


@lru_cache(maxsize=256)
def dates(text: str, lang: str, year: int | None) -> tuple[Day, ...]:
    """Return the dates of a text in its order; a day without a year is of `year`, or none."""
    if not (_DIGITS.search(text) or (year and _MONTH.search(text))):
        return ()
    now = datetime(year or 2000, 12, 31, tzinfo=UTC)
    found: list[Day] = []
    at = 0
    for span in spans(text, lang, now):
        start = text.find(span.text, at)
        if start < 0:
            continue
        at = start + len(span.text)
        bare = _without_relation(span, lang, now)
        if bare and (iso := _iso(bare, year)):
            found.append(Day(iso, at - len(bare.text), at))
    for match in _SPELLED.finditer(text) if year and lang != "fr" else ():
        day = (
            f"{year}-{_MONTHS.index(match[2].capitalize()) + 1:02}-{_ORDINALS.index(match[1].lower()) + 1:02}"
        )
        if not any(one.start < match.end() and match.start() < one.end for one in found):
            found.append(Day(day, *match.span()))
    for match in (*_OPENS.finditer(text), *_BRACKETED.finditer(text)):
        if not any(day.start < match.end(1) and match.start(1) < day.end for day in found):
            found.append(Day(match[1], *match.span(1)))
    return tuple(sorted(found, key=lambda day: day.start))


def stamped(name: str) -> str:
    """Return the date in the name of a file, "" when there is none."""
    match = _STAMP.search(name)
    if not match:
        return ""
    return f"{match[1]}-{match[2]}-{match[3]}" if match[1] else f"{match[4]}-{match[5]}"


def main_year(texts: Iterator[str]) -> int | None:
    """Return the year that a document is of: the first of its title or name, else the one it says most."""
    counts: dict[int, int] = {}
    for number, text in enumerate(texts):
        for match in _YEAR.finditer(text):
            year = int(match[0])
            if 1900 <= year <= 2100:
                counts[year] = counts.get(year, 0) + (50 if number == 0 else 1)
    return max(counts, key=lambda year: (counts[year], year)) if counts else None


def heading_year(heading: str) -> int | None:
    """Return the year that a heading starts with: what stands below is of it."""
    match = re.match(r"((?:1[89]|20)\d\d)(?!\d)", heading)
    return int(match[1]) if match else None


def _without_relation(span: Span, lang: str, now: datetime) -> Span | None:
    """Return the date alone of "by 3 May 2024", "since 2019": the reader takes these for longer times."""
    led = _RELATION.match(span.text)
    if not led:
        return span
    bare = spans(
        f"in {span.text[led.end() :]}" if lang != "fr" else f"en {span.text[led.end() :]}", lang, now
    )
    return bare[0] if len(bare) == 1 and span.text.endswith(bare[0].text) else None


def _iso(span: Span, year: int | None) -> str:
    length = span.end - span.start
    written = bool(_YEAR.search(span.text) or _SHORT_YEAR.search(span.text))
    if not written and (year is None or not (_DIGITS.search(span.text) or _MONTH.search(span.text))):
        return ""
    if _RELATIVE.search(span.text):
        return ""
    if _PART.search(span.text) and length < _DAY * 20:
        return f"{span.start:%Y-%m}"
    if length < _DAY * 27:
        return span.start.date().isoformat() if length >= _DAY else ""
    if length < _DAY * 32:
        return f"{span.start:%Y-%m}" if span.start.day == 1 else ""
    if length < _DAY * 100:
        return f"{span.start:%Y}" if written else ""
    is_year = span.start.month == 1 and span.start.day == 1 and length < _DAY * 367
    return f"{span.start:%Y}" if is_year else ""
