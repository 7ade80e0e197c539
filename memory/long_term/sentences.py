"""Sentences: the unit that is weighed against a question and quoted in an answer."""

import re
from collections.abc import Iterator
from itertools import chain

Spans = tuple[tuple[int, int], ...]
"""Where the parts of a sentence stand in its text: first character, and the one after the last."""

_BOUNDARY = re.compile(r"(?<=[.!?…])[\"»”’)\]]*\s+(?=[\"«“‘(\[—–-]?\s*[A-ZÀ-ÖØ-Þ0-9])|\s*\n+\s*")
_ABBREVIATION = re.compile(r"\b(?:M|Mr|Mrs|Ms|Dr|Mme|Mlle|St|Ste|No|n°|art|p|pp|cf|env|av|J|[A-Z])\.$")
_ENGLISH = (
    "who|whom|whose|what|when|where|which|why|how|is|are|was|were|do|does|did|can|could|will|would|should"
    "|has|have|had|tell me"
)
_FRENCH = (
    "qui|que|qu['’]|quoi|quand|où|quel(?:le)?s?|lequel|laquelle|comment|combien|pourquoi|est-ce|dis[- ]moi"
    "|(?:à|de|en|dans|avec|chez|pour) (?:qui|quel(?:le)?s?)|peux-tu|pouvez-vous|as-tu|avez-vous|y a-t-il"
)
_TELLING = re.compile(
    r"^\W*(?:remember|note|know|i|i['’]m|i['’]ve|my|we|our|retiens|notez?|souviens-toi|sache|je|j['’]|mon|ma|mes"
    r"|nous|notre|nos)\b",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"^\W*(?:(?:please|svp|s['’]il (?:te|vous) pla[iî]t)\W+)?(?:"
    r"give|show|list|find|summari[sz]e|explain|describe|compare|translate|search|tell|forget"
    r"|thanks?|thank you|hello|hi|donnez?|dis|dites|montrez?|listez?|trouvez?|cherchez?"
    r"|résumez?|expliquez?|décri(?:s|vez)"
    r"|comparez?|tradui(?:s|sez)|rappelez?|rappelle|racontez?|oubliez?|merci|bonjour|salut"
    r"|i(?:['’]d| would) like to know|i (?:want|need) to know|i (?:forgot|wonder)"
    r"|i don['’]t (?:know|remember)"
    r"|(?:je voudrais|je veux|j['’]aimerais) (?:bien )?savoir|je me demande|j['’]ai oublié"
    r"|je ne (?:sais|me (?:souviens|rappelle)))\b",
    re.IGNORECASE,
)
_LIST_NUMBER = re.compile(r"[\W\d]*[a-z]?[\W\d]*", re.IGNORECASE)
_HEADING_WORDS = 4
_INTERROGATIVE = re.compile(rf"^\W*(?:{_ENGLISH}|{_FRENCH})\b", re.IGNORECASE)


def sentences(text: str) -> list[str]:
    """Split a text into sentences; a line break ends one too, an abbreviation (« M. », "Dr.") does not.

    What says nothing alone, a heading or the number of a list's entry, begins the sentence after it.
    """
    return [said(text, spans) for spans in sentence_spans(text)]


def said(text: str, spans: Spans) -> str:
    """Return what stands at these places of a text, as one sentence."""
    return " ".join(text[start:end] for start, end in spans)


def sentence_spans(text: str) -> list[Spans]:
    """Return where each sentence of a text stands: in one place, or more where parts are joined."""
    found: list[Spans] = []
    joins = False
    for start, end in _parts(text):
        if joins:
            found[-1] = (*found[-1], (start, end))
        else:
            found.append(((start, end),))
        joins = _ABBREVIATION.search(text[start:end]) is not None or _says_nothing(said(text, found[-1]))
    return found


def _parts(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the parts between two boundaries begin and end, spaces around them left out."""
    start = 0
    for end, after in chain((match.span() for match in _BOUNDARY.finditer(text)), [(len(text), 0)]):
        part = text[start:end]
        if bare := part.strip():
            begin = start + part.index(bare)
            yield begin, begin + len(bare)
        start = after


def _says_nothing(part: str) -> bool:
    return _LIST_NUMBER.fullmatch(part) is not None or (
        len(part.split()) <= _HEADING_WORDS and part[-1] not in '.!?…;»”"'
    )


def is_question(sentence: str) -> bool:
    """Tell whether a sentence asks rather than states, with or without its question mark."""
    return sentence.rstrip(' "»”)').endswith("?") or _INTERROGATIVE.match(sentence) is not None


def asks(sentence: str) -> bool:
    """Tell whether a sentence of a person asks for something: a question, a request, a greeting.

    Not for documents, in which « Donnez votre accord par écrit » is a rule.
    """
    return is_question(sentence) or _REQUEST.match(sentence) is not None


def is_telling(text: str) -> bool:
    """Tell whether a message plainly tells something to remember: "My …", « Retiens que … »."""
    return _TELLING.match(text) is not None and not any(map(asks, sentences(text)))


def is_statement(text: str) -> bool:
    """Tell whether a message states something rather than asks; keywords alone ask."""
    if any(map(asks, sentences(text))):
        return False
    return text.rstrip(' "»”)').endswith((".", "!")) or _TELLING.match(text) is not None
