"""Text from documents and models, made safe for a terminal."""

from __future__ import annotations

import re

# C0 but tab and newline, DEL, C1: a document must not move the cursor, recolour the screen or write files.
# The bidirectional overrides would let it show something else than what it says (Unicode TR 36, 3.2).
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def clean(text: object) -> str:
    """The text without what a terminal would obey."""
    return UNSAFE.sub("", str(text).replace("\r\n", "\n"))


def one_line(text: object, limit: int = 200) -> str:
    """The text on one line of at most `limit` characters."""
    line = " ".join(clean(text).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def seconds(milliseconds: object) -> str:
    """A duration, in seconds with one decimal."""
    return f"{float(str(milliseconds or 0)) / 1000:.1f}"


def day(moment: object) -> str:
    """The date and the minute of an ISO 8601 moment."""
    return str(moment or "")[:16].replace("T", " ")
