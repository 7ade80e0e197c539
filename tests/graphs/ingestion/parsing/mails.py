"""Small mails, made with the standard library as mail programs make them."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Final

from tests.graphs.ingestion.parsing.files import written

PLAIN: Final = "Bonjour,\n\nle rapport est joint.\n\n> Où est le rapport ?\n\nMarie\n"


def mail(text: str = PLAIN, **headers: str) -> EmailMessage:
    """A mail of Marie's; headers are given by name, "" leaves one out."""
    made = EmailMessage()
    usual = {
        "Subject": "Réunion à Quimper",
        "From": "Marie Dupont <marie@ex.fr>",
        "To": "Jean <jean@ex.fr>",
        "Date": "Fri, 03 May 2024 14:05:00 +0200",
    }
    for name, value in {**usual, **headers}.items():
        if value:
            made[name] = value
    made.set_content(text)
    return made


def attach(made: EmailMessage, name: str, content: bytes, kind: str = "application/octet-stream") -> None:
    """Attach a file."""
    main, _, sub = kind.partition("/")
    made.add_attachment(content, maintype=main, subtype=sub, filename=name)


def saved(path: Path, made: EmailMessage) -> Path:
    """The file that a mail program saves."""
    return written(path, made.as_bytes(policy=SMTP))


def typed(path: Path, *lines: str | bytes) -> Path:
    """A mail written line by line, right or wrong."""
    return written(path, b"\r\n".join(line.encode() if isinstance(line, str) else line for line in lines))
