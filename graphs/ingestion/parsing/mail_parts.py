"""What a mail is made of (MIME, RFC 2045 to 2049): its text, its attached files, the mails inside it."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from pathlib import PurePosixPath, PureWindowsPath
from typing import Final, Literal, TypeAlias

from graphs.ingestion.parsing.mail_headers import decoded, value
from graphs.ingestion.parsing.reading import clean
from graphs.ingestion.parsing.registry import FORMATS

Kind = Literal["text", "file", "mail"]
Part: TypeAlias = Message
MAX_NAME_CHARS: Final = 100
MAX_GIVEN_CHARS: Final = 2000

_PREFERRED: Final = ("text/plain", "text/html")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a mail that holds something: what it is, and its name if it is not the mail's own text."""

    kind: Kind
    part: Part
    name: str = ""

    @property
    def suffix(self) -> str:
        """How the name ends, or would end: "" when neither name nor media type tell a format."""
        suffix = PurePosixPath(self.name).suffix.lower()
        if suffix in FORMATS or suffix == ".eml":
            return suffix
        kind = self.part.get_content_type()
        return next((ending for ending, found in FORMATS.items() if found.media_type == kind), "")

    @property
    def data(self) -> bytes:
        """The bytes, decoded from the way they travelled."""
        payload = self.part.get_payload(decode=True)
        return payload if isinstance(payload, bytes) else b""

    @property
    def mail(self) -> Message | None:
        """The mail inside a part of the kind `mail`."""
        return next(iter(_children(self.part)), None) if self.part.is_multipart() else parsed(self.data)


def parsed(data: bytes) -> Message:
    """A mail from its bytes. Whatever they are, something comes out.

    The policy `compat32` reads headers without ever failing; `mail_headers` does better where it counts.
    """
    return BytesParser(policy=compat32).parsebytes(data.removeprefix(b"\xef\xbb\xbf"))


def pieces(part: Part) -> Iterator[Piece]:
    """The pieces of a mail in order; of several forms of one text, the plain one, else the first it can."""
    kind = part.get_content_type()
    found = _children(part)
    if kind == "multipart/alternative":
        yield from _best([list(pieces(child)) for child in found])
    elif part.get_content_maintype() == "multipart":
        for child in found:
            yield from pieces(child)
    else:
        yield from _leaf(part, kind)


def _children(part: Part) -> list[Part]:
    inside = part.get_payload() if part.is_multipart() else []
    return [child for child in inside if isinstance(child, Message)] if isinstance(inside, list) else []


def _best(forms: list[list[Piece]]) -> Iterator[Piece]:
    """One form of the text, and the files of all: a report may hang in the form that is not read."""
    best = min(forms, key=_rank, default=[])
    for form in forms:
        yield from form if form is best else (piece for piece in form if piece.kind != "text" and piece.name)


def _rank(form: list[Piece]) -> int:
    texts = [piece for piece in form if piece.kind == "text" and piece.data.strip()]
    kinds = [piece.part.get_content_type() for piece in texts]
    return min((_PREFERRED.index(kind) if kind in _PREFERRED else 2 for kind in kinds), default=3)


def _leaf(part: Part, kind: str) -> Iterator[Piece]:
    name = _name(part)
    attached = part.get_content_disposition() == "attachment"
    if kind == "message/rfc822" or name.lower().endswith(".eml"):
        piece = Piece("mail", part, name)
        subject = value(mail, "Subject") if (mail := piece.mail) else ""
        yield piece if name else Piece("mail", part, clean(subject)[:MAX_NAME_CHARS] or "message")
    elif part.get_content_maintype() == "text" and not attached and not name:
        yield Piece("text", part)
    elif name or attached:
        # What has neither, a picture that the text shows, a signature of the mail, is nothing to name.
        yield Piece("file", part, name or f"attachment{mimetypes.guess_extension(kind) or ''}")


def _name(part: Part) -> str:
    """The bare name of an attached file, whatever path comes with it; "" when it has none."""
    try:
        given = (part.get_filename() or "")[:MAX_GIVEN_CHARS]
    except (ValueError, LookupError, TypeError, AttributeError):  # parameters cut in pieces that do not fit
        return ""
    line = " ".join(clean(decoded(given)).split())
    bare = PurePosixPath(PureWindowsPath(line).name)
    return bare.stem[: MAX_NAME_CHARS - len(bare.suffix)] + bare.suffix[:MAX_NAME_CHARS]
