"""The installed model that somebody probably meant."""

import difflib
import re
from collections.abc import Collection
from typing import Final

from graphs.models.servers import full_name

_NUMBER: Final = re.compile(r"\d+(\.\d+)*")
_ALIKE: Final = 0.85
"""Of two names, from which one is a slip of the other."""


def nearly(name: str, installed: Collection[str]) -> str | None:
    """Return the installed model with another tag of the same name, or of almost this name; None without.

    Names that differ in numbers only, such as llama3.1 and llama3.2, are two models, not a slip.
    """
    wanted, held = full_name(name), sorted(installed)
    if wanted in held:
        return None
    same = [one for one in held if one.rpartition(":")[0] == wanted.rpartition(":")[0]]
    close = same or [
        one
        for one in difflib.get_close_matches(wanted, held, cutoff=_ALIKE)
        if _NUMBER.sub("", one) != _NUMBER.sub("", wanted)
    ]
    return close[0].removesuffix(":latest") if close else None
