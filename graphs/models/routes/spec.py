"""What can be set for one model: chat models and the embedding model."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from graphs.models.routes.addresses import http_url, is_loopback
from graphs.models.routes.providers import OLLAMA, of_known_provider, of_ollama

_DURATION = re.compile(r"-?((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))+", re.ASCII)
"""As Ollama reads it (Go's `time.ParseDuration`), which wants a unit."""
_PART = re.compile(r"([\d.]+)(ns|us|µs|ms|s|m|h)", re.ASCII)
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
TAKES_AN_ADDRESS = (OLLAMA, "openai")
"""Providers whose models are known to go where `base_url` says, and nowhere else."""


def _keep_alive(value: object) -> str | int | None:
    if isinstance(value, str) and _DURATION.fullmatch(value):
        return value
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise ValueError(
        'is not a time: write seconds such as 300, or "30m", 0 (unload at once) or -1 (for ever)'
    )


def keep_seconds(keep_alive: str | int) -> float:
    """Return a `keep_alive` in seconds; below zero it means for ever."""
    if isinstance(keep_alive, int):
        return keep_alive
    seconds = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(keep_alive))
    return -seconds if keep_alive.startswith("-") else seconds


KeepAlive = Annotated[str | int | None, BeforeValidator(_keep_alive)]

ModelName = Annotated[str, AfterValidator(of_known_provider)]
"""`provider:name`, as in `ollama:llama3.1:8b`."""

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Budget(_Frozen):
    """How long each phase of an answer may take, in seconds."""

    connect: Seconds = 2.0
    load: Seconds = 120.0
    """From disk into memory, when the model is not there yet."""
    first_token: Seconds = 60.0
    """From a loaded model."""
    between_tokens: Seconds = 30.0
    total: Seconds = 300.0


class ModelSpec(_Frozen):
    """One model of a chain, with its parameters."""

    model: ModelName
    temperature: float = Field(default=0.2, ge=0, le=2, allow_inf_nan=False)
    num_ctx: int = Field(default=8192, ge=512)
    """Context window in tokens; Ollama cuts longer prompts silently, so it is always sent."""
    max_tokens: int = Field(default=1024, ge=1)
    keep_alive: KeepAlive = None
    """How long Ollama keeps the model in memory: seconds, `30m`, 0, -1; None is the server's own choice."""
    base_url: Annotated[str, AfterValidator(http_url)] | None = Field(default=None, repr=False)
    """Another server than the provider's usual one; it may hold a password."""
    budget: Budget = Budget()

    @property
    def provider(self) -> str:
        """Who runs the model."""
        return self.model.partition(":")[0]

    @property
    def name(self) -> str:
        """The model's name at its provider."""
        return self.model.partition(":")[2]

    @property
    def hosted(self) -> bool:
        """Whether Ollama itself passes what is said on to ollama.com, as for `gpt-oss:120b-cloud`."""
        return self.provider == OLLAMA and re.search(r":([^:/]*-)?cloud$", self.name) is not None

    @property
    def local(self) -> bool:
        """Whether what is said to it stays with the configured Ollama, or on this machine."""
        if self.hosted or self.provider not in TAKES_AN_ADDRESS:
            return False
        return self.provider == OLLAMA if self.base_url is None else is_loopback(self.base_url)


class EmbeddingBudget(_Frozen):
    """How long one call to the embedding model may take, in seconds."""

    connect: Seconds = 2.0
    answer: Seconds = 60.0
    """Loading the model from disk counts here."""


class EmbeddingSpec(_Frozen):
    """The model that turns texts into vectors; what is not said follows from what is known of it."""

    model: Annotated[str, AfterValidator(of_ollama)] = "ollama:nomic-embed-text"
    dimension: int | None = Field(default=None, ge=1, le=65_536)
    """Numbers in a vector: asked of the model and enforced; by default, as many as it gives."""
    query_prefix: str | None = None
    """What stands before a question; by default, what the model's family was trained with."""
    document_prefix: str | None = None
    batch_size: int = Field(default=32, ge=1, le=64)
    """Texts in one call."""
    concurrency: int = Field(default=2, ge=1, le=8)
    """Calls at once; questions come beside them."""
    num_gpu: int | None = Field(default=None, ge=0)
    """Layers on the graphics card; 0: it runs on the processor. By default Ollama chooses, until the model
    pushes a chat model out of memory: then it goes to the processor. What is said here is left as it is."""
    keep_alive: KeepAlive = None
    """As for chat models."""
    budget: EmbeddingBudget = EmbeddingBudget()

    @property
    def name(self) -> str:
        """The model's name at its provider."""
        return self.model.partition(":")[2]
