"""Text from outside, kept inside its fence when a model reads it."""

import re

_NUMBER = re.compile(r"\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]")
_TAG = re.compile(r"<(?=\s*/?\s*(?:passage|around|document|earlier|rows)\b)", re.IGNORECASE)


def inert(text: str) -> str:
    """Return the text with its own fence tags, however written, made harmless, and without citations."""
    return _TAG.sub("<\u200b", without_numbers(text))


def without_numbers(text: str) -> str:
    """Return the text with `[1]` written `(1)`: in an answer such a number would pass for a source."""
    return _NUMBER.sub(r"(\1)", text)


def inert_line(text: str) -> str:
    """Return the text on one line, for what stands beside a fence: a title, a place."""
    return inert(" ".join(text.split()))
