"""The parts that a start opens, timed one by one: `python -m tests.bench.opening FOLDER MODEL_URL` (JSON)."""

import asyncio
import json
import sys
import time

_BEGAN = time.perf_counter()

from collections.abc import Callable  # noqa: E402
from contextlib import AbstractAsyncContextManager, AsyncExitStack  # noqa: E402 - what follows is what is timed
from pathlib import Path  # noqa: E402

from memory.archive.archive import open_archive  # noqa: E402
from memory.long_term.edge import open_edge_index  # noqa: E402
from memory.short_term.sqlite import open_checkpointer  # noqa: E402
from server.app import create_app  # noqa: E402
from server.composition import open_services, utc_now  # noqa: E402
from server.settings import load_settings  # noqa: E402


async def phases(folder: Path, model_url: str) -> dict[str, float]:
    """Return the milliseconds of each phase, in order; everything is opened twice, alone and together."""
    spent = {"modules": (time.perf_counter() - _BEGAN) * 1000}
    data = folder / "data"
    openers: dict[str, Callable[[], AbstractAsyncContextManager[object]]] = {
        "archive": lambda: open_archive(data, clock=utc_now),
        "long-term index": lambda: open_edge_index(data / "recall"),
        "checkpoints": lambda: open_checkpointer(data),
    }
    for name, opener in openers.items():
        async with AsyncExitStack() as stack:
            began = time.perf_counter()
            await stack.enter_async_context(opener())
            spent[name] = (time.perf_counter() - began) * 1000
    began = time.perf_counter()
    async with open_services(load_settings(data_dir=data, ollama_url=model_url)) as services:
        spent["all services, these among them"] = (time.perf_counter() - began) * 1000
        began = time.perf_counter()
        create_app(services, "token")
        spent["the application's routes"] = (time.perf_counter() - began) * 1000
    return spent


if __name__ == "__main__":
    print(json.dumps(asyncio.run(phases(Path(sys.argv[1]), sys.argv[2]))))
