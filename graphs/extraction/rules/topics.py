"""Topics: the key phrases of a document by YAKE (Campos and others, 2020): no model, no network."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Final

from graphs.extraction.grounding import words_of
from graphs.extraction.rules.mentions import Mention
from graphs.extraction.rules.source import Piece
from graphs.extraction.rules.words import DOCUMENT, FUNCTION
from memory.knowledge.keys import key_of

if TYPE_CHECKING:
    from yake import KeywordExtractor  # type: ignore[import-untyped]  # it ships no types

MOST: Final = 8
READ_CHARACTERS: Final = 20_000
"""How much of a document the topics are told from: YAKE takes 0.6 s for 100,000 letters."""
FEWEST_CHARACTERS: Final = 300
"""Less text has no topic that counting could tell."""
_KNOWN_TEXT: Final = "en fr de es it pt nl da sv no fi pl ro hu tr ru el ar"
_KNOWN: Final = frozenset(_KNOWN_TEXT.split())
_CANDIDATES: Final = 40
_TIMES_OF_A_PHRASE: Final = 2
_TIMES_OF_A_WORD: Final = 3
"""What is said less often is a turn of phrase."""
_LONGEST_RUN: Final = re.compile(r"\S{60,}")
_WEAK_TEXT: Final = """
    people person thing things way ways case cases part parts time times example year years day days month
    months week number group lot kind place work line lines point side end start set use used make made
    one two need needs first personnes personne chose choses facon cas partie temps exemple annee annees
    jour jours mois semaine nombre groupe lieu travail ligne point debut fin mise fois ans alors ainsi
    euros milliards millions hour hours heure heures minutes minute column header page mme mlle street rue
    eur gbp usd
    """
_WEAK: Final = frozenset(_WEAK_TEXT.split())
_lock: Final = Lock()


def topics(pieces: Sequence[Piece], lang: str, names: Iterable[str]) -> Iterator[Mention]:
    """Yield what the document is about, at most `MOST` phrases; nothing of the names known already."""
    text = _text(pieces)
    if len(text) < FEWEST_CHARACTERS:
        return
    taken = {word for name in names for word in key_of(name).split()}
    folded = words_of(text).folded
    by_piece = [words_of(piece.text).folded for piece in pieces]
    kept: list[str] = []
    for phrase in _phrases(text, lang if lang in _KNOWN else "en"):
        key = key_of(phrase)
        if not _is_a_topic(phrase, key, taken) or any(key in other or other in key for other in kept):
            continue
        if folded.count(f" {key} ") < (_TIMES_OF_A_WORD if " " not in key else _TIMES_OF_A_PHRASE):
            continue
        places = [number for number, said in enumerate(by_piece) if f" {key} " in said]
        if places:
            kept.append(key)
            yield from (Mention("Topic", _shown(phrase), number) for number in places)
        if len(kept) == MOST:
            return


def _text(pieces: Sequence[Piece]) -> str:
    """Return the text to read, without labels of rows and endless runs of letters."""
    said = "\n".join(piece.text for piece in pieces)[: READ_CHARACTERS * 2]
    said = re.sub(r"(?m)(?:(?<=^)|(?<=; ))[^:;\n]{1,40}: ", "", said)
    return _LONGEST_RUN.sub(" ", said).replace("’", "'")[:READ_CHARACTERS]


def _phrases(text: str, lang: str) -> list[str]:
    with _lock:  # It keeps caches of its own, and says nothing about threads.
        try:
            extractor = _extractor(lang)
        except ModuleNotFoundError as error:
            if error.name != "yake":
                raise
            return []  # Its licence is not everybody's: who leaves it out has no topics by rules.
        return [str(phrase) for phrase, _ in extractor.extract_keywords(text)]


@lru_cache(maxsize=4)
def _extractor(lang: str) -> "KeywordExtractor":
    """Imported here: it loads slowly, and only who reads documents needs it."""
    from yake import KeywordExtractor

    return KeywordExtractor(lan=lang, n=3, dedupLim=0.7, top=_CANDIDATES)


def _is_a_topic(phrase: str, key: str, taken: set[str]) -> bool:
    words = key.split()
    if not words or any(any(map(str.isdigit, word)) for word in words) or len(key) < 5:
        return False
    if any(word in taken for word in words) or words[0] in FUNCTION or words[-1] in FUNCTION:
        return False
    if all(word in FUNCTION or word in DOCUMENT or word in _WEAK for word in words):
        return False
    if any(word[:1].isupper() and not word.isupper() for word in phrase.split()[1:]):
        return False
    if len(words) == 1:
        return phrase[:1].islower() and len(key) >= 6 and words[0] not in _WEAK
    return words[0] not in _WEAK and words[-1] not in _WEAK


def _shown(phrase: str) -> str:
    return re.sub(r"^(?:l|d|qu|s|n|c|j|m)['’]", "", phrase, flags=re.IGNORECASE)
