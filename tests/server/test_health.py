"""What `doctor` and `/health/ready` say of each part, and the fix where one fails."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest

from server.composition import Services, open_services
from server.health import examine
from server.settings import Settings
from tests.ollama_double import OllamaDouble, ollama_double

CHAT = ("llama3.1:8b", "llama3.2:3b")
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
    """A scripted Ollama with the models of the default route."""
    async with ollama_double(*CHAT) as double:
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
        "knowledge": "absent",
        "ollama:llama3.1:8b": "ok",
        "ollama:llama3.2:3b": "ok",
    }
    assert all(part["fix"] is None for part in parts.values())
    assert parts["archive"]["version"].startswith("SQLite ")
    assert parts["recall"]["version"].startswith("qdrant-edge ")
    assert all(parts[name]["latency_ms"] >= 0 for name in ("archive", "short_term", "recall", "ollama"))
    assert parts["knowledge"]["detail"]


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
    assert {parts[f"ollama:{name}"]["state"] for name in CHAT} == {"degraded"}
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
