"""Studio's server as a process of its own, as `make studio` starts it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from langgraph_sdk import get_client
from langgraph_sdk.client import LangGraphClient

READY_SECONDS = 60.0
END_SECONDS = 30.0


@dataclass(frozen=True)
class Studio:
    """A running server: where it is, where it keeps memory, and what it left in `folder`."""

    url: str
    memory: Path
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def printed(self) -> str:
        """What the person sees in the terminal so far."""
        return (self.folder / "printed").read_text(encoding="utf-8")

    @property
    def attempts(self) -> list[str]:
        """What tried to leave the machine."""
        log = self.folder / "attempts"
        return log.read_text(encoding="utf-8").splitlines() if log.exists() else []

    def client(self) -> LangGraphClient:
        """A client like Studio's page: a context manager, for the loop that uses it."""
        return get_client(url=self.url, api_key=None)

    def end(self) -> int:
        """Stop it as a service manager would; its exit code."""
        self.process.terminate()
        return self.process.wait(END_SECONDS)


@contextmanager
def studio_server(folder: Path, memory: Path, ollama_url: str) -> Iterator[Studio]:
    """Start the server on a free port, and wait until it answers; at the end, end it.

    It is strict: a node that blocks the event loop fails its run.
    """
    port, folder = _free_port(), folder.resolve()
    environment = {
        **os.environ,
        "SOUVENIR_DATA_DIR": str(memory),
        "SOUVENIR_OLLAMA_URL": ollama_url,
        "SOUVENIR_LANG": "en",
        "TMPDIR": str(folder),
        "PYTHONUNBUFFERED": "1",
    }
    watched = [sys.executable, "-m", "tests.server.studio.watched", str(folder / "attempts")]
    program = [*watched, "--strict", "--port", str(port)]
    with (folder / "printed").open("wb") as printed:
        process = subprocess.Popen(program, env=environment, stdout=printed, stderr=subprocess.STDOUT)
    studio = Studio(f"http://127.0.0.1:{port}", memory, folder, process)
    try:
        _wait_until_ready(studio)
        yield studio
    finally:
        process.kill()
        process.wait()


def _wait_until_ready(studio: Studio) -> None:
    deadline = time.monotonic() + READY_SECONDS
    with httpx.Client(trust_env=False) as http:
        while True:
            try:
                http.get(f"{studio.url}/ok").raise_for_status()
                return
            except httpx.HTTPError:
                if studio.process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError(f"Studio did not start:\n{studio.printed}") from None
            time.sleep(0.05)  # nothing says when another process listens


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
