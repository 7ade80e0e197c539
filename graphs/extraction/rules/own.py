"""The organisation that a document comes from: its letterhead, the foot of its pages, its site."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from graphs.extraction.rules.mentions import Mention
from graphs.extraction.rules.shapes import CAPITAL, fold, is_first_name
from graphs.extraction.rules.source import Source
from graphs.extraction.rules.words import DOCUMENT, FUNCTION

_NAME: Final = (
    rf"[{CAPITAL}][\w'’&-]*(?:[ \u00a0](?:[{CAPITAL}&][\w'’&-]*|de|du|des|la|le|les|of|and|et)){{0,5}}"
)
_FOOT: Final = re.compile(
    rf"(?:^|(?<=\n)){_NAME}(?=[ \u00a0](?:·|•|\||–|—|-)[ \u00a0](?:[Pp]age|[Pp]\.)[ \u00a0]?\d+)"
)
_SITE: Final = re.compile(rf"\S.* [–—|·-] ({_NAME})$")
_HEAD: Final = re.compile(rf"[{CAPITAL}][{CAPITAL}'’&-]+(?: [{CAPITAL}&][{CAPITAL}'’&-]*){{1,3}}(?=\n)")
_KINDS_TEXT: Final = (
    "report incident minutes notice policy rapport compte rendu notice avis reglement proces "
    "verbal meeting fire "
    "budget guide handbook memo note agenda contrat contract agreement statement lettre letter invoice"
)
_KINDS: Final = frozenset(_KINDS_TEXT.split())


def own(source: Source) -> Iterator[Mention]:
    """Yield the organisation that the form of the document names as its own."""
    pieces = source.pieces
    if not pieces:
        return
    feet = Counter(foot[0] for piece in pieces if piece.kind == "text" for foot in _FOOT.finditer(piece.text))
    for number, piece in enumerate(pieces):
        if piece.kind == "text":
            for foot in _FOOT.finditer(piece.text):
                if feet[foot[0]] > 1 and _may_be_one(foot[0]) and fold(foot[0]) != fold(pieces[0].text):
                    yield Mention("Organization", foot[0], number, *foot.span())
    if pieces[0].kind == "title" and (site := _SITE.match(pieces[0].text)) and _may_be_one(site[1]):
        yield Mention("Organization", site[1], 0, *site.span(1))
    first = next((number for number, piece in enumerate(pieces) if piece.kind == "text"), None)
    if first is not None and (head := _HEAD.match(pieces[first].text)) and _may_be_one(head[0]):
        yield Mention("Organization", head[0], first, *head.span())


def _may_be_one(name: str) -> bool:
    words = fold(name).split()
    if len(words) < 2 or is_first_name(name.split()[0]):
        return False
    return not any(word in _KINDS for word in words) and not all(
        word in DOCUMENT | FUNCTION for word in words
    )
