"""The spans that a question holds, written for tables: "2024-05-03 2024-05-04 May 3"."""

from datetime import datetime, timedelta, timezone

from memory.long_term.moments import spans

NOW = datetime(2024, 6, 12, 10, 30, tzinfo=timezone(timedelta(hours=2)))
"""A Wednesday."""


def seen(question: str, lang: str, now: datetime = NOW) -> list[str]:
    """Return each span of the question as its start, its end and its words; midnights as days alone."""
    return [f"{_short(span.start)} {_short(span.end)} {span.text}" for span in spans(question, lang, now)]


def _short(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d" if (moment.hour, moment.minute) == (0, 0) else "%Y-%m-%dT%H:%M")
