"""Happenings: clauses that tell with a verb and a date what took place: "Ines joined us in May 2014"."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from graphs.extraction.rules.dates import Day, dates
from graphs.extraction.rules.mentions import Mention, overlaps
from graphs.extraction.rules.shapes import fold
from graphs.extraction.rules.source import Piece
from graphs.extraction.rules.words import FUNCTION

_ENGLISH_VERBS: Final = (
    "arrived?|arrives|joined|joins|left|retired|retires|opened|opens|closed|moved|launched"
    "|installed|delivered|handed over|signed"
    "|rented|bought|won|came|comes|visited|elected|appointed|hired|approved|adopted|rebuilt|built"
    "|called back|called in|recalled"
    "|burned|burnt|flooded|stolen|fell|died|inaugurated|merged|celebrated|cracked|collapsed"
    "|exploded|reviewed|measure|fallen|broke down"
    "|introduced|renovated|reopened|awarded|graduated"
)
_FRENCH_VERBS: Final = (
    "arrive(?:nt)?|arrivée?s?|rejoint|rejoignent|quitte(?:nt)?|prend sa retraite"
    "|prennent leur retraite|ouvre|ouvrent|ouverte?s?|ferme(?:nt)?|monte"
    "|inondée?s?|signée?s?|installée?s?|livrée?s?|achetée?s?|lancée?s?|remet|remise?s?|élue?s?"
    "|embauchée?s?|recrutée?s?"
    "|approuvée?s?|adoptée?s?|inaugurée?s?|reconstruite?s?|construite?s?|déménagée?s?|déménage"
    "|rénovée?s?|fêtée?s?|accueillir|accueillie?s?"
    "|roulé|interrogé|volée?s?|décédée?s?|soudée?s?|devient|obtient|obtenue?s?|remporte"
    "|remportée?s?|racheté|rachetée?s?|fusionne|brûle|brûlée?s?"
    "|effondrée?s?|exposer|exposée?s?|commence(?:nt)?|part"
)
_VERB: Final = {
    "en": re.compile(rf"\b(?:{_ENGLISH_VERBS})\b", re.IGNORECASE),
    "fr": re.compile(rf"\b(?:{_FRENCH_VERBS})(?![\w-])", re.IGNORECASE),
}
_NOT: Final = re.compile(
    r"\b(?:[Vv]alid|[Rr]eplaces?|[Vv]ersion|price|paid|pay|payable|[Ii]nvoice|[Ff]acture|prix|montant"
    r"|[Rr]emplace|[Vv]alable|[Aa]pplicable|chiffre d|[Ee]very|[Ee]ach|[Cc]haque|[Tt]ous les|[Ii]f|[Ss]i"
    r"|[Uu]nless|[Ww]ithin|may not|must|doit|doivent|[Dd]epuis|[Ss]ince|pour un an|for a year"
    r"|for one year|contre|against|compared)\b|%"
)
"""What makes a dated clause a rule, a price or a comparison."""
_SENTENCE: Final = re.compile(r"(?:[^.!?;·•\n]|[.](?=\S))+[.!?;]?")
_LEAD_TO_DATE: Final = re.compile(
    r"(?:\b(?:on|in|at|of|by|from|before|until|from|around|since|le|du|en|au|à|dès|pendant|the end"
    r"|the|end|at the|fin|début|mi|depuis|vers|jusqu['’]au|avant le|à partir du|l['’]|ne"
    r"|qu['’])[\s-]*|[,(–—:]\s*)+\Z",
    re.IGNORECASE,
)
_EDGES: Final = " ,;:.–—-•\t\n\u00a0\u202f()"
_OPENING: Final = re.compile(
    r"^(?:(?:and|but|then|so|also|because|since|when|where|who|which|that|et|mais|puis|donc|car"
    r"|alors|aussi|qui|où|quand|lorsque|ensuite)\s)+",
    re.IGNORECASE,
)
_LONGEST: Final = 100
_MOST_DATES: Final = 12


def happenings(
    number: int, piece: Piece, lang: str, year: int | None, taken: list[tuple[int, int]]
) -> Iterator[Mention]:
    """Yield the clauses that tell what took place on a date which no event has yet."""
    verb = _VERB["fr" if lang == "fr" else "en"]
    days = dates(piece.text, lang, year)
    if not days or piece.kind not in ("text", "speech"):
        return
    for sentence in _SENTENCE.finditer(piece.text):
        start, end = sentence.span()
        here = [day for day in days if start <= day.start < end]
        if not here or len(here) > _MOST_DATES or overlaps((start, end), taken):
            continue
        name = _clause(piece.text, sentence, here, verb)
        listed = here if len(here) > 2 and ":" in piece.text[start : here[0].start] else here[:1]
        if name:
            yield from (Mention("Event", name, number, start, end, day.iso) for day in listed)


def _clause(text: str, sentence: re.Match[str], days: Sequence[Day], verb: re.Pattern[str]) -> str:
    """Return the part of a sentence that tells, without its date; "" when it tells nothing."""
    first = days[0]
    parts = re.split(r"[,:](?=\s)", text[sentence.start() : first.start])
    before = _LEAD_TO_DATE.sub("", parts[-1]).strip(_EDGES)
    if len(before.split()) == 1 and len(parts) > 1:
        before = ",".join([*parts[:-1], f" {before}"]).strip(_EDGES)  # "Its expert, Ms Holt, came".
    candidates = [before, *(part.strip(_EDGES) for part in reversed(parts[:-1]))]
    candidates.append(re.split(r",(?=\s)", text[first.end : sentence.end()].strip(_EDGES))[0].strip(_EDGES))
    for candidate in candidates:
        told = _OPENING.sub("", candidate)
        if verb.search(told) and not _NOT.search(told) and len(told.split()) >= 2 and len(told) <= _LONGEST:
            return told if any(fold(word) not in FUNCTION for word in told.split()) else ""
    return ""
