"""People: names with a cue beside them, and names that start with a frequent first name."""

import re
from collections.abc import Iterator
from typing import Final

from graphs.extraction.rules.mentions import Mention
from graphs.extraction.rules.shapes import (
    FULL_NAME,
    GAP,
    ONE_OR_MORE,
    TITLES,
    fold,
    is_first_name,
    is_person_shaped,
    is_role,
    is_role_word,
    starts_like_a_person,
)
from graphs.extraction.rules.source import Piece
from graphs.extraction.rules.words import DOCUMENT, FUNCTION, NAMED_AFTER, PLACED
from memory.long_term.speakers import speakers_in

_CANDIDATE: Final = re.compile(rf"(?<![\w@.-]){FULL_NAME}")
_TITLED: Final = re.compile(rf"(?<![\w.]){TITLES}{GAP}({ONE_OR_MORE})")
_WORD_BEFORE: Final = re.compile(r"([^\W\d_][\w-]*)[’' \u00a0\u202f]+\Z")
_ROLE_BEFORE: Final = re.compile(r"([^\W\d_][\w'’-]*)(?:,|\s:)? ?\Z")
_ROLE_AFTER: Final = re.compile(
    r" ?(?:,|\(|[–—-]|\s:)\s?(?:(?:our|the|notre|nos|la|le|l['’]|an?|une?|who is"
    r"|qui est) ?)?([^\n,;.()–—:]{3,60})"
)
_SPEAKS: Final = re.compile(
    r",? (?:said|says|asked|asks|explained|explains|added|reported|wrote|noted|proposed|presented"
    r"|presents|signed|chaired"
    r"|told|will (?:lead|present|chair|contact|send|prepare|write|organi[sz]e)|joined|works|worked"
    r"|thanked|opened|reminded"
    r"|agreed|confirmed|apologi[sz]ed|has been|is in charge|is responsible|was (?:elected"
    r"|appointed|hired|born)"
    r"|a (?:dit|déclaré|expliqué|proposé|présenté|rappelé|signé|demandé|répondu|ajouté|écrit"
    r"|rejoint|été (?:élue?|nommée?|embauchée?|recrutée?))"
    r"|explique|rappelle|propose|présente|précise|demande|répond|ajoute|remercie|ouvre la séance"
    r"|travaille|anime|est (?:chargée?|responsable|élue?|nommée?|née?)"
    r"|s['’]occupe|prend la parole|indique|souligne|quitte|assure)\b"
)
_LED: Final = re.compile(
    r"(?:signed by|represented by|written by|prepared by|chaired by|approved by|led by"
    r"|presented by|drawn up by|reviewed by"
    r"|founded by|designed by|run by|managed by|contact|yours sincerely,|kind regards,|regards,"
    r"|cc:?|attn:?|attention:?"
    r"|signée? par|représentée? par|rédigée? par|préparée? par|présidée? par|approuvée? par"
    r"|animée? par|établie? par"
    r"|fondée? par|dirigée? par|conçue? par|présentée? par|remis par|validée? par|cordialement,"
    r"|interlocut(?:eur|rice) ?:?"
    r"|présents?|présent\(?e\)?s|excusés?|absents?|participants?|attendees|in attendance|apologies"
    r"|with thanks to"
    r"|l['’]attention de|en présence de)(?: ?:)?\s+(?:(?:our|the|la|le|l['’]|notre) )?\Z",
    re.IGNORECASE,
)
_NEXT_IN_LIST: Final = re.compile(rf"(?:,|,? (?:and|et|ou|or|&)|;) (?={FULL_NAME})")
_MAIL: Final = re.compile(r"\b([a-z]{2,})[._-]([a-z]{2,})@", re.IGNORECASE)


def people(number: int, piece: Piece) -> Iterator[Mention]:
    """Yield the people whom one piece names."""
    text = piece.text
    sure: list[tuple[int, int]] = []
    maybe: list[tuple[int, int]] = []
    mails = {(one[1].lower(), one[2].lower()) for one in _MAIL.finditer(text)}
    for match in _CANDIDATE.finditer(text):
        span = _trimmed(text, *match.span())
        if not span:
            continue
        (sure if _is_sure(text, span, piece, mails) else maybe).append(span)
    sure += list(_listed(text, sure, maybe))
    for start, end in sorted(sure):
        yield Mention("Person", text[start:end], number, start, end)
    yield from _titled(number, text, sure)


def spoken_labels(number: int, piece: Piece) -> Iterator[Mention]:
    """Yield who speaks in a text of lines like "Name: …"."""
    if piece.kind != "text":
        return
    for name in speakers_in(piece.text, at_least=2):
        words = [fold(word) for word in name.split()]
        if any(word in DOCUMENT or word in FUNCTION or word in PLACED for word in words):
            continue
        if starts_like_a_person(name) or (len(words) == 1 and is_first_name(name)):
            yield Mention("Person", name, number, *_first(piece.text, name), author=True)


def _first(text: str, name: str) -> tuple[int, int]:
    at = max(0, text.find(name))
    return at, at + len(name)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the place without words that are no part of the name: "When", "The treasurer"."""
    words = [(start + one.start(), start + one.end()) for one in re.finditer(r"\S+", text[start:end])]
    while words and _leads(text[slice(*words[0])]):
        words.pop(0)
    # A first name further on: what stands before is something else ("Treasurer Claire Dubois").
    for at in range(1, len(words) - 1):
        if is_first_name(text[slice(*words[at])]) and not is_first_name(text[slice(*words[0])]):
            words = words[at:]
            break
    if len(words) > 2 and _starts_a_sentence(text, words[0][0]) and not _opens(text[slice(*words[0])]):
        words.pop(
            0
        )  # "Ask Bogdan Ilic": no name of ours starts a sentence with a word that is no first name.
    while words and fold(text[slice(*words[-1])]) in FUNCTION | DOCUMENT:
        words.pop()
    if len(words) < 2:
        return None
    span = words[0][0], words[-1][1]
    return span if is_person_shaped(text[slice(*span)]) else None


def _starts_a_sentence(text: str, at: int) -> bool:
    return bool(re.search(r"(?:\A|[.!?:\n•])\s*\Z", text[max(0, at - 3) : at]))


def _opens(word: str) -> bool:
    """Tell whether a name may start with this word."""
    return is_first_name(word) or word.endswith(".") or len(word) == 1


def _leads(word: str) -> bool:
    if re.fullmatch(r"[A-LN-Z]\.", word):
        return False
    return word == "M." or fold(word) in FUNCTION or is_role_word(word)


def _is_sure(text: str, span: tuple[int, int], piece: Piece, mails: set[tuple[str, str]]) -> bool:
    start, end = span
    name = text[start:end]
    before, after = text[max(0, start - 60) : start], text[end : end + 80]
    word = _WORD_BEFORE.search(before)
    if (word and fold(word[1]) in NAMED_AFTER) or _goes_on(after):
        return False
    if is_first_name(name.split()[0]):
        return True
    if _in_mails(name, mails) or _LED.search(before) or re.search(rf"(?<!\w){TITLES}{GAP}\Z", before):
        return True
    role = _ROLE_BEFORE.search(before)
    if role and is_role_word(role[1]) and (role[1].islower() or piece.kind != "heading"):
        return True
    follows = _ROLE_AFTER.match(after)
    if follows and is_role(follows[1]) and follows[1].split()[0][0].islower():
        return True
    return piece.kind in ("text", "speech") and bool(_SPEAKS.match(after)) and not _starts_a_line(before)


def _goes_on(after: str) -> bool:
    """Tell whether the next word makes it something else: "Victoria Station"."""
    following = re.match(rf"{GAP}(?:&{GAP})?([^\W\d_]+)", after)
    if after.startswith((" & ", "-")):
        return True
    return bool(following and following[1][0].isupper() and fold(following[1]) in PLACED)


def _starts_a_line(before: str) -> bool:
    return not before.strip() or before.rstrip(" ").endswith("\n")


def _in_mails(name: str, mails: set[tuple[str, str]]) -> bool:
    words = name.split()
    return (fold(words[0]), fold(words[-1]).replace(" ", "")) in mails


def _listed(
    text: str, sure: list[tuple[int, int]], maybe: list[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Yield those of the uncertain that stand in a list beside a sure one, on either side."""
    ends = {end for _, end in sure}
    starts = {start for start, _ in sure}
    for start, end in maybe:
        joined = _NEXT_IN_LIST.match(text, end)
        before = re.search(r"(?:,|,? (?:and|et|ou|or|&)|;) \Z", text[max(0, start - 6) : start])
        if re.search(r"\b(?:une?|an?|the|la|le) \Z", text[max(0, start - 5) : start]):
            continue
        beside = (joined and joined.end() in starts) or (before and start - len(before[0]) in ends)
        if beside and fold(text[start:end].split()[-1]) not in PLACED and not _goes_on(text[end : end + 30]):
            ends.add(end)
            yield start, end


def _titled(number: int, text: str, sure: list[tuple[int, int]]) -> Iterator[Mention]:
    """Yield "Mme Dubois", which a full name elsewhere may complete."""
    for match in _TITLED.finditer(text):
        start, end = match.span(1)
        words = [fold(word) for word in match[1].split()]
        if any(start < last and first < end for first, last in sure):
            continue
        if words[0] in FUNCTION or any(word in DOCUMENT or is_role_word(word) for word in words):
            continue
        if re.match(r"(?:Me|Sir|Miss|Lord|Lady|Pr|Ms)\b", match[0]) and len(match[1]) < 3:
            continue
        yield Mention("Person", match[1], number, start, end)
