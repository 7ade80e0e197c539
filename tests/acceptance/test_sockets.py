"""A whole session of `serve`, `ingest` and `ask` opens no socket but loopback, and could not."""

from __future__ import annotations

import ipaddress
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from server.egress import EgressGuard, EgressRefused
from tests.acceptance.processes import ROOT
from tests.acceptance.souvenir import COMMAND, Souvenir
from tests.ollama_double import OllamaDouble

WATCH = Path(__file__).parent / "watched"


def is_loopback(address: Any) -> bool:
    """Whether an address, as the audit hook wrote it, stays on this machine."""
    host = address[0] if isinstance(address, list) else address
    if host in ("", "localhost", None) or (isinstance(address, str) and address.startswith(("/", "\0"))):
        return True  # the last are Unix sockets
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def other_sockets(pid: int) -> list[Any]:
    """The addresses that are not loopback, of a process and its children, as the system has them."""
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    pairs = [pair for one in family for pair in one.net_connections(kind="inet")]
    return [
        pair for pair in pairs for end in (pair.laddr, pair.raddr) if any(end[:1]) and not is_loopback(end[0])
    ]


def test_a_whole_session_stays_on_this_machine(souvenir: Souvenir, tmp_path: Path) -> None:
    """Every connect, bind, send and name look-up of every process, children included: loopback only.

    What native code might open beside Python is looked for in the system's own table while the server runs.
    """
    log = tmp_path / "sockets.log"
    watched = {"TEST_SOCKETS": str(log)}
    python_path = {"PYTHONPATH": str(WATCH)}
    with OllamaDouble() as double:
        settings = {**watched, "OLLAMA_URL": double.url}
        serving = souvenir.nursery.start(
            [COMMAND, "serve", "--port", "0"], souvenir.env(**settings) | python_path, exec=True
        )
        server = souvenir.reach(serving)
        for command in (
            ("ingest", str(ROOT / "samples" / "documents")),
            ("ask", "Who wants handlebar muffs?"),
        ):
            environment = souvenir.env(**settings) | python_path
            souvenir.nursery.start([COMMAND, *command], environment, exec=True).wait().ok()
        assert other_sockets(serving.pid) == []
        assert server.stop().code == 0
        alone = souvenir.env(**settings) | python_path
        souvenir.nursery.start([COMMAND, "ask", "And who else?"], alone, exec=True).wait().ok()
        assert double.requests("/api/chat"), "the model was asked, through a socket"
    events = [json.loads(line) for line in log.read_text().splitlines()]
    kinds = {event for _, event, _ in events}
    print(f"{len(events)} socket events of {len({pid for pid, _, _ in events})} processes: {sorted(kinds)}")
    assert {"socket.connect", "socket.bind"} <= kinds, "the hook saw nothing"
    assert len({pid for pid, _, _ in events}) >= 4
    assert [event for event in events if not is_loopback(event[2])] == []


def test_the_system_saw_none_either(souvenir: Souvenir, tmp_path: Path) -> None:
    """The same under strace, which sees native code too, where it is installed and allowed."""
    log = tmp_path / "strace.log"
    trace = ["strace", "-f", "-qq", "-e", "trace=connect,bind,sendto,sendmsg", "-o", str(log)]
    if shutil.which("strace") is None or subprocess.run([*trace, "true"], capture_output=True).returncode:
        pytest.skip("no strace here; the audit hook is the other witness")
    (tmp_path / "note.md").write_text("The tide turns at nine.", encoding="utf-8")
    souvenir.execute(*trace, COMMAND, "ingest", str(tmp_path / "note.md")).ok()
    lines = [line for line in log.read_text().splitlines() if "sa_family=AF_INET" in line]
    assert lines, "strace saw nothing"
    assert [line for line in lines if "127.0.0.1" not in line and '"::1"' not in line] == []


OUTSIDE = """
import socket, sys
from server.egress import EgressGuard, EgressRefused
guard = EgressGuard(["http://192.0.2.7:11434"])
guard.install()
def refused(action):
    try:
        action()
    except EgressRefused as error:
        return "SOUVENIR_OFFLINE" in str(error)
    except OSError:
        return False
def connected(address):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM if address[1] != 53 else socket.SOCK_DGRAM) as one:
        one.settimeout(0.01)
        one.sendto(b"?", address) if address[1] == 53 else one.connect(address)
with socket.create_server(("127.0.0.1", 0)) as here:
    for address in (("198.51.100.1", 443), ("198.51.100.1", 53), here.getsockname(), ("192.0.2.7", 11434)):
        print(refused(lambda: connected(address)))
print(refused(lambda: socket.getaddrinfo("example.org", 443)))
"""


def test_a_connection_that_would_leave_is_refused(souvenir: Souvenir) -> None:
    """Offline, a process cannot connect, send or look a name up; loopback and configured services stay open.

    In a process of its own, because an audit hook cannot be removed. 192.0.2.0/24 and 198.51.100.0/24 are
    addresses for documentation (RFC 5737): nobody has them.
    """
    done = subprocess.run(
        [sys.executable, "-c", OUTSIDE], cwd=ROOT, capture_output=True, text=True, timeout=30
    )
    assert done.stdout.split() == ["True", "True", "None", "False", "True"], done.stderr


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("localhost", True),
        ("models.example", True),
        ("MODELS.example", False),
        ("example", False),
        ("127.0.0.1.example", False),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("169.254.169.254", False),
        ("fe80::1%eth0", False),
    ],
)
def test_what_is_allowed(host: str, allowed: bool) -> None:
    """Loopback and the hosts of the configured services, nothing that only looks like them."""
    assert EgressGuard(["https://user:secret@models.example:8443/v1"]).allows(host) is allowed


def test_the_refusal_is_an_operating_system_error() -> None:
    """Libraries treat it as a network that is not there, and degrade."""
    assert issubclass(EgressRefused, OSError)
