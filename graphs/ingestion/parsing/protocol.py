"""What parent and child say to each other: one JSON object per line (RFC 8259, UTF-8), on the child's pipes.

The parent sends {"path": …}. The child answers any number of {"section": [text, locator, heading, atomic]},
and last {"done": {"title", "media_type"}} or {"error": {"code", "detail"}}.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from graphs.ingestion.parsing import limits
from graphs.ingestion.parsing.errors import ParsingError
from graphs.ingestion.parsing.sections import Section

MAX_LINE_BYTES: Final = 4 * limits.MAX_CHARS + 1024 * 1024
"""One section may be the whole text, at four bytes for a character."""
MAX_DETAIL_CHARS: Final = 300


def request(path: Path) -> bytes:
    """Ask for a file. ASCII, so that a name that is not UTF-8 passes as an escaped surrogate."""
    return json.dumps({"path": str(path.absolute())}).encode("ascii") + b"\n"


def requested(line: bytes) -> Path:
    """The file that the parent asks for."""
    return Path(json.loads(line)["path"])


def section(part: Section) -> bytes:
    """Hand over a section."""
    return _line({"section": [part.text, part.locator, part.heading, part.atomic]})


def done(title: str, media_type: str) -> bytes:
    """End a file that was read."""
    return _line({"done": {"title": title, "media_type": media_type}})


def failed(error: ParsingError) -> bytes:
    """End a file that could not be read."""
    return _line({"error": {"code": error.code, "detail": error.detail[:MAX_DETAIL_CHARS]}})


def answer(line: bytes) -> Section | dict[str, str]:
    """A section, or the fields of `done`; raise the ParsingError that the child reports."""
    said: dict[str, Any] = json.loads(line)
    if "section" in said:
        text, locator, heading, atomic = said["section"]
        return Section(text, locator, tuple(heading), atomic)
    if "error" in said:
        raise ParsingError(said["error"]["code"], said["error"]["detail"])
    fields: dict[str, str] = said["done"]
    return fields


def _line(said: dict[str, object]) -> bytes:
    # A detail may quote a file name with bytes that are not UTF-8: they become "?".
    return json.dumps(said, ensure_ascii=False).encode("utf-8", errors="replace") + b"\n"
