"""Logs: one JSON object a line on stderr, secrets masked, nothing of what people write."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiosqlite
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from server.logs import MASK, configure_logs, mask_secrets

NAMES = [
    "token",
    "owner_token",
    "secret",
    "client_secret",
    "password",
    "neo4j_password",
    "PASSWD",
    "api_key",
    "apikey",
    "QDRANT_API_KEY",
    "Authorization",
    "cookie",
    "Set-Cookie",
]
# Distinct from everything else that a line holds, so that finding it means it leaked.
SECRETS = st.text("abcXYZ0189-_.~!$&'()*+,;=:@/?#%é ", min_size=1, max_size=20).map(
    lambda text: f"q7{text}q7"
)


class Lines:
    """What a test logged, as it stands on stderr."""

    def __init__(self, captured: pytest.CaptureFixture[str]) -> None:
        self._captured = captured
        self._text = ""

    @property
    def text(self) -> str:
        """All of it."""
        self._text += self._captured.readouterr().err
        return self._text

    @property
    def records(self) -> list[dict[str, Any]]:
        """Each line as the object that it must be."""
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    """Captures stderr, and puts the loggers back after."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    quiet = {name: logging.getLogger(name).level for name in ("aiosqlite", "httpx", "httpcore")}
    try:
        yield Lines(capsys)
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        for name, before in quiet.items():
            logging.getLogger(name).setLevel(before)
        structlog.reset_defaults()


def logged(**event: Any) -> str:
    """An event after masking, as it would be written."""
    return structlog.processors.JSONRenderer(ensure_ascii=False)(None, "", mask_secrets(None, "", event))  # type: ignore[return-value]  # a str with the default dumps


@given(name=st.sampled_from(NAMES), secret=SECRETS)
def test_values_of_secret_names_never_appear(name: str, secret: str) -> None:
    """At any depth, whatever the value is."""
    for value in (secret, [secret], {"inner": secret}, 7, None):
        masked = mask_secrets(None, "", {"event": "x", name: value})
        assert masked[name] == MASK
    nested = mask_secrets(None, "", {"event": "x", "request": [{"headers": {name: secret, "host": "h"}}]})
    assert nested["request"] == [{"headers": {name: MASK, "host": "h"}}]


@given(
    scheme=st.sampled_from(["redis", "http", "https", "postgresql+asyncpg", "bolt"]),
    user=st.sampled_from(["", "marie", "marie%40home"]),
    secret=SECRETS,
    encoded=st.booleans(),
)
def test_passwords_in_urls_never_appear(scheme: str, user: str, secret: str, encoded: bool) -> None:
    """As people write them, with characters that should have been encoded; the rest of the URL stays."""
    password = quote(secret, safe="") if encoded else secret.replace(" ", "")
    url = f"{scheme}://{user}:{password}@host.example:1234/0"
    for event in ({"url": url}, {"event": f"cannot reach {url} now"}, {"tried": (url, {"at": url})}):
        line = logged(**event)
        assert password not in line
        assert f"@host.example:1234/0{' now' if 'event' in event else ''}" in line


@given(secret=st.text("abcXYZ0189-_.~+/=", min_size=8, max_size=30))
def test_bearer_tokens_and_keys_in_queries_never_appear(secret: str) -> None:
    """Wherever they stand in a text."""
    secret = f"q7{secret}"
    for text in (
        f"Authorization: Bearer {secret}",
        f"got 'bearer {secret}' from it",
        f"GET /x?token={quote(secret)}&y=1",
        f"GET /x?y=1&api_key={quote(secret)} HTTP/1.1",
    ):
        line = logged(event=text)
        assert secret not in line
        assert quote(secret) not in line


def test_objects_are_masked_by_what_they_look_like() -> None:
    """Exceptions, paths, sets and bytes are written by their representation: masked like any text."""
    url = "redis://:q7secret@host/0"
    for value in (ValueError(url), {url}, url.encode(), Path(url.replace("//", "/")), [ConnectionError(url)]):
        if not isinstance(value, Path):
            assert "q7secret" not in logged(value=value), value


def test_what_is_no_secret_stays() -> None:
    """Texts, numbers, addresses without a password, and none of them changes its type."""
    event = {"event": "ready", "n": 1, "ok": True, "none": None, "x": 1.5, "url": "http://127.0.0.1:8000/a"}
    assert mask_secrets(None, "", dict(event)) == event


def test_each_line_is_an_object_with_level_logger_and_time(lines: Lines) -> None:
    """From this program and from its libraries alike."""
    configure_logs()
    structlog.stdlib.get_logger("souvenir.x").warning("à table", count=2)
    logging.getLogger("some.library").warning("hello %s", "you")
    mine, theirs = lines.records
    assert (mine["event"], mine["level"], mine["logger"], mine["count"]) == (
        "à table",
        "warning",
        "souvenir.x",
        2,
    )
    assert mine["timestamp"]
    assert "à" in lines.text
    assert (theirs["event"], theirs["logger"]) == ("hello you", "some.library")


def test_exceptions_are_one_line_and_masked(lines: Lines) -> None:
    """With their traceback, as a text in the object."""
    configure_logs()
    try:
        raise ConnectionError("redis://:q7secret@host/0 refused\nand more")
    except ConnectionError:
        structlog.stdlib.get_logger("souvenir.x").exception("failed")
        logging.getLogger("some.library").exception("failed")
    assert len(lines.records) == 2
    assert all("ConnectionError" in record["exception"] for record in lines.records)
    assert "q7secret" not in lines.text


def test_libraries_arguments_are_masked(lines: Lines) -> None:
    """Secrets in the arguments of a library's message too."""
    configure_logs()
    logging.getLogger("some.library").warning("connecting to %s", "redis://:q7secret@host/0")
    assert "q7secret" not in lines.text


def test_quiet_by_default_and_information_on_demand(lines: Lines) -> None:
    """Warnings only; `verbose` adds information, never details for debugging."""
    configure_logs()
    structlog.stdlib.get_logger("souvenir.x").info("one")
    configure_logs(verbose=True)
    structlog.stdlib.get_logger("souvenir.x").info("two")
    structlog.stdlib.get_logger("souvenir.x").debug("three")
    assert [record["event"] for record in lines.records] == ["two"]


@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO])
async def test_what_people_write_is_not_logged_by_libraries(lines: Lines, tmp_path: Path, level: int) -> None:
    """Not even when somebody turns details on: the database driver would log every value it stores."""
    configure_logs(verbose=True)
    logging.getLogger().setLevel(level)
    async with aiosqlite.connect(tmp_path / "x.db") as connection:
        await connection.execute("CREATE TABLE t (text)")
        await connection.execute("INSERT INTO t VALUES (?)", ["my dog is called zanzibar4711"])
    logging.getLogger("httpx").info("HTTP Request: GET http://souvenir/v1/recall?query=zanzibar4711")
    assert "zanzibar4711" not in lines.text
