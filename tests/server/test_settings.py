"""Settings: read from the environment and `.env`, refused in one line, with secrets never shown."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from server.settings import Settings, SettingsError, load_settings

SECRET = "s3cr3t-zanzibar"
LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")


class Environment:
    """The environment of this process, for one test: what the test sets, and nothing that it does not."""

    def __init__(self) -> None:
        self._before = dict(os.environ)
        self.clear()

    def clear(self) -> None:
        """Forget everything that settings could come from."""
        for name in list(os.environ):
            if name.startswith("SOUVENIR_") or name in ("OLLAMA_HOST", *LOCALES):
                del os.environ[name]

    def load(self, overrides: dict[str, Any] | None = None, /, **variables: str) -> Settings:
        """Load settings from exactly these variables."""
        self.clear()
        os.environ.update(variables)
        return load_settings(**(overrides or {}))

    def restore(self) -> None:
        """Put everything back."""
        os.environ.clear()
        os.environ.update(self._before)


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[Environment]:
    """An environment of its own, in an empty folder (where `.env` would be)."""
    here = Path.cwd()
    os.chdir(tmp_path)
    changed = Environment()
    try:
        yield changed
    finally:
        changed.restore()
        os.chdir(here)


def test_nothing_set_means_embedded_and_on_this_machine(environment: Environment) -> None:
    """No servers, loopback, offline."""
    found = environment.load()
    assert found.offline
    assert (found.host, found.port) == ("127.0.0.1", 8000)
    assert found.ollama_url == "http://127.0.0.1:11434"
    assert (found.redis_url, found.qdrant_url, found.neo4j_uri, found.database_url) == (None,) * 4
    assert found.data_dir.is_absolute()
    assert found.lang == "en"


def test_overrides_win_over_the_environment_and_it_over_the_file(
    environment: Environment, tmp_path: Path
) -> None:
    """`.env` in the current folder, then the environment, then what the caller says; empty means unset."""
    (tmp_path / ".env").write_text("SOUVENIR_PORT=8001\nSOUVENIR_LOCAL_USER=file\nSOUVENIR_LANG=fr\n")
    found = environment.load(SOUVENIR_PORT="8002", SOUVENIR_LOCAL_USER="")
    assert (found.port, found.lang) == (8002, "fr")
    assert environment.load({"port": 8003, "lang": None}, SOUVENIR_PORT="8002").port == 8003
    assert environment.load().local_user == "file"


def test_paths_are_absolute(environment: Environment, tmp_path: Path) -> None:
    """Relative to where one is, `~` included."""
    assert environment.load(SOUVENIR_DATA_DIR="data").data_dir == tmp_path / "data"
    assert environment.load(SOUVENIR_DATA_DIR="~/data").data_dir == Path.home() / "data"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("SOUVENIR_DATADIR", "SOUVENIR_DATA_DIR"),
        ("SOUVENIR_OLAMA_URL", "SOUVENIR_OLLAMA_URL"),
        ("SOUVENIR_PORTS", "SOUVENIR_PORT"),
        ("SOUVENIR_QDRANT_APIKEY", "SOUVENIR_QDRANT_API_KEY"),
        ("SOUVENIR_XYZZY", ""),
    ],
)
def test_a_misspelt_name_is_refused_with_a_hint(environment: Environment, name: str, hint: str) -> None:
    """A setting with a typo must not be ignored; what was meant is said when it is near. Never its value."""
    with pytest.raises(SettingsError) as caught:
        environment.load(**{name: SECRET})
    line = str(caught.value)
    assert line.startswith(f"{name} is not a setting")
    assert line.endswith(f"did you mean {hint}?" if hint else "a setting")
    assert SECRET not in line
    assert "\n" not in line


def test_variables_of_the_tests_are_not_settings(environment: Environment) -> None:
    """They have a prefix of their own."""
    environment.load(SOUVENIR_TEST_SEED="1")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SOUVENIR_PORT", "http"),
        ("SOUVENIR_PORT", "70000"),
        ("SOUVENIR_PORT", "-1"),
        ("SOUVENIR_HOST", "0.0.0.0"),
        ("SOUVENIR_OFFLINE", "perhaps"),
        ("SOUVENIR_LANG", "de"),
        ("SOUVENIR_SESSION_TTL", "0"),
        ("SOUVENIR_OLLAMA_URL", "ftp://somewhere"),
        ("SOUVENIR_OLLAMA_URL", "http://host:port"),
        ("SOUVENIR_OLLAMA_URL", "http://host:99999"),
        ("SOUVENIR_OLLAMA_URL", "http://"),
        ("SOUVENIR_OLLAMA_URL", "http://[::1"),
        ("SOUVENIR_REDIS_URL", "http://localhost"),
        ("SOUVENIR_REDIS_URL", "redis://localhost/first"),
        ("SOUVENIR_QDRANT_URL", "http://localhost:6333"),
        ("SOUVENIR_KEPT_TURNS", "0"),
        ("SOUVENIR_BUSY_THREAD", "drop"),
        ("SOUVENIR_DATABASE_URL", "postgresql://localhost/x"),
    ],
)
def test_a_bad_value_is_one_line_that_names_the_setting(
    environment: Environment, name: str, value: str
) -> None:
    """One error, one line, the name as the person wrote it."""
    with pytest.raises(SettingsError) as caught:
        environment.load(**{name: value})
    line = str(caught.value)
    assert line.startswith(name)
    assert "\n" not in line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SOUVENIR_REDIS_URL", f"redis://user:{SECRET}@localhost/first"),
        ("SOUVENIR_QDRANT_URL", f"http://user:{SECRET}@localhost"),
        ("SOUVENIR_NEO4J_URI", f"bolt://user:{SECRET}@localhost"),
        ("SOUVENIR_DATABASE_URL", f"postgresql://user:{SECRET}@localhost/x"),
        ("SOUVENIR_OLLAMA_URL", f"ftp://user:{SECRET}@localhost"),
        ("SOUVENIR_OLLAMA_URL", f"http://user:{SECRET}@localhost:port"),
        ("OLLAMA_HOST", f"ftp://user:{SECRET}@localhost"),
    ],
)
def test_secrets_are_not_in_errors(environment: Environment, name: str, value: str) -> None:
    """Nor in the errors that caused them, which a log could show."""
    with pytest.raises(SettingsError) as caught:
        environment.load(**{name: value})
    assert SECRET not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_secrets_are_not_in_the_representation(environment: Environment) -> None:
    """Whoever prints the settings does not print passwords."""
    found = environment.load(
        SOUVENIR_QDRANT_API_KEY=SECRET,
        SOUVENIR_NEO4J_PASSWORD=SECRET,
        SOUVENIR_OLLAMA_URL=f"http://user:{SECRET}@127.0.0.1:11434",
    )
    assert SECRET in found.ollama_url
    assert SECRET not in repr(found)
    assert SECRET not in str(found)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:8080", "http://127.0.0.1:8080"),
        ("http://0.0.0.0:8080", "http://127.0.0.1:8080"),
        ("localhost", "http://localhost:11434"),
        ("localhost:8080", "http://localhost:8080"),
        ("10.0.0.0", "http://10.0.0.0:11434"),
        ("ollama.example", "http://ollama.example:11434"),
        ("http://ollama.example", "http://ollama.example:80"),
        ("https://ollama.example", "https://ollama.example:443"),
        ("https://ollama.example/", "https://ollama.example:443"),
        (":8080", "http://127.0.0.1:8080"),
        ("[::1]", "http://[::1]:11434"),
        ("[::1]:8080", "http://[::1]:8080"),
        ("::1", "http://[::1]:11434"),
        ("[::]", "http://[::1]:11434"),
        ("[::]:8080", "http://[::1]:8080"),
        ("::", "http://[::1]:11434"),
        (" 127.0.0.1:8080 ", "http://127.0.0.1:8080"),
    ],
)
def test_the_address_that_ollama_listens_on(environment: Environment, host: str, url: str) -> None:
    """OLLAMA_HOST as Ollama reads it (envconfig/config.go), made one to connect to."""
    assert environment.load(OLLAMA_HOST=host).ollama_url == url


def test_our_own_address_wins_over_ollamas(environment: Environment) -> None:
    """SOUVENIR_OLLAMA_URL is what counts when both are set; a slash at its end does not."""
    found = environment.load(OLLAMA_HOST="elsewhere", SOUVENIR_OLLAMA_URL="127.0.0.1:9/")
    assert found.ollama_url == "http://127.0.0.1:9"


@pytest.mark.parametrize("host", ["ftp://somewhere", "host:port", "http://[::1", "host:99999"])
def test_an_address_that_makes_no_sense(environment: Environment, host: str) -> None:
    """OLLAMA_HOST too is refused in one line."""
    with pytest.raises(SettingsError) as caught:
        environment.load(OLLAMA_HOST=host)
    assert "OLLAMA" in str(caught.value)
    assert "\n" not in str(caught.value)


@given(host=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30))
@hypothesis_settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_address_is_a_url_or_refused(environment: Environment, host: str) -> None:
    """Whatever OLLAMA_HOST holds: settings, or a SettingsError of one line."""
    try:
        found = environment.load(OLLAMA_HOST=host)
    except SettingsError as error:
        assert len(str(error).splitlines()) == 1
    else:
        assert found.ollama_url.startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("variables", "lang"),
    [
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "fr"}, "fr"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "fr_CA.UTF-8"}, "fr"),
        ({"LANG": "fr_FR.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "fr_FR.UTF-8", "SOUVENIR_LANG": "en"}, "en"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": ""}, "fr"),
    ],
)
def test_the_language_of_the_locale(environment: Environment, variables: dict[str, str], lang: str) -> None:
    """LC_ALL, then LC_MESSAGES, then LANG, as POSIX has it; the setting wins over all."""
    assert environment.load(**variables).lang == lang


def test_settings_do_not_change(environment: Environment) -> None:
    """One process, one configuration."""
    found = environment.load()
    with pytest.raises(ValueError, match="frozen"):
        found.port = 1  # type: ignore[misc]  # what must not work
