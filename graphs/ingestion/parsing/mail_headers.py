"""The headers of a mail as people read them (RFC 5322), encoded words decoded (RFC 2047).

Decoded here rather than by the standard library: that fails on many a malformed header, believes the charset
that a word announces, and breaks a letter whose bytes stand in two words.
"""

from __future__ import annotations

import binascii
import re
from datetime import datetime
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime
from itertools import groupby
from typing import Final

from graphs.ingestion.parsing.encoding import decode

SHOWN: Final = ("Subject", "From", "To", "Cc", "Date")
MAX_CHARS: Final = 2000
"""A longer header, a list of hundreds of recipients, is cut."""

_TELLING: Final = frozenset({*map(str.lower, SHOWN), "received", "message-id", "content-type", "return-path"})
_WORD: Final = re.compile(r"=\?([^?\s]{1,60})\?([bq])\?([^?]*)\?=", re.IGNORECASE)
_WORDS: Final = re.compile(rf"{_WORD.pattern}(?:\s*{_WORD.pattern})*", re.IGNORECASE)


def are_of_a_mail(message: Message) -> bool:
    """Whether there is any header at all of those that mails have."""
    return any(name.lower() in _TELLING for name in message.keys())  # noqa: SIM118 - iterating it is by index


def value(message: Message, name: str) -> str:
    """A header in one line, "" when there is none; repeated ones are joined."""
    raw = ", ".join(_raw(message, name))[:MAX_CHARS]
    return " ".join(decoded(raw).split())


def lines(message: Message) -> list[str]:
    """The headers that are shown, "Name: value"; the date also as ISO 8601 writes the day."""
    said = {name: value(message, name) for name in SHOWN}
    if at := date(message):
        said["Date"] = f"{at:%a}, {at.day} {at:%b} {at:%Y %H:%M %z}".strip() + f" ({day(at)})"
    return [f"{name}: {text}" for name, text in said.items() if text]


def date(message: Message) -> datetime | None:
    """When the mail says it was written, in its own time zone."""
    try:
        return parsedate_to_datetime(value(message, "Date"))
    except (ValueError, TypeError, IndexError, OverflowError):  # its answers to what is no date
        return None


def day(at: datetime) -> str:
    """A day as ISO 8601 writes it; strftime leaves out the zeros of years before 1000."""
    return at.date().isoformat()


def sender(message: Message) -> str:
    """The name of who wrote the mail, or else the address."""
    raw = next(iter(_raw(message, "From")), "")[:MAX_CHARS]
    name, address = parseaddr(raw)
    return " ".join(decoded(name or address or raw).split())


def decoded(text: str) -> str:
    """The text with its encoded words decoded, and its raw bytes, if any, by the best guess."""
    return _WORDS.sub(_run, decode(text.encode("utf-8", errors="surrogateescape")))


def _raw(message: Message, name: str) -> list[str]:
    """The header as it stands in the file; bytes that are not ASCII are lone surrogates."""
    return [str(text) for key, text in message.raw_items() if key.lower() == name.lower()]


def _run(words: re.Match[str]) -> str:
    """Words in a row: those of one charset are one text, whatever cut it."""
    found = [(word[1].partition("*")[0], _bytes(word[2], word[3])) for word in _WORD.finditer(words[0])]
    return "".join(
        decode(b"".join(data for _, data in run), charset)
        for charset, run in groupby(found, key=lambda word: word[0].lower())
    )


def _bytes(way: str, text: str) -> bytes:
    if way in "qQ":
        return binascii.a2b_qp(text.encode("utf-8", errors="replace"), header=True)
    digits = re.sub(r"[^A-Za-z0-9+/]", "", text)
    whole = digits[:-1] if len(digits) % 4 == 1 else digits  # cut: one digit alone is not a byte
    return binascii.a2b_base64(whole + "==")
