"""Evaluation sets: documents or conversations, and questions whose right passages are known."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from memory.long_term.passages import day_in_words

DOCUMENTS_USER = "documents"


class EvaluationError(Exception):
    """A set that cannot be used; the message is one line with the file and the line number."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What is to be found: a whole document, or one turn of a conversation."""

    id: str
    text: str
    speaker: str = ""
    locator: str = ""
    """Where it stands in a file; "" when it was given without one."""


@dataclass(frozen=True, slots=True)
class Item:
    """A document as it will be kept: one piece, or all that was said at one meeting."""

    id: str
    user: str
    """Conversations are searched one by one: each is a user of its own."""
    title: str
    media_type: str
    pieces: tuple[Piece, ...]
    lang: str | None


@dataclass(frozen=True, slots=True)
class Case:
    """A question and the ids of what answers it."""

    id: str
    user: str
    text: str
    lang: str | None
    gold: frozenset[str]
    category: str | None
    adversarial: bool


@dataclass(frozen=True, slots=True)
class _Row:
    """An object of a file, and where it stands there."""

    where: str
    values: dict[str, Any]

    def text(self, key: str) -> str:
        """Return a text that must be there."""
        value = self.values.get(key)
        if not isinstance(value, str):
            raise self.refused(f"{key!r} must be a text" if key in self.values else f"it needs {key!r}")
        return value

    def optional(self, key: str) -> str | None:
        """Return a text that may be missing, or null."""
        return None if self.values.get(key) is None else self.text(key)

    def texts(self, key: str) -> list[str]:
        """Return a list of texts that must be there."""
        found = self.values[key]
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise self.refused(f"{key!r} must be a list of texts")
        return found

    def moment(self, key: str) -> datetime:
        """Return a date that must be there."""
        try:
            return datetime.fromisoformat(self.text(key))
        except ValueError:
            raise self.refused(f"{key!r} must be a date such as 2026-01-15T12:00:00") from None

    def refused(self, why: str) -> EvaluationError:
        """Return the error that names this line."""
        return EvaluationError(f"{self.where}: {why}")


def read_items(file: Path) -> list[Item]:
    """Read documents, or conversations; raises `EvaluationError`."""
    rows = list(_rows(file))
    told = bool(rows) and "turn_id" in rows[0].values
    known: set[tuple[str, str]] = set()
    for row in rows:
        key = (row.text("conv_id"), row.text("turn_id")) if told else ("", row.text("doc_id"))
        if key in known:
            raise row.refused(f"{key[1]!r} is there already")
        known.add(key)
    return _meetings(rows) if told else [_document(row) for row in rows]


def read_cases(file: Path) -> list[Case]:
    """Read questions; raises `EvaluationError`."""
    return [_case(row) for row in _rows(file)]


def _document(row: _Row) -> Item:
    title, piece = row.optional("title") or "", Piece(row.text("doc_id"), row.text("text"))
    return Item(piece.id, DOCUMENTS_USER, title, "text/plain", (piece,), row.optional("lang"))


def _case(row: _Row) -> Case:
    gold = row.texts("evidence") if "evidence" in row.values else [row.text("gold_doc_id")]
    category = row.values.get("category_name") or row.values.get("category")
    return Case(
        id=row.text("id"),
        user=row.optional("conv_id") or DOCUMENTS_USER,
        text=row.text("question"),
        lang=row.optional("lang"),
        gold=frozenset(gold),
        category=None if category is None else str(category),
        adversarial=row.values.get("category") == 5,
    )


def _meetings(rows: Sequence[_Row]) -> list[Item]:
    """Return each meeting as its transcript would be kept: the day is its title, turns have speakers."""
    meetings: dict[tuple[str, datetime], list[_Row]] = {}
    for row in rows:
        meetings.setdefault((row.text("conv_id"), row.moment("session_datetime")), []).append(row)
    return [
        Item(
            id=f"{conversation} {moment.isoformat()}",
            user=conversation,
            title=day_in_words(moment, turns[0].optional("lang") or "en"),
            media_type="text/vtt",
            pieces=tuple(_turn(row) for row in turns),
            lang=turns[0].optional("lang"),
        )
        for (conversation, moment), turns in meetings.items()
    ]


def _turn(row: _Row) -> Piece:
    """Return a turn, with the caption of the picture that came with it."""
    caption = row.optional("image_caption")
    said = f"{row.text('text')} ({caption})" if caption else row.text("text")
    return Piece(row.text("turn_id"), said, row.text("speaker"))


def _rows(file: Path) -> Iterator[_Row]:
    try:
        # Not `splitlines`: a text may hold separators that end no line of JSON Lines.
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(f"{file} cannot be read: {error}") from None
    for number, line in enumerate(lines, 1):
        where = f"{file}, line {number}"
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            raise EvaluationError(f"{where}: not a JSON object") from None
        if not isinstance(row, dict):
            raise EvaluationError(f"{where}: not a JSON object")
        yield _Row(where, row)
