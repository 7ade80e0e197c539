"""What `doctor` and `/health/ready` say of each part, and the fix where one fails."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest

from graphs.ingestion.state import IngestionContext
from memory.long_term.errors import EmbedderUnavailable
from server.composition import Services, open_services
from server.health import examine
from server.settings import Settings
from tests.ollama_double import Model, OllamaDouble, ollama_double

CHAT = ("llama3.1:8b", "llama3.2:3b")
EMBEDDING = "nomic-embed-text"
OpenHouse = Callable[[str], AbstractAsyncContextManager[Services]]


@pytest.fixture
def house(tmp_path: Path) -> OpenHouse:
    """Opens every part on a folder of its own, with Ollama at an address."""

    @asynccontextmanager
    async def opened(ollama_url: str) -> AsyncIterator[Services]:
        settings = Settings(data_dir=tmp_path / "data", ollama_url=ollama_url)
        async with open_services(settings) as services:
            yield services

    return opened


@pytest.fixture
async def ollama() -> AsyncIterator[OllamaDouble]:
    """A scripted Ollama with the models of the default routes."""
    async with ollama_double(*CHAT, EMBEDDING) as double:
        yield double


def by_name(components: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Components by their name; each has every key."""
    keys = {"component", "backend", "state", "version", "latency_ms", "detail", "fix"}
    assert all(component.keys() == keys for component in components)
    return {component["component"]: component for component in components}


async def test_all_is_well(house: OpenHouse, ollama: OllamaDouble) -> None:
    """Every part with its backend, state, version and latency; no fix where nothing is broken."""
    async with house(ollama.url) as services:
        parts = by_name(await examine(services, "en"))
    assert {name: part["state"] for name, part in parts.items()} == {
        "archive": "ok",
        "short_term": "ok",
        "recall": "ok",
        "ollama": "ok",
        "knowledge": "ok",
        "ollama:llama3.1:8b": "ok",
        "ollama:llama3.2:3b": "ok",
        "ollama:nomic-embed-text": "ok",
    }
    assert parts["recall"]["detail"] == "0 documents and turns are in, 0 by their words only, 0 to come"
    assert parts["ollama:nomic-embed-text"]["detail"] == "768 dimensions"
    assert all(part["fix"] is None for part in parts.values())
    assert parts["archive"]["version"].startswith("SQLite ")
    assert parts["recall"]["version"].startswith("qdrant-edge ")
    assert all(parts[name]["latency_ms"] >= 0 for name in ("archive", "short_term", "recall", "ollama"))


async def test_without_ollama_it_is_degraded(house: OpenHouse, ollama: OllamaDouble) -> None:
    """Not failed: answers quote memory then. The fix says so, in the person's language."""
    ollama.stop()
    async with house(ollama.url) as services:
        parts = by_name(await examine(services, "en"))
        french = by_name(await examine(services, "fr"))
        ollama.start()
        again = by_name(await examine(services, "en"))
    assert parts["ollama"]["state"] == "degraded"
    assert parts["ollama"]["detail"]
    assert "start Ollama" in parts["ollama"]["fix"]
    assert "lancez Ollama" in french["ollama"]["fix"]
    assert {parts[f"ollama:{name}"]["state"] for name in (*CHAT, EMBEDDING)} == {"degraded"}
    assert "searched by words" in parts["ollama:nomic-embed-text"]["fix"]
    assert {parts[name]["state"] for name in ("archive", "short_term", "recall")} == {"ok"}
    assert again["ollama"]["state"] == "ok"


async def test_a_missing_model_is_named_with_its_pull(house: OpenHouse, ollama: OllamaDouble) -> None:
    """What to type to have it, in both languages; the others are fine."""
    ollama.remove("llama3.2:3b")
    async with house(ollama.url) as services:
        parts = by_name(await examine(services, "en"))
        french = by_name(await examine(services, "fr"))
    assert parts["ollama:llama3.1:8b"]["state"] == "ok"
    missing = parts["ollama:llama3.2:3b"]
    assert (missing["state"], missing["detail"]) == ("degraded", "not installed")
    assert missing["fix"] == "run `ollama pull llama3.2:3b`"
    assert french["ollama:llama3.2:3b"]["fix"] == "lancez `ollama pull llama3.2:3b`"


@pytest.mark.parametrize("written", ["mistral", "mistral:latest"])
async def test_latest_is_the_same_as_no_tag(tmp_path: Path, ollama: OllamaDouble, written: str) -> None:
    """`mistral` and `mistral:latest` are one model, however `models.yaml` and Ollama write it."""
    ollama.install("mistral:latest")
    models = tmp_path / "models.yaml"
    models.write_text(f"chat:\n  - model: ollama:{written}\n")
    settings = Settings(data_dir=tmp_path / "data", ollama_url=ollama.url, models_file=models)
    async with open_services(settings) as services:
        parts = by_name(await examine(services, "en"))
    assert parts[f"ollama:{written}"]["state"] == "ok"


@pytest.mark.parametrize("body", [b"[]", b"{}", b'"0.5"', b"<html>", b'{"models": 3, "version": "1"}'])
async def test_something_else_on_ollamas_port(house: OpenHouse, body: bytes) -> None:
    """A server that is not Ollama makes it degraded, and breaks nothing."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with house(f"http://127.0.0.1:{port}") as services:
            parts = by_name(await examine(services, "en"))
    assert parts["ollama"]["state"] == ("ok" if b"version" in body else "degraded")
    assert parts["ollama:llama3.1:8b"]["state"] == "degraded"
    assert parts["archive"]["state"] == "ok"


async def test_broken_parts_are_named_and_the_others_asked(house: OpenHouse, ollama: OllamaDouble) -> None:
    """Checkpoints without their tables, an archive without its file, a closed index: failed, with a fix."""
    async with house(ollama.url) as services:
        folder = services.settings.data_dir
        with closing(sqlite3.connect(folder / "checkpoints.db")) as connection:
            connection.executescript("DROP TABLE checkpoints; DROP TABLE writes;")
        await services.index.close()
        parts = by_name(await examine(services, "en"))
        assert {name: parts[name]["state"] for name in ("archive", "short_term", "recall", "ollama")} == {
            "archive": "ok",
            "short_term": "failed",
            "recall": "failed",
            "ollama": "ok",
        }
        assert str(folder) in parts["short_term"]["fix"]
        assert "souvenir documents rebuild" in parts["recall"]["fix"]
        (folder / "souvenir.db").rename(folder / "away.db")
        archive = by_name(await examine(services, "fr"))["archive"]
        (folder / "away.db").rename(folder / "souvenir.db")
    assert archive["state"] == "failed"
    assert archive["detail"]
    assert "vérifiez le disque" in archive["fix"]


async def test_a_password_in_ollamas_address_is_not_shown(house: OpenHouse, ollama: OllamaDouble) -> None:
    """`doctor` is pasted into bug reports."""
    ollama.stop()
    async with house(ollama.url.replace("http://", "http://marie:q7secret@")) as services:
        parts = await examine(services, "en")
    assert "q7secret" not in str(parts)


async def test_a_missing_embedding_model_is_named_with_its_pull(
    house: OpenHouse, ollama: OllamaDouble
) -> None:
    """What to type to have it; everything else is fine without."""
    ollama.remove(EMBEDDING)
    async with house(ollama.url) as services:
        part = by_name(await examine(services, "en"))["ollama:nomic-embed-text"]
    assert (part["state"], part["detail"], part["fix"]) == (
        "degraded",
        "not installed",
        "run `ollama pull nomic-embed-text`",
    )


async def test_an_index_of_another_model_is_named_with_its_rebuild(
    house: OpenHouse, ollama: OllamaDouble, tmp_path: Path
) -> None:
    """The model was replaced since: degraded, with what brings the vectors back."""
    file = tmp_path / "a.txt"
    file.write_text("The harbour has two cranes.")
    async with house(ollama.url) as services:
        context = IngestionContext(services.settings.local_user)
        events = [event async for event in services.ingestor.paths([file], context)]
        assert events[1]["projections"]["recall"] == {"state": "done", "reason": None}
        ollama.install(Model(EMBEDDING, dimension=512))
        with pytest.raises(EmbedderUnavailable):
            assert services.embedder is not None
            await services.embedder.embed_documents(["The model is asked, and has changed."])
        part = by_name(await examine(services, "en"))["ollama:nomic-embed-text"]
        french = by_name(await examine(services, "fr"))["ollama:nomic-embed-text"]
    assert part["state"] == "degraded"
    assert part["detail"] == "the index holds vectors of another model: dimension 512 instead of 768"
    assert part["fix"] == "run `souvenir documents rebuild`"
    assert french["fix"] == "lancez `souvenir documents rebuild`"


async def test_a_model_that_has_not_learned_the_language(house: OpenHouse, ollama: OllamaDouble) -> None:
    """To a person who reads French, an English model names one that knows both; it is no failure."""
    async with house(ollama.url) as services:
        part = by_name(await examine(services, "fr"))["ollama:nomic-embed-text"]
    assert (part["state"], part["fix"]) == ("ok", None)
    assert "bge-m3" in part["detail"]


async def test_routes_without_an_embedding_model(tmp_path: Path, ollama: OllamaDouble) -> None:
    """A choice, not a failure: absent, and said so."""
    models = tmp_path / "models.yaml"
    models.write_text("embedding: null\n")
    settings = Settings(data_dir=tmp_path / "data", ollama_url=ollama.url, models_file=models)
    async with open_services(settings) as services:
        part = by_name(await examine(services, "en"))["embedding"]
    assert (part["state"], part["fix"]) == ("absent", None)
    assert "searched by words" in part["detail"]


async def test_a_model_that_is_left_alone_is_degraded(house: OpenHouse, ollama: OllamaDouble) -> None:
    """It is there, but failed too often to be asked at the moment; `doctor` says why, in both languages."""
    async with house(ollama.url) as services:
        for _ in range(3):
            services.router.failed(services.router.chain("chat")[1], "the connection broke")
        part = by_name(await examine(services, "en"))["ollama:llama3.2:3b"]
        french = by_name(await examine(services, "fr"))["ollama:llama3.2:3b"]
    assert part["state"] == "degraded"
    assert part["detail"] == "left alone after 3 failures (the connection broke)"
    assert "souvenir models check" in part["fix"]
    assert french["detail"] == "laissé de côté après 3 échecs (la connexion s'est interrompue)"


@pytest.mark.parametrize(
    ("written", "near"), [("llama3.1", "llama3.1:8b"), ("lama3.1:8b", "llama3.1:8b"), ("qwen3:8b", None)]
)
async def test_a_model_that_is_almost_installed(
    tmp_path: Path, ollama: OllamaDouble, written: str, near: str | None
) -> None:
    """Another tag, or a slip of the pen: `doctor` names what is there."""
    models = tmp_path / "models.yaml"
    models.write_text(f"chat: [ollama:{written}]\n")
    settings = Settings(data_dir=tmp_path / "data", ollama_url=ollama.url, models_file=models)
    async with open_services(settings) as services:
        part = by_name(await examine(services, "en"))[f"ollama:{written}"]
    assert part["state"] == "degraded"
    assert part["detail"] == (f"not installed, but {near} is" if near else "not installed")
    assert f"`ollama pull {written}`" in part["fix"]


async def test_models_of_every_task_are_examined(tmp_path: Path, ollama: OllamaDouble) -> None:
    """Each model of the routes once, also those that only another task than chat names."""
    models = tmp_path / "models.yaml"
    models.write_text("chat: [ollama:llama3.1:8b]\nextraction: [ollama:llama3.1:8b, ollama:absent:1b]\n")
    settings = Settings(data_dir=tmp_path / "data", ollama_url=ollama.url, models_file=models)
    async with open_services(settings) as services:
        parts = await examine(services, "en")
    names = [part["component"] for part in parts]
    assert names.count("ollama:llama3.1:8b") == 1
    assert by_name(parts)["ollama:absent:1b"]["state"] == "degraded"
