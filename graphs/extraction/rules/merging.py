"""Merging: the ways in which one document names somebody or something, as one with its fullest name."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final

from graphs.extraction.rules.mentions import Mention
from graphs.extraction.rules.organizations import is_only_a_kind
from graphs.extraction.rules.shapes import is_first_name
from memory.knowledge.keys import key_of

_FORM_TEXT: Final = """
    ltd limited llp llc inc corp corporation plc gmbh kg bv nv sa sas sasu sarl eurl scop scic snc sci spa
    srl oy co company cooperative coop societe association group groupe cie the la le les l
"""
_FORMS: Final = frozenset(_FORM_TEXT.split())
_PARTICLES_TEXT: Final = "de du des la le van von der den di da el al"
_PARTICLES: Final = frozenset(_PARTICLES_TEXT.split())


def people(mentions: Iterable[Mention]) -> dict[str, str]:
    """Return the fullest name for each name of a person (by key), where only one person can be meant."""
    names = _by_frequency(mentions)
    full = {key: name for key, name in names.items() if len(key.split()) > 1}
    chosen: dict[str, str] = {}
    for key, name in names.items():
        fuller = [other for other in full if other != key and _is_part(key, other)]
        same = [other for other in full if sorted(other.split()) == sorted(key.split())]
        if len(same) > 1:
            chosen[key] = _in_order([names[other] for other in same])
        elif len(key.split()) == 1 and len(_distinct(fuller)) == 1:
            chosen[key] = names[max(fuller, key=len)]
        elif len(key.split()) > 1 and len(fuller) == 1:
            chosen[key] = names[fuller[0]]
        else:
            chosen[key] = name
    return chosen


def organizations(mentions: Iterable[Mention]) -> dict[str, str]:
    """Return the fullest name for each name of an organisation (by key), where only one can be meant."""
    names = _by_frequency(mentions)
    cores = {key: _core(key) for key in names}
    chosen: dict[str, str] = {}
    for key, name in names.items():
        core = cores[key]
        fuller = [
            other
            for other in names
            if other != key
            and _starts(core, cores[other])
            and len(other) > len(key)
            and not is_only_a_kind(name)
        ]
        apart = [
            one for one in fuller if not any(one != two and _starts(cores[one], cores[two]) for two in fuller)
        ]
        sames = {cores[one] for one in apart}
        chosen[key] = names[max(apart, key=len)] if len(sames) == 1 else name
    return chosen


def events(mentions: Iterable[Mention]) -> dict[tuple[str, str], tuple[str, str]]:
    """Return name and date for each event: one date and kindred names are one, the longest name stays."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    by_date: dict[str, list[str]] = defaultdict(list)
    dated: dict[str, str] = {}
    for one in mentions:
        names = by_date[one.date]
        if one.name not in names:
            names.append(one.name)
        if one.date:
            dated.setdefault(key_of(one.name), one.date)
    for date, names in by_date.items():
        for name in names:
            day = date or dated.get(key_of(name), "")
            kindred = [other for other in by_date[day] if _kindred(name, other)] or [name]
            found[key_of(name), date] = (
                max(kindred, key=lambda other: (len(key_of(other).split()), other)),
                day,
            )
    return found


def _kindred(name: str, other: str) -> bool:
    """Tell whether all the words of one stand in the other: "meeting", "board meeting"."""
    one, two = set(key_of(name).split()), set(key_of(other).split())
    return one <= two or two <= one


def _by_frequency(mentions: Iterable[Mention]) -> dict[str, str]:
    """Return for each key the name as it is written most often; all capitals only where nothing else is."""
    written: dict[str, Counter[str]] = defaultdict(Counter)
    for one in mentions:
        written[key_of(one.name)][one.name] += 1
    return {
        key: max(counts, key=lambda name: (not name.isupper() or " " not in name, counts[name], name))
        for key, counts in written.items()
        if key
    }


def _is_part(key: str, full: str) -> bool:
    """Tell whether a name is a part of a full one: a last name, a first name, an initial and a last name."""
    words, whole = key.split(), full.split()
    if len(words) >= len(whole):
        return False
    if len(words) == 1:
        return words[0] in (whole[0], whole[-1]) or key == " ".join(w for w in whole[1:])
    if words == whole[: len(words)]:
        return True
    if words == whole[1:]:
        return all(word in _PARTICLES for word in words[:-1])
    initials = all(len(word) == 1 for word in words[:-1]) and words[-1] == whole[-1]
    middle = words[0] == whole[0] and words[-1] == whole[-1]
    return middle or (initials and words[0] == whole[0][0])


def _distinct(keys: list[str]) -> list[str]:
    """Return those that are no shorter form of another."""
    return [one for one in keys if not any(one != other and _is_part(one, other) for other in keys)]


def _in_order(names: list[str]) -> str:
    """Return the way of writing that starts with the first name: "Claire Dubois", not "Dubois Claire"."""
    return max(
        names, key=lambda name: (is_first_name(name.split()[0]), not is_first_name(name.split()[-1]), name)
    )


def _core(key: str) -> str:
    """Return the words that tell an organisation from others."""
    return " ".join(word for word in key.split() if word not in _FORMS) or key


def _starts(short: str, long: str) -> bool:
    return short == long or long.startswith(f"{short} ")
