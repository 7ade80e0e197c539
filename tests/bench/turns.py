"""Turns of Souvenir against the floor, and how soon its first word comes: `python -m tests.bench.turns`."""

import asyncio
import json
import statistics
import uuid
from collections.abc import Sequence
from contextlib import AsyncExitStack

from tests.bench.load import Door, Run, load
from tests.bench.processes import ROOT, Served, floor, scripted_model, souvenir

SAMPLES = ROOT / "samples"
PAIRS = 5
CONCURRENT = (25, 50)
TURNS_EACH = 4
TIMED_TURNS = 200


def floor_door(served: Served) -> Door:
    """Return how the floor is asked."""
    return Door(served.url, "/stream", lambda text: {"question": text}, (b"needed.", b"event: end"))


def souvenir_door(served: Served) -> Door:
    """Return how Souvenir is asked, through LangServe; answers that name their sources are counted."""

    def body(question: str) -> object:
        return {"input": {"messages": [{"type": "human", "content": question}]}, "config": {}}

    return Door(served.url, "/agent/stream", body, (b"needed.", b"event: end"), b"Sources")


async def section() -> str:
    """Measure, and return the Markdown."""
    asked = _questions()
    async with AsyncExitStack() as stack:
        model = await stack.enter_async_context(scripted_model())
        low = floor_door(await stack.enter_async_context(floor(model)))
        high = souvenir_door(await stack.enter_async_context(souvenir(model, SAMPLES / "documents")))
        for door in (low, high):  # what is loaded at the first turn is loaded now
            await load(door, asked, _threads(4), 2)
        rates = [await _compare(low, high, asked, number) for number in CONCURRENT]
        delays = [await _delays(high, asked, at_once) for at_once in (1, 10)]
    return "\n".join([_RATES, *rates, "", _DELAYS, *delays])


_RATES = (
    "| turns at once | n | floor: turns/s | Souvenir: turns/s | of the floor, median of pairs |\n"
    "|---|---|---|---|---|"
)
_DELAYS = (
    "| turns at once; from the model's first word to the client's | n | p50 ms | p95 ms | max ms |\n"
    "|---|---|---|---|---|"
)


async def _compare(low: Door, high: Door, asked: Sequence[str], number: int) -> str:
    """Run both in turn, in pairs, so that a busy machine is as busy for both; return a row."""
    pairs: list[tuple[Run, Run]] = []
    for _ in range(PAIRS):
        below = await load(low, asked, _threads(number), TURNS_EACH)
        above = await load(high, asked, _threads(number), TURNS_EACH)
        pairs.append((below, above))
    if sum(above.counted for _, above in pairs) < 0.8 * sum(above.turns for _, above in pairs):
        raise RuntimeError("too few answers of Souvenir name a source: recall did not do its work")
    ratios = [above.per_second / below.per_second for below, above in pairs]
    floors, ours = (statistics.median(pair[side].per_second for pair in pairs) for side in (0, 1))
    spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    return f"| {number} | {PAIRS} x {number * TURNS_EACH} | {floors:.1f} | {ours:.1f} | {spread} |"


async def _delays(door: Door, asked: Sequence[str], at_once: int) -> str:
    run = await load(door, asked, _threads(at_once), TIMED_TURNS // at_once)
    times = sorted(run.delays_ms)
    p95 = times[int(0.95 * len(times))]
    cells = f"{statistics.median(times):.0f} | {p95:.0f} | {times[-1]:.0f}"
    return f"| {at_once} at once | {len(times)} | {cells} |"


def _questions() -> list[str]:
    lines = (SAMPLES / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [str(json.loads(line)["question"]) for line in lines]


def _threads(number: int) -> list[str]:
    return [str(uuid.uuid4()) for _ in range(number)]


if __name__ == "__main__":
    print(asyncio.run(section()))
