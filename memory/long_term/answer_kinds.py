"""What kind of thing a question asks for, and whether a text holds one.

"When" wants a date, « combien » a number, "who" a name. Li and Roth (2002) call these the answer
types of a question. Across languages, where words cannot match, they and names are all there is to go by.
"""

import re
from collections.abc import Callable
from enum import Enum


class AnswerKind(Enum):
    """The kinds that can be told from the words of a question, in English and French."""

    NUMBER = "number"
    DATE = "date"
    NAME = "name"
    ANY = "any"


_DATE_THINGS = "date|année|jour|mois|heure|siècle|époque"
_NUMBER_THINGS = "montant|prix|budget|nombre|âge|taille|pourcentage|part|taux|somme|durée|coût"
_ASKS: dict[AnswerKind, re.Pattern[str]] = {
    kind: re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    for kind, words in {
        AnswerKind.DATE: r"when|(?:what|which) (?:year|date|day|month|time)"
        rf"|quand|quel(?:le)?s? (?:{_DATE_THINGS})",
        AnswerKind.NUMBER: r"how (?:much|many|old|long|far|tall|big|often)|combien"
        r"|what (?:price|amount|percentage|share|budget)"
        rf"|quel(?:le)?s? (?:(?:est|était) l[ea] )?(?:{_NUMBER_THINGS})",
        AnswerKind.NAME: r"who|whom|whose|qui|where|où|(?:what|which) (?:city|country|town)"
        r"|quel(?:le)?s? (?:ville|pays|région)",
    }.items()
}

_NUMBER_WORDS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|hundred|thousand|million"
    "|un|une|deux|trois|quatre|cinq|sept|huit|neuf|dix|douze|quinze|vingt|trente|cent|mille"
)
_DAYS_AND_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december"
    "|monday|tuesday|wednesday|thursday|friday|saturday|sunday|yesterday|tomorrow|century"
    "|janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
    "|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|hier|demain|siècle"
)
_NUMBER = re.compile(rf"\d|\b(?:{_NUMBER_WORDS})\b", re.IGNORECASE)
_DATE = re.compile(
    rf"\b(?:1\d{{3}}|20\d\d)\b|\b\d{{1,2}}\s?[/.:h]\s?\d{{2}}\b|\b\d{{1,2}}\s?h\b|\b(?:{_DAYS_AND_MONTHS})\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?:(?<=[\w,;:'’)(] )|(?<=['’«(]))[A-ZÀ-Ý][\w'’-]+|\b[A-ZÀ-Ý][\w-]+ [A-ZÀ-Ý][\w-]+")
_WORD = re.compile(r"\w+")


def asked_for(question: str) -> AnswerKind:
    """Return the kind of thing that the question asks for."""
    return next((kind for kind, asks in _ASKS.items() if asks.search(question)), AnswerKind.ANY)


def holds(kind: AnswerKind, text: str, question: str) -> bool:
    """Tell whether `text` holds a thing of that kind; a name must not be the question's own."""
    return _HOLDS[kind](text, question)


def _has_name(text: str, question: str) -> bool:
    own = set(_WORD.findall(question.lower()))
    return any(not set(_WORD.findall(name.lower())) <= own for name in _NAME.findall(text))


_HOLDS: dict[AnswerKind, Callable[[str, str], bool]] = {
    AnswerKind.NUMBER: lambda text, _: _NUMBER.search(text) is not None,
    AnswerKind.DATE: lambda text, _: _DATE.search(text) is not None,
    AnswerKind.NAME: _has_name,
    AnswerKind.ANY: lambda _text, _question: True,
}
