"""The routes against what is known at start: what leaves the machine, what is missing, what is misspelt."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.models.routes import (
    PROVIDERS,
    EmbeddingSpec,
    ModelSpec,
    Routes,
    RoutesError,
    contradicts,
    load_routes,
    misspelt,
    refuse_abroad,
)
from tests.graphs.models.routes.files import routes

OLLAMA_URL = "http://gpu.lan:11434"


def verdict(
    read: Routes, *, offline: bool = True, keys: str = "", packages: str = "", url: str = OLLAMA_URL
) -> str:
    """What is said of routes at start, without the folder; empty when nothing is."""
    try:
        refuse_abroad(
            read,
            offline=offline,
            has_key=keys.split().__contains__,
            installed_package=packages.split().__contains__,
            ollama_url=url,
        )
    except RoutesError as error:
        return str(error).rpartition("/models.yaml:")[2] or str(error)
    return ""


def with_address(model: str, url: str) -> str:
    """A file with one model on a server of its own."""
    return f"chat: [{{model: '{model}', base_url: '{url}'}}]"


def test_the_default_routes_need_nothing() -> None:
    """Without a file nothing leaves the machine, and nothing more has to be installed."""
    assert verdict(load_routes(None)) == ""


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("chat: [openai:gpt-4o]", "its provider"),
        (with_address("ollama:a", "http://10.0.0.9:11434"), "10.0.0.9"),
        (with_address("openai:a", "https://me:secret@api.example/v1"), "api.example"),
        ("chat: [ollama:gpt-oss:120b-cloud]", "ollama.com"),
        ("chat: [ollama:glm-4.6:cloud]", "ollama.com"),
        (with_address("ollama:gpt-oss:120b-cloud", "http://gpu.lan:1"), "ollama.com"),
        ("chat: [ollama:a]\nextraction: [groq:b]", "its provider"),
    ],
)
def test_nothing_leaves_the_machine_while_offline(tmp_path: Path, text: str, there: str) -> None:
    """A model elsewhere is refused with its line and the place it would speak to, never with a password."""
    everything = " ".join(f"{one.package} {' '.join(one.keys)}" for one in PROVIDERS.values())
    said = verdict(routes(tmp_path, text), keys=everything, packages=everything)
    assert said.startswith(("1: ", "2: "))
    assert f"would send what you say to {there}, and SOUVENIR_OFFLINE is on" in said
    assert said.endswith("remove it, or set SOUVENIR_OFFLINE=false")
    assert "secret" not in said
    assert verdict(routes(tmp_path, text), offline=False, keys=everything, packages=everything) == ""


@pytest.mark.parametrize(
    "text",
    [
        with_address("ollama:a", "http://127.0.0.1:9"),
        with_address("ollama:a", "http://[::1]:9"),
        with_address("ollama:a", "http://GPU.lan:8080"),
        with_address("openai:a", "http://localhost:8080/v1"),
        with_address("openai:a", "http://gpu.lan:8080/v1"),
        "chat: [ollama:team/private-cloud:8b, ollama:private-cloud]",
    ],
)
def test_servers_of_this_machine_and_beside_ollama_are_home(tmp_path: Path, text: str) -> None:
    """A second Ollama, or an OpenAI-compatible server, on this machine or on Ollama's host."""
    assert verdict(routes(tmp_path, text), packages="langchain-openai", keys="OPENAI_API_KEY") == ""


def test_a_provider_that_may_not_follow_the_address_is_abroad(tmp_path: Path) -> None:
    """Only Ollama and OpenAI's clients are known to speak to the given address and nowhere else."""
    read = routes(tmp_path, with_address("google_genai:a", "http://127.0.0.1:9"))
    assert not read.chat[0].local
    assert "SOUVENIR_OFFLINE is on" in verdict(read, url="")


def test_a_package_that_is_missing_is_named_with_its_command(tmp_path: Path) -> None:
    """The exact command, before anything is asked of the key."""
    read = routes(tmp_path, "chat:\n- ollama:a\n- anthropic:claude-sonnet-4-5")
    assert verdict(read, offline=False) == (
        "3: anthropic:claude-sonnet-4-5 needs langchain-anthropic, which is not installed: "
        "run `uv sync --extra anthropic`"
    )


def test_a_key_that_is_missing_is_named(tmp_path: Path) -> None:
    """The variable to set; any of those that the provider reads will do."""
    read = routes(tmp_path, "chat: [google_genai:gemini-2.5-flash]")
    package = "langchain-google-genai"
    assert verdict(read, offline=False, packages=package) == (
        "1: google_genai:gemini-2.5-flash needs a key: set GOOGLE_API_KEY in the environment"
    )
    assert verdict(read, offline=False, packages=package, keys="GEMINI_API_KEY") == ""


def test_a_server_of_this_machine_needs_no_key(tmp_path: Path) -> None:
    """OpenAI's key has no business with a server at home, but its package is needed to speak to it."""
    read = routes(tmp_path, with_address("openai:a", "http://127.0.0.1:8080/v1"))
    assert verdict(read, packages="langchain-openai") == ""
    assert "uv sync --extra openai" in verdict(read)


@pytest.mark.parametrize(
    ("asked", "installed", "meant"),
    [
        ("lama3.1:8b", ["llama3.1:8b", "llama3.2:3b"], "llama3.1:8b"),
        ("mistrla", ["mistral:latest"], "mistral"),
        ("gema3", ["gemma3:latest", "other"], "gemma3"),
        ("registry.example:5000/team/qwn3:14b", ["registry.example:5000/team/qwen3:14b"], None),
    ],
)
def test_a_misspelt_model_is_refused_with_the_one_that_was_meant(
    tmp_path: Path, asked: str, installed: list[str], meant: str | None
) -> None:
    """The line, the name that is installed, and how to install the other if it was meant."""
    error = misspelt(routes(tmp_path, f"chat:\n- ollama:{asked}"), installed)
    meant = meant or installed[0]
    assert str(error) == (
        f"{tmp_path}/models.yaml:2: ollama:{asked} is not installed, but ollama:{meant} is: "
        f"write ollama:{meant}, or install it with `ollama pull {asked}`"
    )


@pytest.mark.parametrize(
    ("asked", "installed"),
    [
        ("qwen3:4b", "qwen3:8b"),
        ("qwen3:1.7b", "qwen3:14b"),
        ("llama3.1:8b", "llama3.2:3b"),
        ("gemma", "gemma3"),
        ("phi", "yi"),
        ("qwq", "qwen"),
        ("mistral", "mistral:latest"),
        ("mistral:latest", "mistral"),
        ("mistral", "gemma3"),
    ],
)
def test_another_model_is_a_choice_and_no_slip(tmp_path: Path, asked: str, installed: str) -> None:
    """Another size or version, another name, or the same with its tag: nothing is refused."""
    assert misspelt(routes(tmp_path, f"chat: [ollama:{asked}]"), [installed]) is None


def test_a_misspelt_embedding_model(tmp_path: Path) -> None:
    """It is looked for as well, where the file names it."""
    error = misspelt(
        routes(tmp_path, "embedding:\n  dimension: 4\n  model: ollama:bge-n3"), ["bge-m3:latest"]
    )
    assert str(error).startswith(f"{tmp_path}/models.yaml:3: ollama:bge-n3 is not installed")


def test_what_nobody_wrote_is_not_misspelt(tmp_path: Path) -> None:
    """Neither the default routes nor models of other servers are held against what Ollama has."""
    near = ["lama3.1:8b", "nomic-embed-tex"]
    assert misspelt(load_routes(None), near) is None
    assert misspelt(routes(tmp_path, "embedding: {dimension: 4}"), near) is None
    assert misspelt(routes(tmp_path, with_address("ollama:llama3.1:8b", "http://127.0.0.1:9")), near) is None


@given(st.text("abcde", min_size=5, max_size=9), st.sets(st.text("abcde:", min_size=1, max_size=9)))
def test_an_installed_model_is_never_misspelt(name: str, others: set[str]) -> None:
    """Whatever else is installed."""
    made = Routes(chat=(ModelSpec(model=f"ollama:{name}"),), file=Path("m"), lines={("chat", 0): 1})
    assert misspelt(made, [*others, name]) is None


@pytest.mark.parametrize(("asked", "held"), [(768, 768), (768, None), (None, 768), (None, None)])
def test_a_dimension_that_agrees(asked: int | None, held: int | None) -> None:
    """Nothing is said when the index is empty, the dimension is left to the model, or both are the same."""
    assert contradicts(Routes(embedding=EmbeddingSpec(dimension=asked)), held) is None
    assert contradicts(Routes(embedding=None), held) is None


def test_a_dimension_that_contradicts_the_index(tmp_path: Path) -> None:
    """The line, both figures, and what to write."""
    error = contradicts(routes(tmp_path, "embedding:\n  model: ollama:bge-m3\n  dimension: 512"), 1024)
    assert str(error) == (
        f"{tmp_path}/models.yaml:3: embedding.dimension is 512, but the index holds vectors of 1024: "
        "write 1024, or run `souvenir documents rebuild` to have the index made with 512"
    )
