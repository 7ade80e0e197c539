"""Which language a text is in: stop words decide for short texts, py3langid's model for the others.

The model alone errs on short questions; stop words alone know nothing of texts without them. Names and
numbers are of no language: they get the default.
"""

from __future__ import annotations

import re
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_CODES: Final = "fr en de es it pt nl da sv no fi pl ro hu tr ru el ar zh ja"
LANGUAGES: Final = tuple(_CODES.split())
"""ISO 639-1. Those that have a stemmer in Snowball, and what people's files may well be in besides."""

SHORT_WORDS: Final = 20
SAMPLE_CHARS: Final = 4000
SURE: Final = 0.85
"""The probability from which the model is believed on a short text without any stop word."""

_STOP_WORDS: Final[dict[str, str]] = {
    "fr": """
        le la les un une des du de d l au aux et est sont été était a ai as ont avez avons je j tu il elle
        on nous vous ils elles ne n pas que qu qui quoi quel quelle quels quelles où quand comment combien
        pourquoi dans sur sous avec sans pour par chez entre vers ce c cet cette ces mon ma mes ton ta tes
        son sa ses notre nos votre vos leur leurs se s y en mais ou donc si plus moins très aussi être
        avoir fait t m lui merci bonjour quelqu aujourd
    """,
    "en": """
        the a an of to in and is are was were be been has have had do does did i you he she it we they not
        that this these those who whom whose what which when where why how many much on at by for with
        from as or but if than then there their his her its our your my me us them can could will would
        should about into so no yes hello please thanks s
    """,
    "de": """
        der die das den dem des ein eine einen einem einer und ist sind war waren wird werden hat haben
        ich du er sie es wir ihr nicht kein keine zu im in an am auf mit von vom für bei nach aus über
        unter wer was wann wo warum wie viele welche welcher welches dass oder aber wenn auch noch nur
        sich mein sein
    """,
    "es": """
        el la los las un una unos de del al y es son fue era ha han yo tú él ella nosotros ellos no que
        qué quién quiénes cuál cuáles cuándo dónde cómo cuánto cuántos por para con sin en entre sobre su
        sus mi mis se lo le les o pero si más muy está están hay como
    """,
    "it": """
        il lo la i gli le un una uno di del della dei delle dello al alla ai alle da dal dalla nel nella
        in e è sono era ha hanno io tu lui lei noi voi loro non che chi cosa quale quali quando dove come
        perché quanto quanti con per su tra fra si mi ti ci suo sua o ma se più anche questo questa
    """,
    "pt": """
        o a os as um uma de do da dos das em no na nos nas ao à e é são foi era tem eu tu ele ela nós eles
        não que quem qual quais quando onde como porque quanto quantos por para com sem entre sobre seu
        sua se ou mas mais muito está
    """,
    "nl": """
        de het een van en is zijn was waren heeft hebben ik jij je hij zij ze wij we niet geen te in op
        aan met voor bij naar uit over onder wie wat wanneer waar waarom hoe veel welke dat die dit deze
        of maar als ook nog er hun mijn
    """,
}
_INTERROGATIVES: Final = """
    qui quoi quel quelle quels quelles où quand comment combien pourquoi
    who what which when where why how whose
    wer wann warum wie welche cuándo dónde cómo quién qué cuál
    perché quando dove quem onde wanneer waarom hoe
"""

_LETTERS: Final[dict[str, frozenset[str]]] = {
    "fr": frozenset("éèêëàâçùûîïôœ"),
    "de": frozenset("äöüß"),
    "es": frozenset("ñáíóú"),
    "it": frozenset("àèìòù"),
    "pt": frozenset("ãõçáâê"),
}
"""Letters that speak for a language, in words that are not names: "congés payés"."""

_WORD: Final = re.compile(r"[^\W\d_]+")
_LOADING: Final = Lock()


def detect(text: str, *, default: str = "en") -> str:
    """The ISO 639-1 code of the language of a text, `default` when it does not tell. Safe in threads."""
    words = _WORD.findall(sample(text))
    if not words:
        return default
    if len(words) > SHORT_WORDS or _is_not_latin(words):
        return _rank(text)[0][0]
    return _by_stop_words(words, default, text)


def is_ready() -> bool:
    """Tell whether `detect` has read its model already."""
    return _load.cache_info().currsize > 0


def sample(text: str) -> str:
    """The start of a text and, when it is long, its middle: the start is often a table of contents."""
    if len(text) <= 2 * SAMPLE_CHARS:
        return text
    middle = len(text) // 2
    return f"{text[:SAMPLE_CHARS]} {text[middle : middle + SAMPLE_CHARS]}"


def _by_stop_words(words: list[str], default: str, text: str) -> str:
    hits = {code: _hits(words, code) for code in _STOP_WORDS}
    best = max(hits.values())
    ranked = _rank(text)
    if best == 0:
        code, probability = ranked[0]
        return code if probability >= SURE and len(words) > 3 else default
    tied = [code for code, count in hits.items() if count == best]
    likely = dict(ranked)
    return max(tied, key=lambda code: likely[code])


def _hits(words: list[str], language: str) -> int:
    """Stop words, of which those that ask a question count twice, and words with letters of the language."""
    stops, letters = _words_of(_STOP_WORDS[language]), _LETTERS.get(language, frozenset())
    asking = _words_of(_INTERROGATIVES)
    count = 0
    for word in words:
        small = word.lower()
        if small in stops:
            count += 1 + (small in asking)
        elif small == word and not letters.isdisjoint(small):
            count += 1
    return count


def _is_not_latin(words: list[str]) -> bool:
    letters = "".join(words)
    return sum(letter > "\u024f" for letter in letters) > 0.5 * len(letters)


@lru_cache(maxsize=len(_STOP_WORDS) + 1)
def _words_of(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


def _rank(text: str) -> list[tuple[str, float]]:
    """Languages with their probabilities, best first."""
    ranked: list[tuple[str, float]] = _model().rank(sample(text))
    return ranked


def _model() -> LanguageIdentifier:
    # Without the lock, two threads that come first would both load it: a second and 100 MB each.
    with _LOADING:
        return _load()


@lru_cache(maxsize=1)
def _load() -> LanguageIdentifier:
    """Load the model once, restricted to our languages; it only reads itself when it classifies."""
    from py3langid.langid import MODEL_FILE
    from py3langid.langid import LanguageIdentifier as Identifier

    identifier = Identifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(LANGUAGES)
    return identifier
