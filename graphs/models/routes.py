"""Routes: for each task, a chain of models to try in order (`models.yaml`)."""

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator


class RoutesError(Exception):
    """`models.yaml` cannot be used; the message is one line with the file and what to change."""


class Budget(BaseModel):
    """How long each phase of an answer may take, in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    connect: float = Field(default=2.0, gt=0)
    first_token: float = Field(default=90.0, gt=0)
    """Loading a model from disk counts here."""
    between_tokens: float = Field(default=30.0, gt=0)
    total: float = Field(default=300.0, gt=0)


class ModelSpec(BaseModel):
    """One model of a chain, with its parameters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    """`provider:name`, as in `ollama:llama3.1:8b`."""
    temperature: float = Field(default=0.2, ge=0, le=2)
    num_ctx: int = Field(default=8192, ge=512)
    """Context window in tokens; Ollama cuts longer prompts silently, so it is always sent."""
    max_tokens: int = Field(default=1024, ge=1)
    budget: Budget = Budget()

    @field_validator("model")
    @classmethod
    def _has_provider(cls, value: str) -> str:
        provider, _, name = value.partition(":")
        if provider != "ollama" or not name:
            raise ValueError(f"{value!r} must be written ollama:NAME")
        return value

    @property
    def name(self) -> str:
        """The model's name at its provider."""
        return self.model.partition(":")[2]


class Routes(BaseModel):
    """The chains by task; each holds at least one model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    chat: tuple[ModelSpec, ...] = Field(
        default=(ModelSpec(model="ollama:llama3.1:8b"), ModelSpec(model="ollama:llama3.2:3b")), min_length=1
    )


Task = Literal["chat"]


def load_routes(file: Path | None) -> Routes:
    """Read the routes from `file`, or return the default ones when there is none.

    Raises `RoutesError` when the file is missing, is not YAML, or has a wrong entry.
    """
    if file is None:
        return Routes()
    try:
        content: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
        return Routes.model_validate(content or {})
    except (OSError, UnicodeDecodeError) as error:
        raise RoutesError(f"{file} cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise RoutesError(f"{file} is not valid YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise RoutesError(f"{file}: {place}: {first['msg'].removeprefix('Value error, ')}") from None
