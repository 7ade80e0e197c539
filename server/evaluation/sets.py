"""Evaluation sets: documents or conversations, and questions whose right passages are known."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

DOCUMENTS_USER = "documents"


class EvaluationError(Exception):
    """A set that cannot be used; the message is one line with the file and the line number."""


@dataclass(frozen=True, slots=True)
class Item:
    """A document, or a turn of a conversation, as it will be indexed."""

    id: str
    user: str
    """Conversations are searched one by one: each is a user of its own."""
    title: str
    locator: str
    text: str
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
    items = _turns(rows) if rows and "turn_id" in rows[0].values else [_document(row) for row in rows]
    known: set[tuple[str, str]] = set()
    for row, item in zip(rows, items, strict=True):
        if (item.user, item.id) in known:
            raise row.refused(f"{item.id!r} is there already")
        known.add((item.user, item.id))
    return items


def read_cases(file: Path) -> list[Case]:
    """Read questions; raises `EvaluationError`."""
    return [_case(row) for row in _rows(file)]


def _document(row: _Row) -> Item:
    title = row.optional("title") or ""
    return Item(row.text("doc_id"), DOCUMENTS_USER, title, "", row.text("text"), row.optional("lang"))


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


def _turns(rows: Sequence[_Row]) -> list[Item]:
    """Return each turn with its date, its speaker, its picture's caption, and the words of the turn before.

    The name of the speaker before stays out: a question about someone wants what that person said.
    """
    items: list[Item] = []
    before: _Row | None = None
    for row in rows:
        conversation, speaker = row.text("conv_id"), row.text("speaker")
        same = before is not None and before.text("conv_id") == conversation
        text = _said(row) + (f"\n{before.text('text')}" if same and before else "")
        place = f"{row.moment('session_datetime').strftime('%d %B %Y')} {speaker}"
        items.append(Item(row.text("turn_id"), conversation, "", place, text, row.optional("lang")))
        before = row
    return items


def _said(row: _Row) -> str:
    caption = row.optional("image_caption")
    return f"{row.text('speaker')}: {row.text('text')}{f' ({caption})' if caption else ''}"


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
