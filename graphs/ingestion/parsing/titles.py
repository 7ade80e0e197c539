"""Titles: which ones from inside a file are worth keeping, and what to call a file that has none."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

MAX_CHARS: Final = 200
"""A longer title is cut at a word."""

_PLACEHOLDER: Final = re.compile(
    r"^(microsoft (word|excel|powerpoint)\b.*"
    r"|powerpoint presentation|présentation powerpoint"
    r"|(untitled|sans[ -]titre|document|unknown|title|titre|classeur|book|presentation|présentation)"
    r"[ _-]*\d*(\.\w{1,5})?)$",
    re.IGNORECASE,
)


def sensible(title: str) -> str:
    """The title in one line, or "" when it is a program's placeholder, a path or has no letter."""
    line = " ".join(title.split())
    if not any(character.isalpha() for character in line) or _PLACEHOLDER.match(line):
        return ""
    if re.search(r"^(file:|[a-z]:\\|/)", line, re.IGNORECASE):
        return ""
    return line if len(line) <= MAX_CHARS else line[:MAX_CHARS].rsplit(" ", 1)[0] + "…"


def readable_stem(path: Path) -> str:
    """The name of a file as a title: "compte-rendu_2024-03.md" is "compte rendu 2024-03"."""
    words = re.sub(r"[_\s]+|(?<=[^\W\d])-(?=[^\W\d])", " ", path.stem).strip()
    return words or path.name
