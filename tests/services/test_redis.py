"""The Redis servers that the tests start: which they are, and that they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from redis import Redis
from redis.exceptions import AuthenticationError, OutOfMemoryError, ResponseError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from tests.services.redis import OwnRedis, RedisServer
from tests.services.redis_binaries import ROOT
from tests.services.redis_process import ONCE, Options

START = """
import sys
from pathlib import Path
from tests.services.redis_binaries import binary
from tests.services.redis_process import RedisServer
server = RedisServer(folder=Path(sys.argv[1]), binary=binary("plain"))
server.start()
print(server.pid, flush=True)
sys.stdin.read()
"""


def modules(server: RedisServer) -> set[str]:
    """The modules that a server says it has."""
    with server.client() as client:
        return {module["name"] for module in client.module_list()}


def until_ended(pid: int) -> None:
    """Wait until a process is gone."""
    with suppress(psutil.NoSuchProcess):
        psutil.Process(pid).wait(timeout=10)


def test_the_plain_one_has_no_modules(redis_server: RedisServer) -> None:
    """It is a Redis of 6 or later, without JSON and without search."""
    with redis_server.client() as client:
        info = client.info("server")
        assert int(str(info["redis_version"]).split(".")[0]) >= 6
        with pytest.raises(ResponseError):
            client.execute_command("JSON.GET", "nothing")
    assert modules(redis_server) == set()


def test_the_stack_has_json_and_search(redis_stack: RedisServer) -> None:
    """It is Redis 7.4 with two modules, and both answer."""
    with redis_stack.client() as client:
        assert str(client.info("server")["redis_version"]).startswith("7.4.")
        client.execute_command("JSON.SET", "one", "$", '{"a": 1}')
        assert client.execute_command("JSON.GET", "one", "$.a") == "[1]"
        assert client.execute_command("FT._LIST") == []
    assert modules(redis_stack) == {"ReJSON", "search"}


def test_valkey_is_valkey(valkey: RedisServer) -> None:
    """It says so itself, and understands the same client."""
    with valkey.client() as client:
        info = client.info("server")
        assert info["server_name"] == "valkey" and str(info["valkey_version"]).startswith("8.")
        assert client.set("one", "1") and client.get("one") == "1"


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_finds_it_empty(redis_server: RedisServer, turn: int) -> None:
    """What one test leaves is not there for the next."""
    with redis_server.client() as client:
        assert client.dbsize() == 0
        client.set("left", turn)


def test_only_loopback_reaches_it(own_redis: OwnRedis) -> None:
    """It listens on 127.0.0.1 and nowhere else."""
    server = own_redis()
    listening = [one.laddr for one in psutil.Process(server.pid).net_connections() if one.status == "LISTEN"]
    assert listening == [("127.0.0.1", server.port)]


def test_killed_and_started_again(own_redis: OwnRedis) -> None:
    """On the same port: with what was on disk where it keeps anything, or empty when asked."""
    forgets, keeps = own_redis(), own_redis(options=Options(persistent=True))
    for server in (forgets, keeps):
        port = server.port
        with server.client() as client:
            client.set("one", "1")
        server.kill()
        with server.client() as client, pytest.raises(RedisConnectionError):
            client.get("one")
        server.restart()
        with server.client() as client:
            assert client.get("one") == ("1" if server is keeps else None)
        server.restart(empty=True)
        with server.client() as client:
            assert client.dbsize() == 0
        assert server.port == port


def test_stopped_it_takes_connections_and_says_nothing(own_redis: OwnRedis) -> None:
    """Then it goes on with what it was asked."""
    server = own_redis()
    with server.client(socket_timeout=0.2) as client:
        with server.stop_cont(), pytest.raises(RedisTimeoutError):
            client.ping()
        assert client.ping()


def test_a_password_is_asked_for(own_redis: OwnRedis) -> None:
    """Whoever has it not is refused; the address of the server holds it."""
    server = own_redis(options=Options(password="only-for-tests"))
    with server.client() as client:
        assert client.ping()
    with Redis("127.0.0.1", server.port, retry=ONCE) as client, pytest.raises(AuthenticationError):
        client.ping()


@pytest.mark.parametrize("policy", ["noeviction", "allkeys-lru"])
def test_its_memory_is_limited(own_redis: OwnRedis, policy: str) -> None:
    """Full, it refuses, or drops what was not used for long."""
    server = own_redis(options=Options(maxmemory="3mb", policy=policy))
    written = 0
    with server.client() as client:
        try:
            for written in range(64):
                client.set(f"key {written}", "x" * 100_000)
        except OutOfMemoryError:
            assert policy == "noeviction"
        assert client.dbsize() < 64
    assert (written == 63) == (policy == "allkeys-lru")


def test_a_port_that_is_taken_is_not_used(own_redis: OwnRedis) -> None:
    """A server that cannot have its port says so, and never is another one that answers there."""
    first, second = own_redis(), own_redis()
    second.kill()
    second.port = first.port
    with pytest.raises(RuntimeError, match=f"port {first.port}"):
        second.start()
    with first.client() as client:
        assert client.ping()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_who_started_it(tmp_path: Path, how: signal.Signals) -> None:
    """However that one ends; stopped or not."""
    starter = subprocess.Popen(
        [sys.executable, "-c", START, str(tmp_path / "redis")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert starter.stdout is not None
    pid = int(starter.stdout.readline())
    os.kill(pid, signal.SIGSTOP)
    starter.send_signal(how)
    starter.communicate(timeout=10)
    until_ended(pid)
