"""First names alone: somebody of whom a conversation or a note says no more."""

import re
from collections.abc import Iterator
from typing import Final

from graphs.extraction.rules.first_names import FIRST_NAMES
from graphs.extraction.rules.mentions import Mention
from graphs.extraction.rules.shapes import CAPITAL, PART, fold
from graphs.extraction.rules.source import Piece
from graphs.extraction.rules.words import FUNCTION, NAMED_AFTER

_AMBIGUOUS_TEXT: Final = """
    charlotte florence victoria georgia jordan sydney chester virginia diego santiago jackson austin
    lincoln carmen martin bernard thomas richard robert laurent vincent gilbert raymond roland david
    george paris clement constant mark bill jack frank grace rose ruby holly iris lily ray rob drew jay
    dean max noel pascal claude romain marina victor oscar alex lee kim kelly ross blaine logan ashley
    jade eve gene jean marcel martial constance colombe aurore violette marguerite daisy hazel
    heather rosemary clementine olive africa india chen mei jia wei guy don art penny sandy sunny lou luna
    stella amber dylan angus leo serge jo pete ana gloria salome maya melody
    diane olga lara
"""
_AMBIGUOUS: Final = frozenset(_AMBIGUOUS_TEXT.split())
"""Places, last names and words: alone, they may be anything."""
_ALONE: Final = re.compile(rf"(?<![\w@./’'-])((?:[DdLl]['’])?)({PART})(?![\w@-])")
_PERSONAL: Final = re.compile(
    r"['’]s\b|,? (?:is|was|has|had|wants|would|will|said|says|thinks|asks|told|tells|likes|keeps"
    r"|pays|makes|does|did|can|knows|named"
    r"|will|['’]ll|['’]d|a|est|était|avait|dit|veut|pense|prend|fait|finit|va|peut|doit|sera|fera"
    r"|tombe|s['’]|se|ne|n['’]|lui|y|propose|soude|arrive|anime)\b"
)
_GOES_ON: Final = re.compile(rf"[ \u00a0]+(?:[{CAPITAL}]|de |du |le |la |van |von )")
_LED: Final = re.compile(
    r"(?:\b(?:ask|tell|see|with|and|to|from|by|for|if|but|when|that|told|thanks|thank you|like|love"
    r"|avec|et|par|pour|chez|que|si|mais|quand|merci|demandez à|voir|de|selon|comme|puis)|[.!?…:]"
    r"|,|\n|\A|d['’]|qu['’])\s*\Z",
    re.IGNORECASE,
)


def lone_names(number: int, piece: Piece) -> Iterator[Mention]:
    """Yield the first names that stand alone and do what people do."""
    if piece.kind not in ("text", "speech", "rows"):
        return
    text = piece.text
    for match in _ALONE.finditer(text):
        word, start, end = fold(match[2]), match.start(2), match.end(2)
        parts = word.split()
        if (
            not parts
            or any(part not in FIRST_NAMES for part in parts)
            or (len(parts) == 1 and parts[0] in _AMBIGUOUS)
        ):
            continue
        before, after = text[max(0, start - 30) : start], text[end : end + 30]
        if _GOES_ON.match(after) or (_follows_a_name(before) and not _LED.search(before)):
            continue
        if _PERSONAL.match(after) or (_LED.search(before) and re.match(r"[\s,.!?;:)…]|\Z", after)):
            yield Mention("Person", match[2], number, start, end)


def _follows_a_name(before: str) -> bool:
    """Tell whether a capitalised word, or one that names places, stands before: "Saint Hélène"."""
    word = re.search(r"([^\W\d_][\w'’.-]*)[ \u00a0-]+\Z", before)
    return bool(
        word
        and (
            fold(word[1]) in NAMED_AFTER
            or (fold(word[1]) not in FUNCTION and word[1][0].isupper() and word[1][-1] not in ".,")
        )
    )
