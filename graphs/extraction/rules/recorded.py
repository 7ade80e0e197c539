"""The meeting that a transcript, minutes or a dated file records."""

import re
from collections.abc import Iterator
from typing import Final

from graphs.extraction.rules.dates import dates, stamped
from graphs.extraction.rules.event_patterns import ENGLISH, FRENCH
from graphs.extraction.rules.mentions import Mention, Mentions
from graphs.extraction.rules.source import Source

_MINUTES: Final = re.compile(
    r"(?i)\b(?:minutes|compte[- ]rendu|procès[- ]verbal|pv|transcript|transcription|call|meeting"
    r"|réunion|entretien|interview)\b"
)
_NOISE: Final = re.compile(
    r"(?i)^(?:minutes of (?:the )?|compte[- ]rendu (?:de (?:la |l['’])?|du |d['’])?"
    r"|procès[- ]verbal (?:de (?:la |l['’])?|du )?|transcript of (?:the )?|pv (?:de (?:la |l['’])?"
    r"|du )?)"
)
_SENTENCE_END: Final = re.compile(r"[\s,:;()–—-]+$")


def recorded(source: Source, found: Mentions) -> Iterator[Mention]:
    """Yield the event that the title of a document names, with the date of its title or of its file."""
    if not source.pieces or source.pieces[0].kind != "title":
        return
    title = source.pieces[0].text
    date, name = _date(source, title), _event(source, title)
    if not date or any(one.piece == 0 and one.date for one in found.of("Event")):
        return
    if name:
        yield Mention("Event", name, 0, 0, 0, date)


def _date(source: Source, title: str) -> str:
    days = dates(title, source.lang, None)
    if days:
        return max((day.iso for day in days), key=len)
    return stamped(title) or stamped(source.file_name)


def _event(source: Source, title: str) -> str:
    """Return what the title says takes place: "Board meeting", of "Board meeting 2026-04-14"."""
    if not (source.speakers or _MINUTES.search(title)):
        return ""
    bare = re.sub(r"\s*\d{4}-\d\d(?:-\d\d)?|\s*\b\d{8}\b", "", title)
    for day in dates(bare, source.lang, None):
        bare = bare.replace(bare[day.start : day.end], " ")
    bare = _SENTENCE_END.sub(
        "", _NOISE.sub("", re.sub(r"\b(?:du|of|on|le)\s*$", "", " ".join(bare.split())))
    ).strip()
    for pattern in (FRENCH, ENGLISH) if source.lang == "fr" else (ENGLISH, FRENCH):
        if pattern.search(bare):
            return bare
    return bare if source.speakers and 0 < len(bare) <= 60 and not bare.isdigit() else ""
