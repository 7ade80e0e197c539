"""Routes that cannot work are refused when the server starts: the file, the line and what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from graphs.models.routes import RoutesError
from memory.archive.archive import Archive
from memory.archive.entities import Chunk, Document
from server.composition import open_services
from server.serving import serving
from server.settings import Settings
from server.startup import STARTUP_ERRORS, startup_line
from tests.ollama_double import Model, OllamaDouble, ollama_double


@pytest.fixture
async def ollama() -> AsyncIterator[OllamaDouble]:
    """An Ollama with three models."""
    async with ollama_double("llama3.1:8b", "mistral:7b", Model("nomic-embed-text", dimension=8)) as double:
        yield double


def settings_for(tmp_path: Path, ollama: OllamaDouble, routes: str, *, offline: bool = False) -> Settings:
    """Settings with these routes."""
    file = tmp_path / "models.yaml"
    file.write_text(routes, encoding="utf-8")
    return Settings(data_dir=tmp_path / "data", ollama_url=ollama.url, models_file=file, offline=offline)


async def refusal(settings: Settings) -> str:
    """The one line with which `souvenir serve` ends."""
    try:
        async with serving(settings, kind="serve", port=0):
            pytest.fail("it started")
    except STARTUP_ERRORS as error:
        return startup_line(error, settings)


@pytest.mark.parametrize(
    ("routes", "place", "words"),
    [
        ("chat:\n  - ollama:llama3.1:8b\n  - ollama:mistrol:7b", 3, "write ollama:mistral:7b"),
        ("embedding:\n  model: ollama:nomic-embed-txt", 2, "write ollama:nomic-embed-text"),
        ("chat: []", 1, "write a list of models"),
        ("chatt:\n  - ollama:llama3.1:8b", 1, "chat"),
        ("chat:\n  - olama:llama3.1:8b", 2, "ollama:llama3.1:8b"),
        ("extraction:\n  - model: mistralai:mistral-small", 2, "SOUVENIR_OFFLINE"),
    ],
    ids=[
        "chat typo",
        "embedder typo",
        "empty chain",
        "unknown task",
        "unknown provider",
        "cloud while offline",
    ],
)
async def test_what_cannot_work_is_refused(
    routes: str, place: int, words: str, ollama: OllamaDouble, tmp_path: Path
) -> None:
    """With the file, the line, and what to write instead."""
    settings = settings_for(tmp_path, ollama, routes)
    if "mistralai" in routes:
        # Not through the server: its guard would stay on this whole process.
        settings = settings.model_copy(update={"offline": True})
        with pytest.raises(RoutesError) as refused:
            async with open_services(settings):
                pytest.fail("it started")
        line = startup_line(refused.value, settings)
    else:
        line = await refusal(settings)
    assert line.startswith(f"{tmp_path}/models.yaml:{place}: ")
    assert words in line
    assert "\n" not in line


async def test_a_dimension_that_contradicts_the_index(ollama: OllamaDouble, tmp_path: Path) -> None:
    """The server does not start on it; the command that makes the index anew does."""
    plain = settings_for(tmp_path, ollama, "embedding:\n  model: ollama:nomic-embed-text")
    async with open_services(plain) as services:
        await _remember(services.archive, services.clock())
        assert await services.projector.drain()
        assert services.index.space
        assert services.index.space.dimension == 8
    other = settings_for(tmp_path, ollama, "embedding:\n  model: ollama:nomic-embed-text\n  dimension: 4")
    line = await refusal(other)
    assert line.startswith(f"{tmp_path}/models.yaml:3: ")
    assert "souvenir documents rebuild" in line
    async with serving(other, kind="command", port=0):
        pass


async def test_models_that_are_not_there_yet_are_no_reason(ollama: OllamaDouble, tmp_path: Path) -> None:
    """A fresh machine has none of them, or no Ollama at all: the server starts, and says what to do."""
    routes = "chat:\n  - ollama:qwen3:4b\n  - ollama:llama3.1:70b"
    async with serving(settings_for(tmp_path, ollama, routes), kind="serve", port=0):
        pass
    ollama.stop()
    async with serving(settings_for(tmp_path, ollama, "chat:\n  - ollama:mistrol:7b"), kind="serve", port=0):
        pass


async def _remember(archive: Archive, now: datetime) -> None:
    """Put one document into the archive."""
    document = Document(
        id="d",
        user="local",
        uri="file:///d",
        title="D",
        media_type="text/plain",
        lang="en",
        content_hash="h",
        size=5,
        text="Words.",
        created_at=now,
        updated_at=now,
        chunk_count=1,
    )
    async with archive.unit() as unit:
        await unit.documents.put(document, [Chunk("c", "d", "local", 0, "Words.", "line 1", "en")])
        await unit.ledger.enqueue("local", "document", "d", "recall")
