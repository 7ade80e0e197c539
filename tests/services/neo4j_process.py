"""One Neo4j on loopback: its folder, its settings, its process."""

from __future__ import annotations

import socket
import subprocess
import time
from pathlib import Path

from neo4j import GraphDatabase

from tests.services.neo4j_jars import ROOT, jars, java

CONF = ROOT / "deploy" / "neo4j" / "neo4j.conf"
USERNAME, PASSWORD = "neo4j", "only-for-tests"
START_SECONDS = 100.0
_POLL_SECONDS = 0.02
_MACHINE = (
    "-Xms128m",
    "-Xmx384m",
    "-Xss1m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Dfile.encoding=UTF-8",
    *(
        f"--add-opens=java.base/{one}=ALL-UNNAMED"
        for one in ("java.nio", "java.io", "sun.nio.ch", "java.lang")
    ),
)
_OWN = {
    "server.memory.heap.initial_size": "128m",
    "server.memory.heap.max_size": "384m",
    "server.memory.pagecache.size": "32m",
    "db.tx_log.preallocate": "false",
}
"""What the tests set otherwise than deploy/neo4j/neo4j.conf, beside the port."""


class Neo4jProcess:
    """Started in a folder, and started again there with the same port and data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self._java: subprocess.Popen[bytes] | None = None
        self._has_password = False

    @property
    def pid(self) -> int:
        """The process of the server."""
        assert self._java is not None
        return self._java.pid

    def start(self) -> float:
        """Start it, wait until it answers, and return the seconds that took."""
        begun = time.monotonic()
        self._write_settings()
        command = [java(), *_MACHINE, "-cp", f"{jars()}/*", "org.neo4j.server.CommunityEntryPoint"]
        folders = [f"--home-dir={self.folder}", f"--config-dir={self.folder / 'conf'}"]
        with (self.folder / "output.txt").open("ab") as output:
            self._java = subprocess.Popen([*command, *folders], stdout=output, stderr=output, cwd=self.folder)
        self._wait(begun + START_SECONDS)
        if not self._has_password:
            self._set_password()
        return time.monotonic() - begun

    def kill(self) -> None:
        """End it as a power cut would: what it kept goes with its folder."""
        if self._java is not None:
            self._java.kill()
            self._java.wait()

    def _write_settings(self) -> None:
        own = _OWN | {"server.bolt.listen_address": f"127.0.0.1:{self.port}"}
        lines = CONF.read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if line.partition("=")[0] not in own]
        conf = self.folder / "conf"
        conf.mkdir(parents=True, exist_ok=True)
        settings = [*kept, *(f"{name}={value}" for name, value in own.items())]
        (conf / "neo4j.conf").write_text("\n".join(settings) + "\n", encoding="utf-8")

    def _wait(self, deadline: float) -> None:
        assert self._java is not None
        while not _answers(self.port):
            if self._java.poll() is not None:
                raise RuntimeError(f"Neo4j does not start:\n{self._said()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"Neo4j does not start within {START_SECONDS:g} s:\n{self._said()}")
            time.sleep(_POLL_SECONDS)

    def _said(self) -> str:
        files = (self.folder / "output.txt", self.folder / "logs" / "neo4j.log")
        return "\n".join(one.read_text(errors="replace")[-3000:] for one in files if one.is_file())

    def _set_password(self) -> None:
        with (
            GraphDatabase.driver(f"bolt://127.0.0.1:{self.port}", auth=(USERNAME, "neo4j")) as driver,
            driver.session(database="system") as session,
        ):
            session.run(
                "ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO $password", password=PASSWORD
            ).consume()
        self._has_password = True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
