"""An embedding model behind a real socket, and an embedder for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from graphs.models.embedding.ollama import OllamaEmbedder, open_embedder
from graphs.models.routes import EmbeddingBudget, EmbeddingSpec
from tests.ollama_double import OllamaDouble, ollama_double

NAME = "nomic-embed-text"
Open = Callable[..., AbstractAsyncContextManager[OllamaEmbedder]]


@pytest.fixture
async def double() -> AsyncIterator[OllamaDouble]:
    """An Ollama with one embedding model."""
    async with ollama_double(NAME, dimension=64) as one:
        yield one


@pytest.fixture
def opened(double: OllamaDouble) -> Open:
    """Opens an embedder with these settings."""

    @asynccontextmanager
    async def open_one(**settings: Any) -> AsyncIterator[OllamaEmbedder]:
        budget = EmbeddingBudget(connect=2, answer=settings.pop("answer", 20))
        async with open_embedder(EmbeddingSpec(budget=budget, **settings), double.url) as embedder:
            yield embedder

    return open_one


@pytest.fixture
async def embedder(opened: Open) -> AsyncIterator[OllamaEmbedder]:
    """One with the default settings."""
    async with opened() as one:
        yield one
