"""What a child may not do: use more memory or processor than allowed, open a socket, start a program."""

from __future__ import annotations

import os
import sys
import time
from math import ceil
from typing import Final

_NICENESS: Final = 10
_FORBIDDEN: Final = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
)
"""Prefixes of audit events, https://docs.python.org/3/library/audit_events.html."""


def enter(memory_bytes: int) -> None:
    """Lower the priority of this process, bound its address space where the system can, cut its network."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    if sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        allowed = memory_bytes if hard == resource.RLIM_INFINITY else min(memory_bytes, hard)
        resource.setrlimit(resource.RLIMIT_AS, (allowed, hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(_refuse)


def allow_seconds(seconds: float) -> None:
    """Let the next request use that much processor time; the parent's clock is the first limit."""
    if sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        allowed = ceil(time.process_time() + seconds) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (allowed, hard))


def _refuse(event: str, _: tuple[object, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"a child process does not use {event}")
