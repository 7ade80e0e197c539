"""Mails (RFC 5322, MIME) as files: headers and text, then the attached files and mails, each by its reader.

Every passage is located by the day and the sender, "2024-05-03 Marie Dupont"; one of an attached file by its
name too, "report.pdf, page 3".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import Final

from graphs.ingestion.parsing import html, mail_headers, mail_parts
from graphs.ingestion.parsing.attachments import Allowance, sections
from graphs.ingestion.parsing.encoding import decode
from graphs.ingestion.parsing.errors import ParsingError
from graphs.ingestion.parsing.mail_parts import Piece
from graphs.ingestion.parsing.sections import Parts, Section, Title

MAX_DEPTH: Final = 5
"""Mails inside mails deeper than this are named, not read."""

_SOFT_BREAK: Final = re.compile(r"(?m)(?<!^--) \n(?=[^>\n])")
"""A line that goes on in the next one, in a text that says so (RFC 3676): not the mark of a signature."""


def read(path: Path) -> Parts:
    """Yield the subject, then sections; raise `corrupt` when nothing in the file is of a mail."""
    try:
        mail = mail_parts.parsed(path.read_bytes())
        if not mail_headers.are_of_a_mail(mail):
            raise ParsingError("corrupt", "no header of a mail")
        yield Title(mail_headers.value(mail, "Subject"))
        yield from _mail(mail, "", 0, Allowance())
    except RecursionError as error:
        raise ParsingError("corrupt", "parts inside parts without end") from error


def _mail(mail: Message, prefix: str, depth: int, allowance: Allowance) -> Iterator[Section]:
    pieces = list(mail_parts.pieces(mail))
    place = f"{prefix}{_place(mail)}".removesuffix(", ")
    attached = [piece for piece in pieces if piece.kind != "text"]
    names = [f"Attachment: {piece.name}" for piece in attached]
    yield Section("\n".join([*mail_headers.lines(mail), *names]), place)
    for piece in pieces:
        if piece.kind == "text":
            for text in _text(piece):
                yield Section(text, place)
    for piece in attached:
        if piece.kind == "file":
            yield from sections(piece, prefix, allowance)
        elif depth < MAX_DEPTH and (inside := piece.mail):
            yield from _mail(inside, f"{prefix}{piece.name}, ", depth + 1, allowance)


def _place(mail: Message) -> str:
    """Day and sender, as far as they are known."""
    at = mail_headers.date(mail)
    return f"{mail_headers.day(at) if at else ''} {mail_headers.sender(mail)}".strip()


def _text(piece: Piece) -> Iterator[str]:
    """What is written in the mail, quoted replies included."""
    charset = piece.part.get_content_charset()
    if piece.part.get_content_type() == "text/html":
        for part in html.parts(piece.data, charset):
            if isinstance(part, Section):
                yield "\n\n".join(dict.fromkeys([*part.heading[-1:], part.text]))
        return
    text = decode(piece.data, charset)
    yield _SOFT_BREAK.sub(" ", text) if _flows(piece.part) else text


def _flows(part: Message) -> bool:
    return str(part.get_param("format", "")).lower() == "flowed"
