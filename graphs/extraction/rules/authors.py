"""Authors: who speaks in a transcript, who sends a mail, whom the head of a text names as its author."""

import re
from collections.abc import Iterator
from typing import Final

from graphs.extraction.rules.mentions import Mention
from graphs.extraction.rules.shapes import FULL_NAME, TITLES, fold, is_person_shaped, is_role
from graphs.extraction.rules.source import Source
from graphs.extraction.rules.words import DOCUMENT, FUNCTION

HEAD: Final = 1500
"""How many letters of a text may name its author; a mail's sender may stand further on."""
_BY: Final = re.compile(
    rf"(?:^|(?<=\n)|(?<=[.|•·–—] )|(?<=\d, ))[ \t>*-]*(?:(?:[Ww]ritten|[Pp]repared|[Rr]eported"
    rf"|[Cc]ompiled|[Dd]rafted|[Rr]eport|[Mm]inutes|[Nn]otes)"
    rf"(?: taken| drawn up| written| kept)? by|[Bb]y|[Aa]uthors?|[Aa]uteure?s?|[Aa]utrice"
    rf"|[Rr]édigée?s? par|[Ee]crit par|[Éé]crite? par"
    rf"|[Pp]ar|[Rr]apporteure?|[Rr]édact(?:eur|rice)|[Ss]ecrétaire de séance|[Mm]inute[- ]taker"
    rf"|[Cc]ompte[- ]rendu (?:rédigé |établi )?par|[Rr]edaction|[Rr]édaction)"
    rf"(?:\s?:\s?|\s)(?:(?:{TITLES})\s)?({FULL_NAME}(?:(?:, | and | et | & ){FULL_NAME})*)"
)
_INLINE: Final = re.compile(
    rf"(?:(?:report|document|handbook|policy|note|minutes|memo|was|were) (?:written|prepared"
    rf"|drawn up|compiled|drafted) by"
    rf"|(?:document|rapport|compte rendu|note|cahier des charges|règlement|guide) (?:rédigée?"
    rf"|établie?|préparée?|écrite?) par"
    rf"|[Rr]édigée?s? par|[Ww]ritten by|[Pp]repared by)\s(?:(?:{TITLES})\s)?({FULL_NAME})"
)
_FROM: Final = re.compile(rf"(?:^|(?<=\n))[ >]*(?:From|De|Von|Expéditeur) ?: ?\"?({FULL_NAME})")
_SPLIT: Final = re.compile(r", | and | et | & ")


def authors(source: Source) -> Iterator[Mention]:
    """Yield the people who wrote the document, or speak in it."""
    by_chunk = {piece.chunk: number for number, piece in enumerate(source.pieces)}
    for who, chunk in source.speakers:
        if not _is_nobody(who):
            yield Mention("Person", who, by_chunk[chunk], author=True)
    read = 0
    for number, piece in enumerate(source.pieces):
        if piece.kind in ("text", "heading", "title"):
            for match in _FROM.finditer(piece.text):
                yield from _names(match, number)
            if read < HEAD:
                for pattern in (_BY, _INLINE):
                    for match in pattern.finditer(piece.text[:HEAD]):
                        yield from _names(match, number)
            read += len(piece.text)


def _names(match: re.Match[str], number: int) -> Iterator[Mention]:
    at = match.start(1)
    for name in _SPLIT.split(match[1]):
        at = match.string.index(name, at)
        if is_person_shaped(name):
            yield Mention("Person", name, number, at, at + len(name), author=True)


def _is_nobody(who: str) -> bool:
    """Tell whether a speaker is a number, a role or a label: "Speaker 2", "Narrator"."""
    words = fold(who).split()
    labels = {
        "speaker",
        "narrator",
        "host",
        "interviewer",
        "voice",
        "narrateur",
        "intervenant",
        "voix",
        "all",
        "tous",
    }
    return (
        not words
        or any(
            word.isdigit() or word in labels or word in DOCUMENT or word in FUNCTION - {"may", "mars"}
            for word in words
        )
        or (len(words) == 1 and is_role(who))
    )
