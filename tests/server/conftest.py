"""A running Souvenir on a socket, in front of a scripted Ollama."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from server.serving import serving
from server.settings import Settings
from tests.ollama_double import ollama_double
from tests.server.v1_client import Api


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    """Souvenir with an empty memory. The tests' guard on the network does for `OFFLINE`."""
    async with ollama_double("llama3.1:8b", "llama3.2:3b") as double:
        settings = Settings(data_dir=tmp_path / "memory", ollama_url=double.url, offline=False)
        async with (
            serving(settings, kind="command", port=0) as owner,
            httpx.AsyncClient(base_url=owner.url, trust_env=False, timeout=30) as http,
        ):
            yield Api(http, owner, double)
