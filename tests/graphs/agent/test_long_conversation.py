"""Two hundred turns on one thread: no prompt outgrows the window, and what was said first is not lost."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.graphs.agent.home import BIG, Home, home, routes_file, system_prompt
from tests.ollama_double import OllamaDouble, Reply, ollama_double
from tests.ollama_double.answers import count_tokens

WINDOW = 8192
TURNS = 200
FACTS = [
    ("My locker at the pool has the code 7431.", "What is the code of my locker at the pool?", "7431"),
    ("Our boiler was serviced by Renaud Bertin.", "Who serviced our boiler?", "Renaud Bertin"),
    (
        "Ma fille Capucine est allergique aux noix de cajou.",
        "À quoi ma fille Capucine est-elle allergique ?",
        "noix de cajou",
    ),
    ("The spare key hangs behind the blue door.", "Where does the spare key hang?", "behind the blue door"),
    ("I parked the trailer at Saint-Malo, row 12.", "Where did I park the trailer?", "Saint-Malo, row 12"),
]
"""What the person says in the first ten turns, what needs it later, and what the prompt must then hold."""
_WORDS = [
    "meeting",
    "garden",
    "budget",
    "letter",
    "train",
    "weather",
    "market",
    "printer",
    "invoice",
    "recipe",
]


@pytest.fixture
async def double() -> AsyncIterator[OllamaDouble]:
    """An Ollama that talks at length."""
    async with ollama_double(BIG) as one:
        yield one


@pytest.fixture
async def at(double: OllamaDouble, tmp_path: Path) -> AsyncIterator[Home]:
    """A Souvenir with one model and an ordinary window."""
    routes = routes_file(tmp_path, BIG, num_ctx=WINDOW)
    async with home(tmp_path / "memory", double, routes) as opened:
        yield opened


def chatter(rng: random.Random, words: int) -> str:
    """Something said at length that has nothing to do with the facts."""
    parts = []
    for _ in range(words // 12):
        first, second = rng.sample(_WORDS, 2)
        parts.append(f"Then the {first} took longer than anybody had thought because of the {second}.")
    return " ".join(parts)


async def test_two_hundred_turns(at: Home, double: OllamaDouble, seed: int) -> None:
    """Every prompt fits by the server's own count, and holds what the question needs from the first turns."""
    rng = random.Random(seed)
    double.reply(BIG, Reply(lambda _request: chatter(rng, 240)))
    thread, largest, asked_for = "long", 0, []
    for number in range(TURNS):
        fact = FACTS[number // 2] if number < 10 and number % 2 == 0 else None
        needed = FACTS[(number // 13) % 5] if number >= 10 and number % 13 == 0 else None
        said = fact[0] if fact else needed[1] if needed else f"{chatter(rng, rng.choice([12, 120, 400]))}"
        answer = await at.ask(said, thread)
        assert answer["degraded"] == []
        request = double.requests("/api/chat")[-1]
        largest = max(largest, count_tokens(request.body))
        assert count_tokens(request.body) <= WINDOW - 1024
        if number == 10:
            await at.settle()
        if needed:
            asked_for.append(needed[2])
            assert needed[2] in system_prompt(request), f"turn {number}: {said}"
    assert len(asked_for) >= 14
    assert set(asked_for) == {fact[2] for fact in FACTS}
    assert largest > 0.8 * (WINDOW - 1024), "the window was never full: nothing was tested"
    assert len(await at.turns(thread)) == TURNS
