"""A Souvenir with a memory of its own for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.clock import FakeClock
from tests.graphs.agent.home import BIG, SMALL, Home, home
from tests.ollama_double import OllamaDouble, ollama_double


@pytest.fixture
async def double() -> AsyncIterator[OllamaDouble]:
    """An Ollama with both models of the default route."""
    async with ollama_double(BIG, SMALL) as one:
        yield one


@pytest.fixture
async def souvenir(tmp_path: Path, double: OllamaDouble, clock: FakeClock) -> AsyncIterator[Home]:
    """An empty Souvenir whose clock stands still."""
    async with home(tmp_path / "memory", double, clock=clock) as opened:
        yield opened
