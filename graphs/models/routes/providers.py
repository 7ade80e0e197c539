"""Providers of models: what to install for each, and the variable that holds its key."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from graphs.models.routes.errors import nearest, shown

OLLAMA = "ollama"


class Provider(NamedTuple):
    """What a provider's models need."""

    package: str
    """The distribution that holds its chat models, as `pip` names it."""
    keys: tuple[str, ...] = ()
    """Environment variables that may hold its key; one is enough. None: it finds its own."""

    @property
    def install(self) -> str:
        """The command that installs its package."""
        return f"uv sync --extra {self.extra}"

    @property
    def extra(self) -> str:
        """The optional part of Souvenir that brings its package."""
        return self.package.removeprefix("langchain-")


# Those that pyproject.toml has an extra for.
PROVIDERS: Mapping[str, Provider] = MappingProxyType(
    {
        OLLAMA: Provider("langchain-ollama"),
        "anthropic": Provider("langchain-anthropic", ("ANTHROPIC_API_KEY",)),
        "deepseek": Provider("langchain-deepseek", ("DEEPSEEK_API_KEY",)),
        "google_genai": Provider("langchain-google-genai", ("GOOGLE_API_KEY", "GEMINI_API_KEY")),
        "groq": Provider("langchain-groq", ("GROQ_API_KEY",)),
        "mistralai": Provider("langchain-mistralai", ("MISTRAL_API_KEY",)),
        "openai": Provider("langchain-openai", ("OPENAI_API_KEY",)),
        "xai": Provider("langchain-xai", ("XAI_API_KEY",)),
    }
)
"""Provider → what its models need."""


def of_known_provider(value: str) -> str:
    """Return a `provider:name` as it is; raises ValueError with what to write instead."""
    provider, _, name = value.partition(":")
    if provider not in PROVIDERS:
        raise ValueError(f"{shown(value)} does not begin with a provider: write {_meant(value)}")
    if not name or any(sign.isspace() or not sign.isprintable() for sign in name):
        raise ValueError(f"{shown(value)} names no model: write {provider}:NAME, without spaces")
    return value


def of_ollama(value: str) -> str:
    """Return an `ollama:name` as it is; raises ValueError with what to write instead."""
    if value.partition(":")[0] in PROVIDERS.keys() - {OLLAMA}:
        raise ValueError(f"{shown(value)} is not a model of Ollama: write {OLLAMA}:NAME")
    return of_known_provider(value)


def _meant(value: str) -> str:
    provider, _, name = value.partition(":")
    close = nearest(provider, tuple(PROVIDERS)) if name else None
    guesses = [f"{close}:{name}"] if close else []
    if close != OLLAMA:
        guesses.append(f"{OLLAMA}:{value}" if value else f"{OLLAMA}:NAME")
    return " or ".join(shown(guess) for guess in guesses)
