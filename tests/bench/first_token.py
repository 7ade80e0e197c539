"""What the router adds until a model's first word: `python -m tests.bench.first_token`.

The same prompt to the same scripted model, in turn: through LangChain's `ChatOllama` as it is, and through
the router with everything that watches over a stream.
"""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage
from langchain_ollama import ChatOllama

from graphs.agent.speaking import Speaker
from graphs.models.routes import load_routes
from server.composition import utc_now
from server.models import open_router
from server.settings import Settings
from tests.bench.processes import scripted_model
from tests.bench.scripted_model import NAME

CALLS = 200
_WARMING = 10


async def section() -> str:
    """Measure, and return the table."""
    with tempfile.TemporaryDirectory() as name:
        routes = Path(name, "models.yaml")
        routes.write_text(f"chat:\n  - model: ollama:{NAME}\nembedding: null\n", encoding="utf-8")
        async with scripted_model() as model:
            settings = Settings(data_dir=Path(name), ollama_url=model.url, models_file=routes, offline=False)
            async with open_router(settings, load_routes(routes)) as router:
                plain = ChatOllama(model=NAME, base_url=model.url, num_ctx=8192)
                bare, routed = await _measured(plain, Speaker(router, utc_now))
    rows = [
        f"| {title} | {CALLS} | {_percentiles(times)} |"
        for title, times in (("plain", bare), ("routed", routed))
    ]
    return "\n".join(["| to the first token | n | p50, p95 (ms) |", "|---|---|---|", *rows])


async def _measured(plain: ChatOllama, speaker: Speaker) -> tuple[list[float], list[float]]:
    prompt: list[BaseMessage] = [
        SystemMessage("Answer in a few clear sentences. " * 50),
        HumanMessage("Well?"),
    ]
    [model] = speaker.router.chain("chat")
    bare, routed = [], []
    for _ in range(_WARMING + CALLS):
        begun, first = time.perf_counter(), 0.0
        async for chunk in plain.astream(prompt):
            if chunk.content and not first:
                first = time.perf_counter()
        bare.append(first - begun)
        heard: list[float] = []

        def hear(_event: dict[str, Any], times: list[float] = heard) -> None:
            times.append(time.perf_counter())

        begun = time.perf_counter()
        await speaker.speak(model, prompt, (), hear)
        routed.append(heard[0] - begun)
    return bare[_WARMING:], routed[_WARMING:]


def _percentiles(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    return f"{statistics.median(ordered) * 1e3:.1f}, {ordered[int(0.95 * len(ordered))] * 1e3:.1f}"


if __name__ == "__main__":
    print(asyncio.run(section()))
