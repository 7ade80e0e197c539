"""What the routes are refused for at start, before anything is asked; and what they may be."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from graphs.models.routes import RoutesError, load_routes
from server.models import open_router
from server.settings import Settings
from tests.graphs.models.streams.calling import said
from tests.ollama_double import OllamaDouble, ollama_double
from tests.openai_double import Reply, openai_double

KEY = "sk-real-zanzibar"


@pytest.fixture
async def ollama() -> AsyncIterator[OllamaDouble]:
    """The configured Ollama."""
    async with ollama_double("llama3.1:8b") as one:
        yield one


def settings_for(folder: Path, ollama: OllamaDouble, entry: str, **values: Any) -> Settings:
    """Settings with a file of routes: Ollama's model first, then this entry, on line 3."""
    file = folder / "models.yaml"
    file.write_text(f"chat:\n  - ollama:llama3.1:8b\n  - {entry}\n", encoding="utf-8")
    return Settings(data_dir=folder, models_file=file, ollama_url=ollama.url, **values)


async def refusal(settings: Settings) -> str:
    """Why the router is not opened."""
    with pytest.raises(RoutesError) as refused:
        async with open_router(settings, load_routes(settings.models_file)):
            pass
    return str(refused.value)


ABROAD = (
    "would send what you say to {there}, and SOUVENIR_OFFLINE is on: remove it, or set SOUVENIR_OFFLINE=false"
)


@pytest.mark.parametrize(
    ("entry", "values", "said_so"),
    [
        (
            "openai:gpt-test",
            {"provider_keys": {"OPENAI_API_KEY": KEY}},
            f"openai:gpt-test {ABROAD.format(there='its provider')}",
        ),
        ("openai:gpt-test", {}, f"openai:gpt-test {ABROAD.format(there='its provider')}"),
        ("mistralai:small", {}, f"mistralai:small {ABROAD.format(there='its provider')}"),
        (
            "{model: openai:gpt-test, base_url: 'https://models.example/v1'}",
            {},
            f"openai:gpt-test {ABROAD.format(there='models.example')}",
        ),
        ("ollama:gpt-oss:120b-cloud", {}, f"ollama:gpt-oss:120b-cloud {ABROAD.format(there='ollama.com')}"),
        (
            # Only OpenAI's class is known to go where it is told, and nowhere else.
            "{model: anthropic:claude-test, base_url: 'http://localhost:8000'}",
            {},
            f"anthropic:claude-test {ABROAD.format(there='localhost')}",
        ),
        (
            "mistralai:small",
            {"offline": False},
            "mistralai:small needs langchain-mistralai, which is not installed: "
            "run `uv sync --extra mistralai`",
        ),
        (
            "openai:gpt-test",
            {"offline": False},
            "openai:gpt-test needs a key: set OPENAI_API_KEY in the environment",
        ),
        (
            "openai:gpt-test",
            {"offline": False, "provider_keys": {"MISTRAL_API_KEY": KEY}},
            "openai:gpt-test needs a key: set OPENAI_API_KEY in the environment",
        ),
    ],
)
async def test_what_cannot_be_used_is_refused_at_start(
    tmp_path: Path, ollama: OllamaDouble, entry: str, values: dict[str, Any], said_so: str
) -> None:
    """In one line: the file and the line, what is wrong, and what to do; nothing has been asked yet."""
    words = await refusal(settings_for(tmp_path, ollama, entry, **values))
    assert words.endswith(f"models.yaml:3: {said_so}")
    assert "\n" not in words
    assert KEY not in words
    assert not ollama.requests()


async def test_a_server_on_this_machine_needs_no_key_and_no_leave(
    tmp_path: Path, ollama: OllamaDouble
) -> None:
    """OFFLINE holds, no key is set: it answers, and is not abroad."""
    async with openai_double() as openai:
        openai.reply = Reply("From here.")
        entry = f"{{model: openai:local, base_url: '{openai.url}'}}"
        settings = settings_for(tmp_path, ollama, entry)
        assert settings.offline
        async with open_router(settings, load_routes(settings.models_file)) as router:
            first, second = router.chain("chat")
            assert (await said(second)).text == "From here."
            assert (first.abroad, second.abroad) == (False, False)


async def test_a_key_that_is_set_never_reaches_a_server_on_this_machine(
    tmp_path: Path, ollama: OllamaDouble
) -> None:
    """It is for the provider."""
    async with openai_double() as openai:
        entry = f"{{model: openai:local, base_url: '{openai.url}'}}"
        settings = settings_for(tmp_path, ollama, entry, provider_keys={"OPENAI_API_KEY": KEY})
        async with open_router(settings, load_routes(settings.models_file)) as router:
            await said(router.chain("chat")[1])
        assert KEY not in str(openai.requests)


async def test_a_provider_with_its_key_is_accepted_when_one_may_leave(
    tmp_path: Path, ollama: OllamaDouble
) -> None:
    """Opened, and known to be abroad; nothing is sent by that."""
    settings = settings_for(
        tmp_path, ollama, "openai:gpt-test", offline=False, provider_keys={"OPENAI_API_KEY": KEY}
    )
    async with open_router(settings, load_routes(settings.models_file)) as router:
        assert [model.abroad for model in router.chain("chat")] == [False, True]
