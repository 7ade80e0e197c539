"""Events: what takes place, beside the date that says when."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from graphs.extraction.rules.dates import Day, dates
from graphs.extraction.rules.event_patterns import (
    AFTER_DATE,
    BEFORE_DATE,
    ENGLISH,
    FOUNDED_ENGLISH,
    FOUNDED_FRENCH,
    FRENCH,
    PROPER,
)
from graphs.extraction.rules.event_words import NEVER_ALONE
from graphs.extraction.rules.mentions import Mention
from graphs.extraction.rules.shapes import fold, starts_like_a_person
from graphs.extraction.rules.source import Piece

_CLAUSE_ENDS: Final = re.compile(r"[.!?;](?:\s|$)|\n")
_LONGEST_GAP: Final = 70
_LONGEST_NAME: Final = 90
_ARTICLES: Final = re.compile(r"^(?:(?:the|an?|our|la|le|les|une?|des)\s|l['’])+", re.IGNORECASE)
_LOOSE_END: Final = re.compile(
    r"[\s,–-]+(?:of|for|with|at|in|on|de|du|des|à|au|aux|en|pour|sur|la|le|les|the|our|about|is|was)$"
)
_PRONOUNS_TEXT: Final = "we it they he she elle il elles ils nous on who qui which this"
_PRONOUNS: Final = frozenset(_PRONOUNS_TEXT.split())


def events(number: int, piece: Piece, lang: str, year: int | None) -> Iterator[Mention]:
    """Yield what one piece says to have taken place, or to come, with its date."""
    text = piece.text
    days = dates(text, lang, year)
    used: set[int] = set()
    for day in days:
        if found := _founding(text, day):
            used.add(day.start)
            yield Mention("Event", found, number, day.start, day.end, day.iso)
    for match in (FRENCH if lang == "fr" else ENGLISH).finditer(text):
        if piece.kind == "rows" and text[match.end() : match.end() + 1] == ":":
            continue  # The name of a column.
        near, name = _date_of(text, match, days, used), name_of(match)
        if near and name:
            used.add(near.start)
            yield Mention("Event", name, number, match.start("name"), match.end("name"), near.iso)
    for match in PROPER.finditer(text):
        name = _ARTICLES.sub("", match[0])
        own = name[0].islower() or any(word[0].isupper() for word in name.split()[1:])
        if own and len(name.split()) > 1 and piece.kind != "heading":
            yield Mention("Event", name, number, *match.span())


def _date_of(text: str, match: re.Match[str], days: Sequence[Day], used: set[int]) -> Day | None:
    """Return the date that the words around join to an event: after it, or before it in its sentence."""
    start, end = match.span()
    for day in days:
        if end <= day.start <= end + _LONGEST_GAP and BEFORE_DATE.fullmatch(text[end : day.start]):
            return day
    for day in days:
        if day.start not in used and _leads_to(text, day, start):
            return day
    return None


def _leads_to(text: str, day: Day, start: int) -> bool:
    """Tell whether an event follows a date at once: "On 3 May 2024, the workshop", "2019: opening"."""
    between = text[day.end : start]
    return 0 < len(between) <= _LONGEST_GAP and bool(AFTER_DATE.fullmatch(between))


def name_of(match: re.Match[str]) -> str:
    """Return the event's name without spare words at its ends; "" when it says too little."""
    name = _ARTICLES.sub("", match["name"].strip())
    while (shorter := _LOOSE_END.sub("", name).strip(" -–,")) != name:
        name = shorter
    too_little = fold(match["head"]) in NEVER_ALONE and len(fold(name).split()) < 2
    return "" if too_little or len(name) > _LONGEST_NAME else name


def _founding(text: str, day: Day) -> str:
    """Return "Founding of X", where X is said to be founded on the day."""
    clause = _CLAUSE_ENDS.split(text[max(0, day.start - 140) : day.start])[-1]
    for pattern, words in ((FOUNDED_ENGLISH, "Founding of {}"), (FOUNDED_FRENCH, "Fondation de {}")):
        if match := pattern.search(clause):
            who = match["who"].strip()
            if fold(who) in _PRONOUNS or starts_like_a_person(who):
                return ""
            return _contracted(words.format(who[0].lower() + who[1:] if _starts_common(who) else who))
    return ""


def _starts_common(who: str) -> bool:
    """Tell whether only the start of the sentence gives the first word its capital: "The company"."""
    return bool(re.match(r"(?:The|La|Le|Les|L['’]) ?[a-zà-öø-ÿ]", who)) or who.startswith("The ")


def _contracted(name: str) -> str:
    return re.sub(r"\bde le ", "du ", re.sub(r"\bde les ", "des ", name))
