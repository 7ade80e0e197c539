"""Names found again: those of the graph, and those that the document itself gave elsewhere."""

import re
from collections.abc import Iterator
from typing import Final

from graphs.extraction.rules.dates import dates
from graphs.extraction.rules.gazetteer import Gazetteer, Known
from graphs.extraction.rules.mentions import Mention, Mentions, overlaps
from graphs.extraction.rules.organizations import is_only_a_kind
from graphs.extraction.rules.shapes import fold, is_person_shaped, is_role_word
from graphs.extraction.rules.source import Source
from graphs.extraction.rules.words import DOCUMENT, FUNCTION, PLACED
from memory.knowledge.facts import Entity

_CIVIC: Final = re.compile(
    r"(?i)\b(?:council|university|school|college|chamber|police|brigade|museum|hospital|service|fc|club)\b"
)
_TIMES_OF_A_TOPIC: Final = 2
"""A document is about a known topic when it names it so often."""
_FORMS_TEXT: Final = "ltd limited llp llc inc plc gmbh sa sas sarl scop scic the la le les"
_FORMS: Final = frozenset(_FORMS_TEXT.split())


def found_again(source: Source, found: Mentions, known: Gazetteer) -> Iterator[Mention]:
    """Yield what the graph knows and this document names too."""
    counts: dict[Entity, list[Mention]] = {}
    for number, piece in enumerate(source.pieces):
        taken = found.taken(number)
        for hit in known.find(piece.text):
            if overlaps((hit.start, hit.end), taken) or not _is_written_as_a_name(hit, piece.text):
                continue
            if hit.entity.label == "Event" and not _is_of_the_day(hit.entity, piece.text, source.lang):
                continue
            one = Mention(hit.entity.label, hit.entity.name, number, hit.start, hit.end, hit.entity.date)
            counts.setdefault(hit.entity, []).append(one)
    for entity, mentions in counts.items():
        if entity.label != "Topic" or len(mentions) >= _TIMES_OF_A_TOPIC:
            yield from mentions


def _is_written_as_a_name(hit: Known, text: str) -> bool:
    if hit.entity.label in ("Topic", "Event"):
        return True
    written = text[hit.start : hit.end]
    if written[0].islower():
        return False
    words = fold(written).split()
    return len(words) > 1 or (len(words[0]) > 3 and words[0] not in FUNCTION | DOCUMENT)


def _is_of_the_day(event: Entity, text: str, lang: str) -> bool:
    return not event.date or any(day.iso.startswith(event.date) for day in dates(text, lang, None))


def repeated(source: Source, found: Mentions) -> list[Mention]:
    """Return the further places of the document's own names, whole or short ("Mme Dubois", "Harbourside")."""
    names = [*_whole(found), *_short(found)]
    gazetteer = Gazetteer(names)
    again: list[Mention] = []
    for number, piece in enumerate(source.pieces):
        taken = found.taken(number)
        for hit in gazetteer.find(piece.text):
            span = (hit.start, hit.end)
            if overlaps(span, taken) or not piece.text[hit.start].isupper() or _goes_on(piece.text, hit):
                continue
            again.append(Mention(hit.entity.label, hit.entity.name, number, *span))
            taken.append(span)
    return again


def _whole(found: Mentions) -> list[Entity]:
    """Return the names of the document."""
    return [
        Entity(one.label, one.name)
        for label in ("Person", "Organization")
        for one in found.of(label)
        if len(one.name) > 2
    ]


def _short(found: Mentions) -> list[Entity]:
    """Return last and first names, and first words of organisations, that can only mean one of them."""
    short: dict[str, set[Entity]] = {}
    for one in found.of("Person"):
        words = one.name.split()
        if len(words) > 1 and is_person_shaped(one.name):
            for word in (words[0], words[-1]):
                short.setdefault(fold(word), set()).add(Entity("Person", word))
    for one in found.of("Organization"):
        words = [word for word in one.name.split() if fold(word) not in _FORMS]
        if words and len(fold(words[0])) > 3 and not _is_common(words[0]) and not _is_civic(one.name):
            short.setdefault(fold(words[0]), set()).add(Entity("Organization", words[0]))
    return [
        next(iter(names))
        for key, names in short.items()
        if len(names) == 1 and len(key) > 2 and not _is_common(key)
    ]


def _is_civic(name: str) -> bool:
    """Tell whether the first word of a name is most likely a place or a kind: "Leeds City Council"."""
    first = name.split()[0]
    return is_only_a_kind(first) or bool(_CIVIC.search(name))


def _is_common(word: str) -> bool:
    folded = fold(word)
    return folded in FUNCTION or folded in DOCUMENT or folded in PLACED or is_role_word(word)


def _goes_on(text: str, hit: Known) -> bool:
    """Tell whether another capitalised word follows or leads: part of another name."""
    if " " in hit.entity.name:
        return False
    after, before = text[hit.end : hit.end + 2], text[max(0, hit.start - 2) : hit.start]
    follows = len(after) == 2 and after[0] in " -&" and after[1].isupper()
    return (
        follows
        or before.endswith("-")
        or (len(before) == 2 and before[1] == " " and before[0].isalnum() and _capital_word(text, hit.start))
    )


def _capital_word(text: str, at: int) -> bool:
    """Tell whether the word before starts with a capital and is no sentence's first or common word."""
    word = text[:at].split()[-1] if text[:at].split() else ""
    return word[:1].isupper() and fold(word) not in FUNCTION and not word.endswith(".")
