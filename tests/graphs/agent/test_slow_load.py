"""A model that takes twenty seconds to load, with the limits that Souvenir comes with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.graphs.agent.home import BIG, SMALL, home
from tests.ollama_double import Fault, Reply, ollama_double


@pytest.mark.soak
async def test_a_model_that_loads_for_twenty_seconds_is_waited_for(tmp_path: Path) -> None:
    """It is no failure: the model answers, nothing is degraded, and the log says how long it took to load."""
    async with ollama_double(BIG, SMALL, "nomic-embed-text") as double:
        double.reply(BIG, Reply("Good morning."))
        double.fault(BIG, Fault("slow_load", seconds=20, calls=1))
        async with home(tmp_path / "memory", double) as at:
            answer = await at.ask("Are you there?")
            assert (answer["served_by"], answer["answer"]) == (f"ollama:{BIG}", "Good morning.")
            assert answer["degraded"] == []
            assert answer["timings_ms"]["total"] >= 20_000
            [call] = await at.services.archive.look(lambda unit: unit.calls.recent("local", 10))
    assert call.load_ms
    assert call.load_ms >= 20_000
