"""Settings: the environment (`SOUVENIR_…`), `.env`, and nothing else in the program reads them.

Unset means embedded: everything lives in one folder, in this process.
"""

import difflib
import locale
import os
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import platformdirs
from dotenv import dotenv_values
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

PREFIX = "SOUVENIR_"
_FOR_TESTS = f"{PREFIX}TEST_"

Lang = Literal["en", "fr"]
"""The languages that Souvenir itself speaks."""


class SettingsError(Exception):
    """A setting that cannot be used; the message is one line that says which and why."""


def _http_url(value: str) -> str:
    value = value.strip().rstrip("/")
    if "://" not in value:
        value = f"http://{value}"
    if not value.startswith(("http://", "https://")):
        raise ValueError("it must start with http:// or https://")
    return value


HttpUrl = Annotated[str, BeforeValidator(_http_url)]


class Settings(BaseModel):
    """What can be set. Frozen: one process, one configuration."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("souvenir", appauthor=False))
    )
    redis_url: str | None = None
    qdrant_url: str | None = None
    qdrant_api_key: str | None = Field(default=None, repr=False)
    neo4j_uri: str | None = None
    neo4j_username: str | None = None
    neo4j_password: str | None = Field(default=None, repr=False)
    database_url: str | None = Field(default=None, repr=False)
    ollama_url: HttpUrl = "http://127.0.0.1:11434"
    models_file: Path | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    local_user: str = Field(default="local", min_length=1, max_length=100)
    lang: Lang = "en"
    session_ttl: int = Field(default=7 * 24 * 3600, gt=0)
    """Seconds that the running conversation is kept at hand after its last turn."""
    offline: bool = True

    @field_validator("data_dir", "models_file")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return None if value is None else value.expanduser().absolute()

    @field_validator("host")
    @classmethod
    def _loopback_only(cls, value: str) -> str:
        if value not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError("this version serves the machine it runs on only: use 127.0.0.1")
        return value

    @field_validator("redis_url", "qdrant_url", "neo4j_uri", "database_url")
    @classmethod
    def _embedded_only(cls, value: str | None) -> str | None:
        if value:
            raise ValueError("this version stores everything in its data folder; unset it")
        return None


def load_settings(**overrides: object) -> Settings:
    """Read the settings; `overrides` win over the environment, the environment over `.env`.

    Raises `SettingsError` with one line when a value cannot be used or a name is misspelt.
    """
    values = _environment()
    values.setdefault("lang", _locale_language())
    values.update({name: value for name, value in overrides.items() if value is not None})
    try:
        return Settings(**values)
    except ValidationError as error:
        raise SettingsError(_one_line(error)) from None


def _environment() -> dict[str, Any]:
    merged = {**dotenv_values(".env"), **os.environ}
    values: dict[str, Any] = {}
    if host := merged.get("OLLAMA_HOST"):
        values["ollama_url"] = _reachable(host)
    for name, value in merged.items():
        if name.startswith(PREFIX) and not name.startswith(_FOR_TESTS) and value:
            values[_known(name)] = value
    return values


def _known(name: str) -> str:
    field = name.removeprefix(PREFIX).lower()
    if field in Settings.model_fields:
        return field
    close = difflib.get_close_matches(field, Settings.model_fields, n=1, cutoff=0.5)
    hint = f"; did you mean {PREFIX}{close[0].upper()}?" if close else ""
    raise SettingsError(f"{name} is not a setting{hint}")


def _reachable(host: str) -> str:
    """Turn the address that Ollama listens on into one to connect to, with its default port."""
    url = host.strip().replace("0.0.0.0", "127.0.0.1")
    url = url if "://" in url else f"http://{url}"
    return url if urlsplit(url).port else f"{url.rstrip('/')}:11434"


def _locale_language() -> str:
    """Return the language of the person's locale: French or English."""
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    name = next(filter(None, names), "") or (locale.getlocale()[0] or "")
    return "fr" if name.lower().startswith("fr") else "en"


def _one_line(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    name = f"{PREFIX}{str(first['loc'][0]).upper()}" if first["loc"] else "settings"
    reason = first["msg"].removeprefix("Value error, ")
    return f"{name} cannot be used: {reason}{_shown(name, first.get('input'))}"


def _shown(name: str, value: object) -> str:
    """Quote the offending value, unless it may hold a password."""
    return "" if name.endswith(("_URL", "_URI", "_KEY", "_PASSWORD")) else f" (it is {value!r})"
