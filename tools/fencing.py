"""Text from outside, kept inside its fence when a model reads it."""

import re

_TAG = re.compile(r"<(?=\s*/?\s*(?:passage|document)\b)", re.IGNORECASE)


def inert(text: str) -> str:
    """Return the text with its own fence tags, however written, made harmless by a zero-width space."""
    return _TAG.sub("<\u200b", text)


def inert_line(text: str) -> str:
    """Return the text on one line, for what stands beside a fence: a title, a place."""
    return inert(" ".join(text.split()))
