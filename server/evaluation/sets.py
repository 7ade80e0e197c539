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


def read_items(file: Path) -> list[Item]:
    """Read documents, or conversations; raises `EvaluationError`."""
    rows = list(_rows(file))
    if rows and "turn_id" in rows[0]:
        return _turns(rows)
    try:
        return [
            Item(row["doc_id"], DOCUMENTS_USER, row.get("title", ""), "", row["text"], row.get("lang"))
            for row in rows
        ]
    except KeyError as error:
        raise EvaluationError(f"{file}: every line needs {error}") from None


def read_cases(file: Path) -> list[Case]:
    """Read questions; raises `EvaluationError`."""
    try:
        return [_case(row) for row in _rows(file)]
    except KeyError as error:
        raise EvaluationError(f"{file}: every line needs {error}") from None


def _case(row: dict[str, Any]) -> Case:
    gold = row["evidence"] if "evidence" in row else [row["gold_doc_id"]]
    category = row.get("category_name") or row.get("category")
    return Case(
        id=row["id"],
        user=row.get("conv_id", DOCUMENTS_USER),
        text=row["question"],
        lang=row.get("lang"),
        gold=frozenset(gold),
        category=None if category is None else str(category),
        adversarial=row.get("category") == 5,
    )


def _turns(rows: Sequence[dict[str, Any]]) -> list[Item]:
    """Return each turn with its date, its speaker, its picture's caption, and the words of the turn before.

    The name of the speaker before stays out: a question about someone wants what that person said.
    """
    items: list[Item] = []
    before: dict[str, Any] | None = None
    for row in rows:
        same = before is not None and before["conv_id"] == row["conv_id"]
        text = _said(row) + (f"\n{before['text']}" if same and before else "")
        day = datetime.fromisoformat(row["session_datetime"]).strftime("%d %B %Y")
        items.append(
            Item(row["turn_id"], row["conv_id"], "", f"{day} {row['speaker']}", text, row.get("lang"))
        )
        before = row
    return items


def _said(row: dict[str, Any]) -> str:
    caption = f" ({row['image_caption']})" if row.get("image_caption") else ""
    return f"{row['speaker']}: {row['text']}{caption}"


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(f"{file} cannot be read: {error}") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            raise EvaluationError(f"{file}, line {number}: not a JSON object") from None
        if not isinstance(row, dict):
            raise EvaluationError(f"{file}, line {number}: not a JSON object")
        yield row
