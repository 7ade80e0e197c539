"""A real Neo4j for tests: one for all that run at once, on loopback, ended with them.

`SOUVENIR_TEST_NEO4J_URI`, `…_USERNAME` and `…_PASSWORD` name another one, which the tests empty; they
are never the settings of Souvenir itself, so that nobody's memory is taken for a test's.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Self

import pytest
from filelock import FileLock
from neo4j import GraphDatabase

from tests.services.missing import Missing, give_up
from tests.services.neo4j_jars import ROOT, jars, java
from tests.services.neo4j_process import START_SECONDS

OTHER = "SOUVENIR_TEST_NEO4J"
_GUARDS: list[subprocess.Popen[str]] = []
"""Those that this process started: they end by themselves, after the last who uses them."""


@dataclass(frozen=True)
class Neo4jServer:
    """Where a server is; `pid` is 0 when it is not ours."""

    uri: str
    username: str
    password: str
    pid: int
    seconds: float = 0.0
    """How long it took to start."""


_SERVER = pytest.StashKey[Neo4jServer]()


class Connection:
    """To a guard: while it is open, the server stays."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=START_SECONDS + 60)
        self._lines = self._socket.makefile("rb")

    def server(self) -> Neo4jServer:
        """Wait for the server that the guard tells of next."""
        line = self._lines.readline()
        if not line:
            raise ConnectionError("the guard has ended")
        told: dict[str, Any] = json.loads(line)
        if "error" in told:
            pytest.fail(str(told["error"]))
        return Neo4jServer(**told)

    def restart(self) -> Neo4jServer:
        """Have the server ended, if it still runs, and started with the same data and the same port."""
        self._socket.sendall(b"start\n")
        return self.server()

    def close(self) -> None:
        """Leave; when nobody else is connected, the server has ended when this returns."""
        try:
            self._socket.shutdown(socket.SHUT_WR)
            self._lines.read()
        except OSError:
            pass
        self._lines.close()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def require_neo4j() -> None:
    """Skip the test where Neo4j cannot be run, saying what is missing."""
    try:
        java()
        jars()
    except Missing as missing:
        give_up(missing)


@contextmanager
def own_server(folder: Path) -> Iterator[tuple[Neo4jServer, Connection]]:
    """Give a server that nobody else uses: it may be stopped, killed and restarted."""
    require_neo4j()
    with Connection(_start_guard(folder)) as connection:
        yield connection.server(), connection


@contextmanager
def shared_server(folder: Path) -> Iterator[Neo4jServer]:
    """Give the server of all who name the same folder; the first starts it, the last ends it."""
    connection, server = _join(folder)
    with connection:
        yield server


def _join(folder: Path) -> tuple[Connection, Neo4jServer]:
    door = folder / "door"
    with FileLock(folder / "door.lock", timeout=START_SECONDS + 60):
        if door.is_file():
            try:
                connection = Connection(int(door.read_text()))
                return connection, connection.server()
            except ConnectionError:
                door.unlink()  # it ended with those who were there before
        port = _start_guard(Path(mkdtemp(dir=folder)))
        door.write_text(str(port))
        connection = Connection(port)
        return connection, connection.server()


def _start_guard(folder: Path) -> int:
    """Start a guard in a session of its own: Ctrl-C in a terminal ends the tests, and they end it."""
    guard = subprocess.Popen(
        [sys.executable, "-m", "tests.services.neo4j_guard", str(folder)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    _GUARDS.append(guard)
    assert guard.stdout is not None
    with guard.stdout:
        return int(guard.stdout.readline())


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """The folder that all workers of one run of pytest have in common."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "neo4j"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def neo4j_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Neo4jServer]:
    """The server of this run, empty, and for one test at a time: it has one database for all workers."""
    server = _server_of_run(request.config, tmp_path_factory)
    with FileLock(shared_folder(tmp_path_factory) / "turn.lock"):
        with GraphDatabase.driver(server.uri, auth=(server.username, server.password)) as driver:
            driver.execute_query("MATCH (n) DETACH DELETE n")
        yield server


def _server_of_run(config: pytest.Config, factory: pytest.TempPathFactory) -> Neo4jServer:
    """Start or join it for the first test that wants it; left when this worker has done all its tests."""
    if uri := os.environ.get(f"{OTHER}_URI"):
        return Neo4jServer(uri, os.environ[f"{OTHER}_USERNAME"], os.environ[f"{OTHER}_PASSWORD"], pid=0)
    if _SERVER not in config.stash:
        require_neo4j()
        stack = ExitStack()
        config.stash[_SERVER] = stack.enter_context(shared_server(shared_folder(factory)))
        config.add_cleanup(stack.close)
    return config.stash[_SERVER]
