"""Souvenir as a person has it: a folder, a command, and a server when it runs."""

from __future__ import annotations

import json
import os
import stat
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from server.owner import Owner, find_owner
from tests.acceptance.processes import Finished, Nursery, Running, until

NOBODY = "http://127.0.0.1:9"
"""The port of the discard service, where nothing listens: a machine without Ollama."""
COMMAND = str(Path(sys.executable).with_name("souvenir"))
_KEPT = ("PATH", "HOME", "VIRTUAL_ENV")

Json = dict[str, Any]


@dataclass
class Server:
    """A live owner of a data folder, and HTTP to it with the owner's token."""

    running: Running
    owner: Owner
    http: httpx.Client

    def get(self, path: str, **query: str | int) -> Any:
        """GET a JSON value."""
        return self.http.get(path, params=query).raise_for_status().json()

    def ask(self, question: str, thread: str | None = None) -> Json:
        """Run a turn."""
        body = {"question": question} | ({"thread_id": thread} if thread else {})
        answer: Json = self.http.post("/v1/turns", json=body).raise_for_status().json()
        return answer

    def ingest(self, *paths: Path) -> Json:
        """Take in files and folders."""
        body = {"paths": [str(path) for path in paths]}
        done: Json = self.http.post("/v1/ingest", json=body).raise_for_status().json()
        return done

    def kill(self) -> None:
        """End it with kill -9."""
        self.running.kill()
        self.http.close()

    def stop(self) -> Finished:
        """End it as a person does."""
        self.http.close()
        return self.running.stop()


@dataclass(frozen=True)
class Souvenir:
    """One memory in `data`, and the processes that use it."""

    nursery: Nursery
    data: Path
    ollama_url: str = NOBODY
    settings: Mapping[str, str] = field(default_factory=dict)
    temporary: Path = Path(tempfile.gettempdir())

    def env(self, **settings: str) -> dict[str, str]:
        """The environment of a process: nothing of the tester's own settings."""
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        given = {
            "DATA_DIR": str(self.data),
            "OLLAMA_URL": self.ollama_url,
            "LANG": "en",
            **self.settings,
            **settings,
        }
        system = {**kept, "TMPDIR": str(self.temporary), "PYTHONUTF8": "1"}
        return {**system, **{f"SOUVENIR_{name}": value for name, value in given.items()}}

    def start(self, *argv: str, **settings: str) -> Running:
        """Start a command."""
        return self.nursery.start(argv, self.env(**settings))

    def run(self, *argv: str, **settings: str) -> Finished:
        """Run a command to its end."""
        return self.start(*argv, **settings).wait()

    def execute(self, *argv: str, **settings: str) -> Finished:
        """Run the program as it is installed, under the commands before it if any."""
        return self.nursery.start(argv, self.env(**settings), exec=True).wait()

    def json(self, *argv: str) -> Any:
        """Run a command with `--json` and return its document."""
        return self.run(*argv, "--json").ok().json

    def serve(self, *argv: str, **settings: str) -> Server:
        """Start the server on a free port and return it once it can be asked."""
        return self.reach(self.start("serve", "--port", "0", *argv, **settings))

    def reach(self, running: Running) -> Server:
        """Wait until a process has announced that it owns the folder, and return it."""

        def announced() -> bool:
            owner = find_owner(self.data)
            return owner is not None and owner.pid == running.pid

        until(announced)
        owner = find_owner(self.data)
        assert owner is not None
        headers = {"Authorization": f"Bearer {owner.token}", "Accept-Language": "en"}
        http = httpx.Client(base_url=owner.url, headers=headers, timeout=60, trust_env=False)
        return Server(running, owner, http)

    @contextmanager
    def serving(self, **settings: str) -> Iterator[Server]:
        """Run the server while the block runs."""
        server = self.serve(**settings)
        try:
            yield server
        except BaseException:
            server.kill()
            raise
        if not server.running.ended:
            assert server.stop().code == 0

    def owner_mode(self) -> int:
        """The permissions of `owner.json`."""
        return stat.S_IMODE((self.data / "owner.json").stat().st_mode)

    def announce(self, owner: Json) -> None:
        """Write `owner.json` by hand, as some other process would."""
        self.data.mkdir(parents=True, exist_ok=True)
        (self.data / "owner.json").write_text(json.dumps(owner), encoding="utf-8")
