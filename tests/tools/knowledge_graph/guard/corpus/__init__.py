"""Hostile and harmless queries, in data files beside; also for tests of the engines."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Engine = Literal["refuse", "harmless", "timeout", "memory", "unstoppable", "not applicable"]


@dataclass(frozen=True, slots=True)
class Hostile:
    """A query that should not be run; README.md says what `engine` means."""

    id: str
    query: str
    rules: list[str]
    engine: Engine


@dataclass(frozen=True, slots=True)
class Harmless:
    """A query that looks odd and only reads."""

    id: str
    query: str


def hostile() -> list[Hostile]:
    """Every hostile query."""
    return [Hostile(**json.loads(line)) for line in _lines("hostile.jsonl")]


def harmless() -> list[Harmless]:
    """Every harmless query."""
    return [Harmless(**json.loads(line)) for line in _lines("harmless.jsonl")]


def _lines(name: str) -> list[str]:
    return Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()
