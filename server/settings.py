"""Settings: the environment (`SOUVENIR_…`), `.env`, and nothing else in the program reads them.

Unset means embedded: everything lives in one folder, in this process.
"""

import difflib
import ipaddress
import locale
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit

import platformdirs
from dotenv import dotenv_values
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from graphs.models.routes.providers import PROVIDERS
from memory.short_term.errors import RedisUrlRefused
from memory.short_term.redis.url import read_address
from server.settings_messages import misspelt, reason_of, unusable

PREFIX = "SOUVENIR_"
_FOR_TESTS = f"{PREFIX}TEST_"

_HOST = re.compile(r"[A-Za-z0-9._:%-]+")
_OLLAMA_PORT = 11434
_BOLT_SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")

Lang = Literal["en", "fr"]
"""The languages that Souvenir itself speaks."""


class SettingsError(Exception):
    """A setting that cannot be used; the message is one line that says which and why."""


def _http_url(value: str) -> str:
    value = value.strip()
    value = (value if "://" in value else f"http://{value}").rstrip("/")
    if not value.startswith(("http://", "https://")):
        raise ValueError("it must start with http:// or https://")
    if not _HOST.fullmatch(_split(value).hostname or ""):
        raise ValueError("it must name a host")
    return value


def _split(url: str, like: str = "http://127.0.0.1:11434") -> SplitResult:
    """Take a URL apart; raises ValueError, which never quotes it: it may hold a password."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ValueError(f"it must be an address such as {like}") from None
    return parts


HttpUrl = Annotated[str, BeforeValidator(_http_url)]


class Settings(BaseModel):
    """What can be set. Frozen: one process, one configuration."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("souvenir", appauthor=False))
    )
    redis_url: str | None = Field(default=None, repr=False)
    qdrant_url: str | None = Field(default=None, repr=False)
    qdrant_api_key: str | None = Field(default=None, repr=False)
    neo4j_uri: str | None = Field(default=None, repr=False)
    neo4j_username: str | None = None
    neo4j_password: str | None = Field(default=None, repr=False)
    neo4j_database: str | None = None
    database_url: str | None = Field(default=None, repr=False)
    ollama_url: HttpUrl = Field(default=f"http://127.0.0.1:{_OLLAMA_PORT}", repr=False)
    models_file: Path | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    local_user: str = Field(default="local", min_length=1, max_length=100)
    lang: Lang = "en"
    session_ttl: int = Field(default=7 * 24 * 3600, gt=0)
    """Seconds that the running conversation is kept at hand after its last turn."""
    kept_turns: int = Field(default=3, ge=1)
    """Of how many turns of a conversation the checkpoints stay, to go back to."""
    busy_thread: Literal["queue", "refuse"] = "queue"
    """What becomes of a question on a conversation that is just answering another."""
    answer_cache: Literal["exact", "meaning", "off"] = "exact"
    """Which answers of models in the background are kept in Redis: needs JSON there, or search too."""
    offline: bool = True
    provider_keys: Mapping[str, str] = Field(default_factory=dict, repr=False)
    """Keys of providers of models, by the names of their own variables, such as OPENAI_API_KEY."""

    @property
    def service_urls(self) -> list[str]:
        """Return the addresses that this process may connect to, wherever they are."""
        return [url for url in (self.ollama_url, self.neo4j_uri, *self._redis_hosts) if url]

    @property
    def _redis_hosts(self) -> list[str]:
        if self.redis_url is None:
            return []
        return [
            f"redis://[{host}]:{port}" if ":" in host else f"redis://{host}:{port}"
            for host, port in read_address(self.redis_url).hosts
        ]

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

    @field_validator("neo4j_uri")
    @classmethod
    def _bolt_uri(cls, value: str | None) -> str | None:
        if not value:
            return None
        parts = _split(value, like="bolt://127.0.0.1:7687")
        if parts.scheme not in _BOLT_SCHEMES:
            raise ValueError("it must start with bolt:// or neo4j:// (or with +s, +ssc)")
        if parts.username or parts.password:
            raise ValueError("it must not hold a password: use SOUVENIR_NEO4J_USERNAME and _PASSWORD")
        if not _HOST.fullmatch(parts.hostname or ""):
            raise ValueError("it must name a host")
        return value

    @field_validator("redis_url")
    @classmethod
    def _redis_address(cls, value: str | None) -> str | None:
        if not value:
            return None
        try:
            read_address(value)
        except RedisUrlRefused as error:
            raise ValueError(str(error).partition(": ")[2]) from None
        return value

    @field_validator("qdrant_url", "database_url")
    @classmethod
    def _embedded_only(cls, value: str | None) -> str | None:
        if value:
            raise ValueError("this version stores everything in its data folder; unset it")
        return None


def load_settings(**overrides: object) -> Settings:
    """Read the settings; `overrides` win over the environment, the environment over `.env`.

    Raises `SettingsError` with one line when a value cannot be used or a name is misspelt.
    """
    lang = _spoken(overrides.get("lang"))
    values = _environment(lang)
    values.setdefault("lang", _locale_language())
    values["provider_keys"] = _provider_keys()
    values.update({name: value for name, value in overrides.items() if value is not None})
    try:
        return Settings(**values)
    except ValidationError as error:
        raise SettingsError(_one_line(error, lang)) from None


def _spoken(asked: object) -> Lang:
    """Return the language in which to say that a setting is wrong, whatever the others are."""
    given = str(asked or {**dotenv_values(".env"), **os.environ}.get(f"{PREFIX}LANG") or _locale_language())
    return "fr" if given == "fr" else "en"


def _environment(lang: Lang) -> dict[str, Any]:
    merged = {**dotenv_values(".env"), **os.environ}
    values: dict[str, Any] = {}
    if (host := merged.get("OLLAMA_HOST")) and not merged.get(f"{PREFIX}OLLAMA_URL"):
        try:
            values["ollama_url"] = _http_url(_reachable(host.strip()))
        except ValueError as error:
            raise SettingsError(unusable("OLLAMA_HOST", str(error), lang)) from None
    for name, value in merged.items():
        if name.startswith(PREFIX) and not name.startswith(_FOR_TESTS) and value:
            values[_known(name, lang)] = value
    return values


def _provider_keys() -> dict[str, str]:
    merged = {**dotenv_values(".env"), **os.environ}
    names = {name for provider in PROVIDERS.values() for name in provider.keys}
    return {name: value for name in sorted(names) if (value := merged.get(name))}


def _known(name: str, lang: Lang) -> str:
    field = name.removeprefix(PREFIX).lower()
    if field in Settings.model_fields and field != "provider_keys":
        return field
    close = difflib.get_close_matches(field, Settings.model_fields, n=1, cutoff=0.5)
    raise SettingsError(misspelt(name, f"{PREFIX}{close[0].upper()}" if close else None, lang))


def _reachable(host: str) -> str:
    """Turn the address that Ollama listens on into one to connect to.

    Read as Ollama reads it (its envconfig/config.go): no host means loopback, and the port is 11434
    unless a scheme says otherwise. Raises ValueError.
    """
    scheme, separator, rest = host.partition("://")
    if not separator:
        scheme, rest = "http", f"[{host}]" if _is_ipv6(host) else host
    parts = _split(f"{scheme}://{rest}")
    port = parts.port or (_OLLAMA_PORT if not separator else 443 if scheme == "https" else 80)
    name = parts.hostname or ""
    name = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(name, name)
    login = "".join(parts.netloc.rpartition("@")[:2])
    return f"{scheme}://{login}{f'[{name}]' if ':' in name else name}:{port}{parts.path}"


def _is_ipv6(host: str) -> bool:
    try:
        return bool(ipaddress.IPv6Address(host))
    except ValueError:
        return False


def _locale_language() -> str:
    """Return the language of the person's locale: French or English."""
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    name = next(filter(None, names), "") or (locale.getlocale()[0] or "")
    return "fr" if name.lower().startswith("fr") else "en"


def _one_line(error: ValidationError, lang: Lang) -> str:
    first = error.errors(include_url=False)[0]
    name = f"{PREFIX}{str(first['loc'][0]).upper()}" if first["loc"] else "settings"
    return unusable(name, reason_of(first, lang), lang, _shown(name, first.get("input")))


def _shown(name: str, value: object) -> str:
    """Quote the offending value, unless it may hold a password."""
    return "" if name.endswith(("_URL", "_URI", "_KEY", "_PASSWORD")) else repr(value)
