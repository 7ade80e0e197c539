"""Speakers: who a question names among those of a conversation, and who speaks in a text.

A transcript keeps each speaker in the locator of a passage ("00:01:20 Marie"), not in its text.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from memory.long_term.folding import Folded, folded

_TITLES: Final = "dr|pr|prof|professor|mr|mrs|ms|miss|m|mme|mlle|me|madame|monsieur|docteur|sir|maitre"
_PARTICLE_TEXT: Final = "de du des d la le van von der den da di el al bin ben y e"
_PARTICLES: Final = frozenset(_PARTICLE_TEXT.split())
_COMMON_TEXT: Final = """
    will may mark bill rose grace hope joy faith sue pat rob drew art frank april june august summer
    dawn iris lily ivy ruby amber jade olive violet daisy holly robin chase grant hunter mason miles ray
    rich jack guy melody destiny star angel sky harmony mercy patience charity prudence chance earnest
    gene don dean rusty brown white green black gray grey young king long short baker cook hill wood
    stone page price field rice west north best day love power sharp small strong sweet wise moon snow
    winter fox wolf bird banks brooks rivers waters park parks cross church hall ford carter porter
    fisher shepherd turner walker pierre claire blanche aimee aime desire constant clement juste parfait
    fleur marguerite violette aurore prune cerise victoire france noel pascal reine ange loup roman
    petit grand blanc noir boulanger marin colombe celeste clemence gentil joly beau roy leroy moulin
    fontaine rousse roux brun lebrun berger chevalier
"""
_COMMON: Final = frozenset(_COMMON_TEXT.split())
"""Names that are words too: as a name, they are written with a capital."""
_MONTHS: Final = frozenset(("may", "april", "june", "august"))
_DATED: Final = re.compile(
    r"\b(?:in|on|last|next|since|early|late|mid|of|this|during|until|by|before|after"
    r"|[0-9]+(?:st|nd|rd|th)?)[ -]\Z"
)
_DATE_FOLLOWS: Final = re.compile(r",? [0-9]")
_ENGLISH_VERBS: Final = frozenset(
    ("will", "may", "mark", "grant", "rob", "sue", "bill", "chase", "hope", "cook")
)
_VERBS: Final = (
    "said|says|told|tells|has|had|is|was|went|goes|wants|wanted|likes|liked|thinks|thought|asked|asks"
    "|est|avait|était|va|veut|dit|pense|doit|peut|parle|aime|ne|se|nous|(?:and|et) (?=[A-ZÀ-Þ])"
)
_NAME_FOLLOWS: Final = re.compile(rf"['’]s\b| (?:{_VERBS})\b|-t-| [nsm]['’]")
_HAS_FOLLOWS: Final = re.compile(" a(?:vait|ura)?[ -]")
"""French: no verb of English is followed so, but those above by an article."""
_STARTS: Final = re.compile(r"(?:\A|[.!?:\n])[\s\"«“(¿¡-]*\Z")
_CAPITAL_FOLLOWS: Final = re.compile(r" ([^\W\d_][\w'’-]*)")

_WORD: Final = r"[A-ZÀ-ÖØ-Þ][\w'’.-]*"
_LINE: Final = re.compile(
    r"[ \t]*(?:[-–•*>]+[ \t]*)?(?:[\[(]?\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?[\])]?[ \t]*[-–]?[ \t]*)?"
    rf"(?:\*\*)?({_WORD}(?: (?:{_WORD}|\d+|d[eu]|van|von|der)){{0,3}})(?:\*\*)?[ \t\u00a0\u202f]?:"
    r"(?:\*\*)?[ \t]+(?=[^\s/])"
)
_LABELS_TEXT: Final = """
    note notes nb attention warning remarque remark question questions réponse réponses answer answers q
    r a exemple exemples example examples total totals subject objet object re tr fwd from to cc bcc de
    à date sujet titre title résumé summary conclusion conclusions introduction annexe appendix source
    sources important décision décisions decision decisions action actions todo conseil astuce tip hint
    info information url adresse address tél tel téléphone phone email e-mail mail nom name prénom
    auteur author lieu place location heure time durée duration prix price montant amount statut status
    version page chapitre chapter section article figure table tableau étape step ingrédients
    ingredients préparation avantages inconvénients pros cons objectif objectifs goal goals contexte
    context problème problem solution solutions présents participants absents excusés attendees agenda
    language langue references références
"""
_LABELS: Final = frozenset(_LABELS_TEXT.split())
_PLACED: Final = re.compile(r"\d{2,}:\d{2}:\d{2} (\S.*)")

_LEFT_OUT_BEFORE: Final = re.compile(
    r"(?:\b(?:de la part de|of|by|with|to|from|for|and|or|de|du|par|avec|chez|à|et|ou|pour) +|\bd['’])\Z",
    re.IGNORECASE,
)
_LEFT_OUT_AFTER: Final = re.compile(r",? +(?:and|or|et|ou) +(?=\w)|, +(?=\w)")
_POSSESSIVE: Final = re.compile(r"['’]s\b|(?<=s)['’](?!\w)")


@dataclass(frozen=True, slots=True)
class _Names:
    """How a speaker may be named; the patterns are of folded text."""

    whole: re.Pattern[str]
    parts: tuple[str, ...]
    """The names that are enough when nobody else has them."""
    any_part: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class _Mention:
    start: int
    end: int
    """In the folded text, its title included."""
    name: int
    """Where the name itself starts."""


def named_speaker(question: str, speakers: Collection[str]) -> str | None:
    """Return the one of the speakers whom the question names; None when it names none, or several.

    A first or a last name is enough. A part of a name that two speakers share names both.
    """
    text = folded(question)
    whole = {speaker: list(_whole_mentions(text, _names(speaker))) for speaker in speakers}
    taken = [mention for mentions in whole.values() for mention in mentions]
    sure: set[str] = set()
    maybe: set[str] = set()
    for speaker in speakers:
        names = _names(speaker)
        for mention in (*whole[speaker], *_part_mentions(text, names, taken)):
            (maybe if _last_name_follows(text, mention, names) else sure).add(speaker)
    named = sure or {speaker for speaker in maybe if len(_names(speaker).parts) == 1}
    return named.pop() if len(named) == 1 else None


def without_name(question: str, speaker: str) -> str:
    """Return the question with that name left out: what is asked, whoever it is about.

    "Caroline's dog" becomes "the dog"; a word that only leads to the name ("of", « avec ») goes with it.
    """
    text, names = folded(question), _names(speaker)
    mentions = list(_whole_mentions(text, names))
    mentions += list(_part_mentions(text, names, mentions))
    left = question
    for mention in sorted(mentions, key=lambda mention: -mention.start):
        left = _cut(left, *text.bounds(mention.start, mention.end))
    left = re.sub(r"[ \t]{2,}", " ", left).strip(" ,;")
    return left if re.search(r"\w", left) else question


def speaker_at(locator: str) -> str | None:
    """Return the speaker in the locator of a passage of a transcript; None when it gives the time alone."""
    placed = _PLACED.fullmatch(locator)
    return placed[1] if placed else None


def speakers_in(text: str, at_least: int = 2) -> tuple[str, ...]:
    """Return who speaks in a text of lines like "Name: …", in order of appearance.

    A name that starts fewer than `at_least` lines may be any heading: ask for 1 only of what is known to be
    a transcript.
    """
    found = Counter(match[1] for line in text.splitlines() if (match := _LINE.match(line)))
    return tuple(
        name for name, lines in found.items() if lines >= at_least and name.rstrip(".").lower() not in _LABELS
    )


@lru_cache(maxsize=1024)
def _names(speaker: str) -> _Names:
    plain = re.sub(rf"\A(?:(?:{_TITLES})\.? +)+(?=\S)", "", folded(speaker).text.strip())
    words = [word for word in re.split(r"[\s_,]+", plain) if word]
    numbered = any(word.isdigit() for word in words)
    parts = () if numbered else tuple(word for word in words if _is_enough(word))
    title = rf"(?:(?:l[ea]\s+)?(?:{_TITLES})\.?\s+)?"
    whole = r"[\s_]+".join(rf"0*{int(word)}" if word.isdecimal() else re.escape(word) for word in words)
    return _Names(
        re.compile(rf"(?<![\w-]){title}(?P<name>{whole or '(?!)'})(?![\w-])"),
        parts,
        re.compile(rf"(?<![\w-]){title}(?P<name>{'|'.join(map(re.escape, parts))})(?![\w-])")
        if parts
        else None,
    )


def _is_enough(word: str) -> bool:
    return len(word) > 1 and not word.endswith(".") and word not in _PARTICLES


def _whole_mentions(text: Folded, names: _Names) -> Iterator[_Mention]:
    for match in names.whole.finditer(text.text):
        mention = _Mention(*match.span(), match.start("name"))
        if match["name"] not in _COMMON or _is_name(text, mention):
            yield mention


def _part_mentions(text: Folded, names: _Names, taken: Collection[_Mention]) -> Iterator[_Mention]:
    """Yield the places of a first or last name alone, outside those that name somebody in full."""
    for match in names.any_part.finditer(text.text) if names.any_part else ():
        mention = _Mention(*match.span(), match.start("name"))
        if any(mention.name < other.end and other.start < mention.end for other in taken):
            continue
        if match["name"] not in _COMMON or _is_name(text, mention):
            yield mention


def _is_name(text: Folded, mention: _Mention) -> bool:
    """Tell whether a word that may be a name is one here: by its capital, unless all have one."""
    start, end = text.bounds(mention.name, mention.end)
    before, after = text.original[:start], text.original[end:]
    if not text.original[start].isupper() or text.original.isupper():
        return False
    if text.text[mention.name : mention.end] in _MONTHS and (
        _DATED.search(before.lower()) or _DATE_FOLLOWS.match(after)
    ):
        return False
    if mention.start < mention.name or not _STARTS.search(before) or _NAME_FOLLOWS.match(after):
        return True
    return text.text[mention.name : mention.end] not in _ENGLISH_VERBS and bool(_HAS_FOLLOWS.match(after))


def _last_name_follows(text: Folded, mention: _Mention, names: _Names) -> bool:
    """Tell whether a last name follows that is not the speaker's: "Marie Curie" is not Marie Dupont."""
    start, end = text.bounds(mention.name, mention.end)
    follows = _CAPITAL_FOLLOWS.match(text.original, end)
    return (
        follows is not None
        and follows[1][0].isupper()
        and text.original[start].isupper()
        and not text.original.isupper()
        and folded(follows[1]).text.removesuffix("'s") not in names.parts
    )


def _cut(question: str, start: int, end: int) -> str:
    """Leave out what stands from `start` to `end`, with its possessive or what joins it to the rest."""
    possessive = _POSSESSIVE.match(question, end)
    if possessive:
        the = "The" if start == 0 else "the"
        return question[:start] + the + question[possessive.end() :]
    after = _LEFT_OUT_AFTER.match(question, end)
    before = None if after else _LEFT_OUT_BEFORE.search(question, 0, start)
    kept = question[: before.start() if before else start]
    rest = question[after.end() if after else end :]
    return (kept.rstrip() if rest[:1] in "?!.,;" else kept) + rest
