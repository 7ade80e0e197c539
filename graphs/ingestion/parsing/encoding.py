"""Bytes to text: UTF-8, UTF-16 and UTF-32, then the best guess. A text never fails for its encoding."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import Final

from charset_normalizer import from_bytes

from graphs.ingestion.parsing import limits
from graphs.ingestion.parsing.errors import ParsingError

SAMPLE_BYTES: Final = 64 * 1024
"""How much of a file the guess looks at."""

WIDE: Final = 0.2
"""The share of NULs from which a text without a byte order mark is UTF-16."""

_BOMS: Final[tuple[tuple[bytes, str], ...]] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_CANDIDATES: Final = [
    "cp1252",
    "cp1250",
    "cp1251",
    "cp1253",
    "mac_roman",
    "cp932",
    "gb18030",
    "big5",
    "cp949",
]
"""What people's files really are in; with every code page allowed, short texts get exotic guesses."""

_STATEFUL: Final = re.compile(r"iso-?2022|hz|utf-?7", re.IGNORECASE)
"""Written in ASCII with escapes: their bytes are UTF-8 too, and mean nothing there."""
_CALLED_LATIN1: Final = re.compile(r"(iso-?8859-?1|latin-?1|l1)$", re.IGNORECASE)
"""Browsers read it as cp1252, which holds it (https://encoding.spec.whatwg.org/#names-and-labels)."""

_NEWLINE: Final = re.compile(r"\r\n?|\f|\x85|\u2028|\u2029")


def check_size(path: Path) -> None:
    """Raise `too_large` before reading a file whose text cannot fit, at four bytes a character."""
    if path.stat().st_size > 4 * limits.MAX_CHARS:
        raise ParsingError("too_large", f"{path.stat().st_size} bytes of text")


def read_text(path: Path) -> str:
    """The text of a file, with line feeds only; raise `too_large`."""
    check_size(path)
    return decode(path.read_bytes())


def decode(data: bytes, declared: str | None = None) -> str:
    """The text of the bytes, with line feeds only; `declared` is the encoding that the file says it has."""
    return _NEWLINE.sub("\n", data.decode(encoding_of(data, declared), errors="replace"))


def encoding_of(data: bytes, declared: str | None = None) -> str:
    """The encoding to decode the bytes with, errors replaced."""
    sample = data[:SAMPLE_BYTES]
    for bom, name in _BOMS:
        if data.startswith(bom) and (name == "utf-8-sig" or _nulls(sample) > 0.01):
            return name
    if declared and _STATEFUL.match(declared) and _fits(data, declared):
        return declared
    if _nulls(sample) > WIDE:
        return "utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"
    if _is_nearly_utf8(data):
        return "utf-8"
    declared = "cp1252" if declared and _CALLED_LATIN1.match(declared) else declared
    return declared if declared and _fits(data, declared) else _guess(sample)


def _nulls(sample: bytes) -> float:
    """The share of NULs: UTF-16 and UTF-32 hold at least those of their spaces and line ends."""
    return sample.count(0) / len(sample) if sample else 0.0


def _is_nearly_utf8(data: bytes) -> bool:
    """Valid UTF-8, or with so few errors that one bad byte must not turn every accent into garbage."""
    text = data.decode("utf-8", errors="replace")
    bad = text.count("\ufffd")
    return bad == 0 or sum(character > "\x7f" for character in text[:SAMPLE_BYTES]) - bad > 4 * bad


def _fits(data: bytes, declared: str) -> bool:
    """Whether the declaration names an encoding of text that the bytes are in, but for a few of them."""
    try:
        if codecs.lookup(declared).name == "ascii":
            return data.isascii()
        text = data.decode(declared, errors="replace")
    except (LookupError, ValueError):  # unknown, not of text ("base64"), or with a NUL in its name
        return False
    return 100 * text.count("\ufffd") <= len(text)


def _guess(sample: bytes) -> str:
    """The best guess; cp1252 when nearly as good as the best, since most people's old files are in it."""
    matches = list(from_bytes(sample, cp_isolation=_CANDIDATES, enable_fallback=False))
    if not matches:
        return "cp1252"
    best = matches[0]
    western = next((match for match in matches if match.encoding == "cp1252"), None)
    if western and western.chaos - best.chaos <= 0.1 and _reads_western(sample):
        return "cp1252"
    return best.encoding


def _reads_western(sample: bytes) -> bool:
    """Whether, as cp1252, most of the bytes above 127 are letters inside words, as in French or German."""
    text = sample.decode("cp1252", errors="replace")
    high = [character for character in text if character > "\x7f"]
    frequent = sum(character in "àâäçèéêëîïñòóôöùúûüßœŒÀÂÇÈÉÊáíãõåøæÄÖÜ«»’“”–—… °€" for character in high)
    return frequent >= 0.8 * len(high) and len(high) < 0.3 * len(text)
