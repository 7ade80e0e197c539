"""Keys: what makes two ways of writing a name the same node."""

import re
import unicodedata
from typing import Final

MOST_CHARACTERS: Final = 200
"""Of a name; what is longer is no name."""
_BETWEEN: Final = re.compile(r"[\W_]+")


def key_of(name: str) -> str:
    """Return a name without case, accents, punctuation and spare spaces; "" when nothing is left.

    Compatibility forms are one (Unicode Standard Annex 15, NFKD): full-width letters, ligatures.
    """
    folded = unicodedata.normalize("NFKD", name).casefold()
    bare = "".join(one for one in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(one))
    return unicodedata.normalize("NFC", _BETWEEN.sub(" ", bare).strip())


def display(name: str) -> str:
    """Return a name as it is shown: on one line, without control and direction characters."""
    visible = (" " if one.isspace() else one for one in name)
    kept = "".join(one for one in visible if unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    return unicodedata.normalize("NFC", " ".join(kept.split()))


def is_name(name: str) -> bool:
    """Tell whether there is something to know a node by: neither empty nor a page of text."""
    if len(name) > MOST_CHARACTERS:
        return False
    shown = display(name)
    return len(shown) <= MOST_CHARACTERS and bool(key_of(shown))
