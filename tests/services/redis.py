"""Real Redis servers for tests: each worker of pytest starts its own, on loopback, and ends them.

`SOUVENIR_TEST_REDIS_URL` names another plain one, which the tests empty; it is never the setting of Souvenir
itself, so that nobody's memory is taken for a test's.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import pytest
from filelock import FileLock

from tests.services.missing import Missing, give_up
from tests.services.redis_binaries import Binary, Kind, binary
from tests.services.redis_process import Options, RedisServer

__all__ = ["OwnRedis", "RedisServer", "own_redis", "redis_server", "redis_stack", "valkey"]

OTHER = "SOUVENIR_TEST_REDIS_URL"
_SERVERS = pytest.StashKey[dict[Kind, RedisServer]]()


class OwnRedis(Protocol):
    """Starts a server that only one test uses: it may be stopped, killed and restarted."""

    def __call__(self, kind: Kind = "plain", options: Options | None = None) -> RedisServer:
        """Return it running."""
        ...


def require_redis(kind: Kind) -> Binary:
    """Skip the test where this Redis cannot be run, saying what is missing."""
    try:
        return binary(kind)
    except Missing as missing:
        give_up(missing)


@pytest.fixture
def redis_server(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RedisServer]:
    """A plain Redis, empty: this worker's own, or the one that was named, for one test at a time."""
    if url := os.environ.get(OTHER):
        server = RedisServer(url, urlsplit(url).port or 6379)
        base = tmp_path_factory.getbasetemp()
        shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
        with FileLock(shared / "redis-turn.lock"):
            yield _emptied(server)
    else:
        yield _emptied(_of_worker("plain", pytestconfig, tmp_path_factory))


@pytest.fixture
def redis_stack(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> RedisServer:
    """A Redis with its modules JSON and Search, empty."""
    return _emptied(_of_worker("stack", pytestconfig, tmp_path_factory))


@pytest.fixture
def valkey(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> RedisServer:
    """A Valkey, empty."""
    return _emptied(_of_worker("valkey", pytestconfig, tmp_path_factory))


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[OwnRedis]:
    """Starts servers of one test's own, in folders of its own; they end with the test."""
    with ExitStack() as started:

        def start(kind: Kind = "plain", options: Options | None = None) -> RedisServer:
            folder = tmp_path / f"{kind}-{len(list(tmp_path.glob(f'{kind}-*')))}"
            return started.enter_context(running(kind, folder, options))

        yield start


@contextmanager
def running(kind: Kind, folder: Path, options: Options | None = None) -> Iterator[RedisServer]:
    """Give a server that runs in a folder, and end it."""
    server = RedisServer(options=options or Options(), folder=folder, binary=require_redis(kind))
    server.start()
    try:
        yield server
    finally:
        server.kill()


def _of_worker(kind: Kind, config: pytest.Config, factory: pytest.TempPathFactory) -> RedisServer:
    """Start it for the first test that wants it; it ends when this worker has done all its tests."""
    servers = config.stash.setdefault(_SERVERS, {})
    if kind not in servers:
        stack = ExitStack()
        servers[kind] = stack.enter_context(running(kind, factory.mktemp(f"redis-{kind}")))
        config.add_cleanup(stack.close)
    return servers[kind]


def _emptied(server: RedisServer) -> RedisServer:
    with server.client() as client:
        client.flushall()
    return server
