"""Studio's server with an eye on its connections: LOG, then its own arguments.

Each attempt to leave the machine is refused and written to LOG, whoever swallows the error.
"""

from __future__ import annotations

import sys
from pathlib import Path

from server.studio_server import main
from tests.network import forbid_connections


def watched(log: str, *arguments: str) -> int:
    """Serve; the exit code."""

    def write(attempt: str) -> None:
        with Path(log).open("a", encoding="utf-8") as file:
            file.write(f"{attempt}\n")

    forbid_connections(write)
    return main(arguments)


if __name__ == "__main__":
    sys.exit(watched(*sys.argv[1:]))
