"""Dictionaries that say of themselves that they are something else: two hundred, and where they may stand."""

from __future__ import annotations

import random
from typing import Any

MODULES = (
    ("os", "system"),
    ("subprocess", "Popen"),
    ("builtins", "eval"),
    ("builtins", "__import__"),
    ("antigravity", "geohash"),
    ("this", "s"),
    ("langchain_core", "messages", "AIMessage"),
    ("langchain_core", "prompts", "PromptTemplate"),
    ("langchain", "llms", "OpenAI"),
    ("langgraph", "types", "Command"),
    ("pathlib", "Path"),
    ("turtledemo", "clock", "main"),
)
ENVELOPES = 200


def envelopes(seed: int) -> list[dict[str, Any]]:
    """As many as are promised, every kind among them, some in one another."""
    rng = random.Random(seed)
    made: list[dict[str, Any]] = []
    for number in range(ENVELOPES):
        inner = rng.choice(made) if made and number % 5 == 4 else {"command": "touch executed"}
        made.append(_KINDS[number % len(_KINDS)](rng, inner))
    return made


def _constructor(rng: random.Random, inner: Any) -> dict[str, Any]:
    return {
        "lc": rng.choice((1, 2)),
        "type": rng.choice(("constructor", "secret", "not_implemented")),
        "id": list(rng.choice(MODULES)),
        "kwargs": inner,
        "args": [inner],
        "method": rng.choice((None, "construct", ["__call__"])),
    }


def _sent(rng: random.Random, inner: Any) -> dict[str, Any]:
    return {"__send__": [rng.choice(MODULES)[0], inner], "node": "respond", "arg": inner}


def _interrupt(rng: random.Random, inner: Any) -> dict[str, Any]:
    return {"__interrupt__": [{"value": inner, "id": ".".join(rng.choice(MODULES))}], "resumable": True}


def _extension(rng: random.Random, inner: Any) -> dict[str, Any]:
    code = bytes([0xC7, 3, rng.randrange(8), 1, 2, 3])
    return {"__ext__": code, "data": inner, "py/object": ".".join(rng.choice(MODULES))}


def _delta(rng: random.Random, inner: Any) -> dict[str, Any]:
    return {"__overwrite__": inner, "__reduce__": list(rng.choice(MODULES)), "type": "__overwrite__"}


_KINDS = (_constructor, _sent, _interrupt, _extension, _delta)
