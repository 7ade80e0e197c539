"""Organisations: legal forms, institutions, trades, and what the words beside a name say it is."""

import re
from collections.abc import Iterator
from typing import Final

from graphs.extraction.rules.mentions import Mention, overlaps
from graphs.extraction.rules.organization_patterns import (
    BRACKETED,
    HEADED_AFTER,
    NAMING,
    ONLY,
    STRONG,
    WEAKLY,
)
from graphs.extraction.rules.shapes import (
    fold,
    is_first_name,
    is_role_word,
    starts_like_a_person,
)
from graphs.extraction.rules.source import Piece
from graphs.extraction.rules.well_known import WELL_KNOWN
from graphs.extraction.rules.words import DOCUMENT, FUNCTION

_LOWER: Final = re.compile(r"(?<![\w'’])[a-zà-öø-ÿ]{2,}")


def organizations(number: int, piece: Piece) -> Iterator[Mention]:
    """Yield the organisations that one piece names."""
    text, taken = piece.text, list[tuple[int, int]]()
    for start, end in _places(piece):
        span = _trimmed(text, start, end)
        if span and not overlaps(span, taken):
            taken.append(span)
            yield Mention("Organization", text[slice(*span)], number, *span)


def _places(piece: Piece) -> Iterator[tuple[int, int]]:
    text = piece.text
    for pattern in STRONG:
        for match in pattern.finditer(text):
            if pattern is not HEADED_AFTER or _is_prose(piece, match) or piece.kind == "rows":
                yield match.span()
    for match in WEAKLY.finditer(text):
        if _is_prose(piece, match) and not _starts_a_sentence(text, match.start()):
            yield match.span()
    for pattern in NAMING:
        for match in pattern.finditer(text):
            if _may_be_one(text, match.start(1), match.end(1)):
                yield match.span(1)
    for match in WELL_KNOWN.finditer(text):
        yield match.span()
    for match in BRACKETED.finditer(text):
        if _abbreviates(match[2], match[1]):
            yield match.span(1)


def _is_prose(piece: Piece, match: re.Match[str]) -> bool:
    """Tell whether the words around are in lower case: in titles every word has a capital."""
    line_start = piece.text.rfind("\n", 0, match.start()) + 1
    line_end = piece.text.find("\n", match.end())
    line = piece.text[line_start : line_end if line_end >= 0 else None]
    return piece.kind in ("text", "speech", "rows") and len(_LOWER.findall(line)) >= 3


def _starts_a_sentence(text: str, at: int) -> bool:
    return bool(re.search(r"(?:\A|[.!?:\n•-])\s*\Z", text[max(0, at - 4) : at]))


def _may_be_one(text: str, start: int, end: int) -> bool:
    """Tell whether what a cue leads to is no person, no place to begin with and no common word."""
    name = text[start:end]
    words = name.split()
    if starts_like_a_person(name) or is_first_name(words[0]) or is_role_word(words[0]):
        return False
    return len(name) >= 3 and not all(fold(word) in FUNCTION | DOCUMENT for word in words)


def _abbreviates(letters: str, name: str) -> bool:
    """Tell whether the capitals of a name make the letters: "Economic Interest Group (EIG)"."""
    wanted = "".join(one for one in letters.upper() if one.isalpha())
    initials = "".join(word[0] for word in re.findall(r"[^\W\d_]+", name) if len(word) > 2).upper()
    return len(wanted) >= 2 and fold(initials).replace(" ", "").upper() == wanted


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the place without an article or other word before the name; None when no name is left."""
    words = [(start + one.start(), start + one.end()) for one in re.finditer(r"\S+", text[start:end])]
    while words and _leads(text, words[0], len(words)):
        words.pop(0)
    while words and fold(text[slice(*words[-1])]) in FUNCTION:
        words.pop()
    if not words:
        return None
    span = words[0][0], words[-1][1]
    name = text[slice(*span)].rstrip(",;:")
    folded = fold(name).split()
    if len(name) < 2 or all(word in FUNCTION or word in DOCUMENT or is_role_word(word) for word in folded):
        return None
    if not any(map(str.isupper, name)) and not _GOVERNS.match(name):
        return None
    if is_only_a_kind(name) or (len(folded) == 1 and folded[0].isdigit()):
        return None
    return span[0], span[0] + len(name)


def _leads(text: str, word: tuple[int, int], left: int) -> bool:
    written = text[slice(*word)]
    folded = fold(written)
    if folded in ("la", "le", "les") and left > 1 and not _starts_a_sentence(text, word[0]):
        return False  # « à La Cyclerie »: the article is part of the name.
    return folded in FUNCTION or (left > 1 and is_role_word(written) and folded not in ("notaire", "chef"))


_GOVERNS: Final = re.compile("(?:minist|conseil|chambre|tribunal)", re.IGNORECASE)
"""What may be named in small letters all through."""


def is_only_a_kind(name: str) -> bool:
    """Tell whether every word only says what kind of thing it is: "Insurance Company"."""
    if re.search(r"\w (?:of|for|de|du|des|d['’]|et|and)\b", name):
        return bool(ONLY.fullmatch(name))
    return bool(ONLY.fullmatch(name)) or all(
        ONLY.fullmatch(word) or fold(word) in FUNCTION for word in name.split()
    )
