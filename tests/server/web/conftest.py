"""A running Souvenir on a socket, in front of a scripted Ollama, and a browser to look at it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, async_playwright

from server.owner import Owner
from server.serving import serving
from server.settings import Settings
from tests.ollama_double import OllamaDouble, ollama_double
from tests.server.web.looking import CHROMIUM, FLAGS


@pytest.fixture
async def model() -> AsyncIterator[OllamaDouble]:
    """An Ollama with every model of the default routes."""
    async with ollama_double("llama3.1:8b", "llama3.2:3b", "nomic-embed-text") as double:
        yield double


@pytest.fixture
async def owner(model: OllamaDouble, tmp_path: Path) -> AsyncIterator[Owner]:
    """A Souvenir that serves an empty memory. The tests' guard on the network does for `OFFLINE`."""
    settings = Settings(data_dir=tmp_path / "memory", ollama_url=model.url, offline=False)
    async with serving(settings, kind="command", port=0) as owner:
        yield owner


@pytest.fixture
async def http(owner: Owner) -> AsyncIterator[httpx.AsyncClient]:
    """A program that speaks to it."""
    async with httpx.AsyncClient(base_url=owner.url, trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium without a window."""
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        pytest.skip(f"no browser to test with: none of {', '.join(CHROMIUM)} is on the PATH")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        await browser.close()
