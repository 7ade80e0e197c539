"""Rows with a date: the steps of a plan, the entries of a calendar, a heading that starts with a year."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from graphs.extraction.rules.dates import dates
from graphs.extraction.rules.event_patterns import ENGLISH, FRENCH
from graphs.extraction.rules.events import name_of
from graphs.extraction.rules.mentions import Mention
from graphs.extraction.rules.shapes import fold
from graphs.extraction.rules.source import Source
from graphs.extraction.rules.tables import Cell, cells

_STEPS_TEXT: Final = "etape etapes jalon milestone event evenement step phase activity activite manifestation"
_STEPS: Final = frozenset(_STEPS_TEXT.split())
_SAID_TEXT: Final = "libelle label description objet subject title titre intitule"
_SAID: Final = frozenset(_SAID_TEXT.split())
_WHEN_TEXT: Final = "date echeance due deadline quand when jour day le debut start fin"
_WHEN: Final = frozenset(_WHEN_TEXT.split())
_YEAR_FIRST: Final = re.compile(r"((?:1[89]|20)\d\d)\s?(?:[:–—-]|,)\s?(\S.{3,80})$")
_OF_WHAT: Final = re.compile(
    r"(?im)^[ \t]*date(?: and time)?(?: of(?: the)?| du| de la| de l['’]| de)\s?(event|incident"
    r"|accident|meeting|fire|theft|inspection|audit"
    r"|visit|événement|réunion|sinistre|contrôle|visite|incendie|vol|assemblée)[ \t]*:[ \t]*"
)


def dated_rows(source: Source, year: int | None) -> Iterator[Mention]:
    """Yield the events of tables that give each a date, and of headings that start with their year."""
    rows: dict[tuple[int, int], list[Cell]] = defaultdict(list)
    for cell in cells(source.pieces):
        rows[cell.piece, cell.line].append(cell)
    for row in rows.values():
        yield from _row(row, source.lang, year)
    for number, piece in enumerate(source.pieces):
        if piece.kind == "heading" and (match := _YEAR_FIRST.match(piece.text)) and _tells(match[2]):
            yield Mention("Event", match[2], number, *match.span(2), match[1])
        elif piece.kind == "text" and (label := _OF_WHAT.search(piece.text)):
            days = dates(piece.text[label.end() : label.end() + 60], source.lang, year)
            if days:
                yield Mention("Event", _of_the_title(source) or label[1], number, *label.span(), days[0].iso)


def _tells(words: str) -> bool:
    """Tell whether a heading after its year is more than a name or a place."""
    return len(words.split()) > 1 and not re.match(
        r"(?:de|du|des|d['’]|à|of|in|from|across|on|over)\b", words
    )


def _row(row: list[Cell], lang: str, year: int | None) -> Iterator[Mention]:
    when = next(
        (cell for cell in row if set(cell.header.split()) & _WHEN and len(cell.header.split()) < 3), None
    )
    days = dates(when.value, lang, year) if when else ()
    if not days:
        return
    for cell in row:
        words = set(cell.header.split())
        if words & _STEPS and len(cell.value) <= 80:
            yield Mention(
                "Event", cell.value, cell.piece, cell.start, cell.start + len(cell.value), days[0].iso
            )
        elif words & _SAID and (found := _event(cell.value, lang)):
            yield Mention("Event", found, cell.piece, cell.start, cell.start + len(cell.value), days[0].iso)


def _event(value: str, lang: str) -> str:
    """Return a short cell that starts with what takes place: "Delivery of the first lot"."""
    match = (FRENCH if lang == "fr" else ENGLISH).search(value)
    if not match or len(value) > 60 or len(fold(value).split()) < 2 or match.start() > 14:
        return ""
    name = name_of(match)
    return value if name and match.start() == 0 else name


def _of_the_title(source: Source) -> str:
    """Return what the title of a report says has happened."""
    title = source.pieces[0].text if source.pieces and source.pieces[0].kind == "title" else ""
    for pattern in (FRENCH, ENGLISH) if source.lang == "fr" else (ENGLISH, FRENCH):
        if match := pattern.search(title):
            return match["name"].strip()
    return ""
