"""Shapes: how names of people and organisations are written, as patterns and small tests on folded words."""

import re
from functools import lru_cache
from typing import Final

from graphs.extraction.rules.first_names import FIRST_NAMES
from graphs.extraction.rules.words import DOCUMENT, FUNCTION, PLACED, ROLES
from memory.knowledge.keys import key_of

CAPITAL: Final = "A-ZÀ-ÖØ-ÞŒŠŽŁŚŻČĆĐİÅ"
GAP: Final = r"[ \t\u00a0\u202f]"
"""A space inside a name."""
PART: Final = (
    rf"(?:(?:[DLO]['’]|Mc|Mac)?[{CAPITAL}](?:[^\W_])+(?:['’-](?:[{CAPITAL}]?[^\W\d_]{{2,}}"
    rf"|[{CAPITAL}]))*)(?!['’](?![sS]\b)\w)"
)
"""One capitalised word of a person's name."""
INITIALS: Final = rf"(?>[{CAPITAL}]\.(?:[ -]?[{CAPITAL}]\.){{0,3}})"
PARTICLE: Final = (
    r"(?:de la|de l['’]|de|du|des|le|la|van der|van den|van|von|der|den|di|da|dos|del|bin|ben|el|al|ter|zu)"
)
FULL_NAME: Final = (
    rf"(?:{PART}|{INITIALS})(?:{GAP}(?:{INITIALS}|{PART})){{0,2}}(?:{GAP}{PARTICLE})?(?:{GAP}"
    rf"|(?<=['’]))(?:{PART})"
)
"""Two to five words."""
ONE_OR_MORE: Final = rf"(?:{FULL_NAME}|{PART})"
TITLES: Final = (
    r"(?:M\.|MM\.|Mme|Mmes|Mlle|Mr\.?|Mrs\.?|Ms\.?|Miss|Dr\.?|Pr\.?|Prof\.?|Me|Maître|Monsieur"
    r"|Madame|Mademoiselle"
    r"|Docteur|Professeur|Professor|Doctor|Sir|Lord|Lady|[Cc]aptain|[Cc]apitaine|[Ll]ieutenant"
    r"|[Cc]olonel|[Ss]ergeant|[Aa]djudant"
    r"|[Cc]ommandant|[Ss]œur|[Pp]ère|[Ff]rère|[Ss]ister|[Ff]ather|[Bb]rother|[Rr]everend|Rev\."
    r"|[Aa]bbé|[Mm]aître)"
)
_ROLE_WORD: Final = r"[^\W\d_][\w'’-]*"
_NUMBERS: Final = re.compile(r"\d")


@lru_cache(maxsize=20_000)
def fold(word: str) -> str:
    """Return a word as keys have it; a compound keeps one space between its parts."""
    return key_of(word)


def is_first_name(word: str) -> bool:
    """Tell whether a word is a frequent first name; of a compound, whether its first part is."""
    parts = fold(word).split()
    return bool(parts) and parts[0] in FIRST_NAMES and (len(parts) == 1 or "-" in word)


def is_person_shaped(name: str) -> bool:
    """Tell whether two to five capitalised words may be somebody's name, whoever it is."""
    words = name.split()
    if not 2 <= len(words) <= 6 or _NUMBERS.search(name) or not re.fullmatch(FULL_NAME, name):
        return False
    folded = [fold(word) for word in words]
    if folded[0] in FUNCTION or folded[-1] in FUNCTION:
        return False
    return not any(word in DOCUMENT or word in PLACED or word in ROLES for word in folded)


def starts_like_a_person(name: str) -> bool:
    """Tell whether a name of person's shape starts with a frequent first name."""
    return is_person_shaped(name) and is_first_name(name.split()[0])


def is_role(phrase: str) -> bool:
    """Tell whether a short phrase names what somebody is: it holds a word for a role, and is no sentence."""
    words = re.findall(_ROLE_WORD, phrase)
    return 0 < len(words) <= 7 and any(is_role_word(word) for word in words)


def is_role_word(word: str) -> bool:
    """Tell whether one word is a role."""
    lowered = word.lower().replace("’", "'")
    plain = fold(word)
    return plain in ROLES or plain.replace(" ", "-") in ROLES or fold(lowered.partition("'")[2]) in ROLES
