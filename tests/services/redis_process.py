"""One Redis on loopback: its folder, its settings, its process.

A shell holds the server, and ends it as soon as the pipe from the tests closes, which it does by itself
when they end, however they end.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from tests.services.redis_binaries import Binary

START_SECONDS = 30.0
ONCE = Retry(NoBackoff(), 0)
"""For clients: redis-py would ask again for seconds, a refused password too."""
_PORTS_TRIED = 5
_POLL_SECONDS = 0.005
_HOLD = '"$@" >>output.txt 2>&1 & echo $!; read -r _; kill -9 $! 2>/dev/null; wait $! 2>/dev/null; exit 0'


@dataclass(frozen=True)
class Options:
    """How a server is started; nothing of it is kept on disk unless it is `persistent`."""

    maxmemory: str = "0"
    policy: str = "noeviction"
    password: str = ""
    persistent: bool = False
    """Every change is on disk before it is answered."""

    def arguments(self) -> list[str]:
        """The settings, as the server takes them on its command line."""
        kept = ["--appendonly", "yes", "--appendfsync", "always"] if self.persistent else []
        asked = ["--requirepass", self.password] if self.password else []
        return ["--maxmemory", self.maxmemory, "--maxmemory-policy", self.policy, *kept, *asked]


@dataclass
class RedisServer:
    """A server of the tests; without a `binary` it is somebody else's, and can only be used."""

    url: str = ""
    port: int = 0
    pid: int = 0
    options: Options = field(default_factory=Options)
    folder: Path | None = None
    binary: Binary | None = None
    _shell: subprocess.Popen[str] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start it where nobody listens, or on the port that it had; it answers when this returns."""
        if self.port:
            return self._start(self.port)
        for left in reversed(range(_PORTS_TRIED)):
            port = _free_port()
            try:
                self._start(port)
            except _PortTaken:
                if not left:
                    raise
            else:
                self.port = port
                break
        secret = f":{self.options.password}@" if self.options.password else ""
        self.url = f"redis://{secret}127.0.0.1:{self.port}/0"
        return None

    def kill(self) -> None:
        """End it as a power cut would; it has ended when this returns."""
        if self._shell is not None:
            self._shell.communicate()
            self._shell, self.pid = None, 0

    @contextmanager
    def stop_cont(self) -> Iterator[None]:
        """Have it stand still: connections are taken, and nothing is answered until this ends."""
        assert self.pid, "only a server of our own is stopped"
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            if self.pid:
                os.kill(self.pid, signal.SIGCONT)

    def restart(self, empty: bool = False) -> None:
        """Kill it if it runs, and start it on the same port: with what it has on disk, or `empty`."""
        assert self.folder is not None, "only a server of our own is started"
        self.kill()
        if empty:
            shutil.rmtree(self.folder)
        self.start()

    def client(self, **options: Any) -> Redis:
        """A client for the test's own questions; whoever takes it closes it."""
        given = {"decode_responses": True, "socket_timeout": 10, "retry": ONCE} | options
        return Redis.from_url(self.url, **given)

    def _start(self, port: int) -> None:
        assert self.binary is not None and self.folder is not None, "only a server of our own is started"
        self.folder.mkdir(parents=True, exist_ok=True)
        place = ["--bind", "127.0.0.1", "--port", str(port), "--dir", str(self.folder), "--save", ""]
        self._shell = subprocess.Popen(
            ["sh", "-c", _HOLD, "sh", *self.binary.command, *place, *self.options.arguments()],
            cwd=self.folder,
            env=os.environ | self.binary.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C in a terminal ends the tests, and they end it
        )
        assert self._shell.stdout is not None
        self.pid = int(self._shell.stdout.readline())
        try:
            self._wait(port)
        except BaseException:
            self.kill()
            raise

    def _wait(self, port: int) -> None:
        """Wait until this very process answers: another's server may have the port."""
        deadline = time.monotonic() + START_SECONDS
        while self.pid != (answering := _pid_at(port, self.options.password)):
            if answering is not None or not _runs(self.pid):
                raise _PortTaken(f"port {port}:\n{self._said()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"Redis does not start within {START_SECONDS:g} s:\n{self._said()}")
            time.sleep(_POLL_SECONDS)

    def _said(self) -> str:
        assert self.folder is not None
        return (self.folder / "output.txt").read_text(errors="replace")[-3000:]


class _PortTaken(RuntimeError):
    """The server ended at once, or another answers on its port."""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _runs(pid: int) -> bool:
    """Whether a process runs; one that ended is a zombie, since its shell reads a pipe."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _pid_at(port: int, password: str) -> int | None:
    """Which process answers on a port; None when none says so, or not yet."""
    try:
        with Redis("127.0.0.1", port, password=password or None, socket_timeout=5, retry=ONCE) as client:
            return int(client.info("server")["process_id"])
    except (RedisError, OSError):
        return None
