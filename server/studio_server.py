"""`make studio`: the server of `langgraph dev` for this project, on this machine only.

It calls what `langgraph dev` calls (`langgraph_api.cli.run_server`), for two reasons. That command keeps
conversations in `.langgraph_api/` of the current folder, where a `forget` would not find them; here that
folder is a temporary one. And it reports its use to its makers; this does not.
"""

import argparse
import json
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from server.settings import SettingsError, load_settings

CONFIGURATION = Path(__file__).parent.parent / "langgraph.json"
HOST = "127.0.0.1"
DEFAULT_PORT = 2025
RUNS_AT_ONCE = 4
_TAKEN = {
    "en": "port {port} is in use by another program: choose another with `make studio STUDIO_PORT=…`",
    "fr": "le port {port} est pris par un autre programme : choisissez-en un autre par "
    "`make studio STUDIO_PORT=…`",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C; the exit code. What is wrong is said in one line on stderr."""
    parser = argparse.ArgumentParser(prog="python -m server.studio_server", description="LangGraph Studio.")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="on loopback (%(default)s)")
    parser.add_argument("--strict", action="store_true", help="a run that blocks the loop fails (for tests)")
    options = parser.parse_args(arguments)
    try:
        settings = load_settings()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    if not _is_free(options.port):
        print(_TAKEN[settings.lang].format(port=options.port), file=sys.stderr)
        return 1
    from server.studio import home  # Slow to import.

    home.settle(settings)  # Now: relative folders are relative to where the person is.
    _serve(options.port, json.loads(CONFIGURATION.read_text(encoding="utf-8")), strict=options.strict)
    return 0


def _serve(port: int, configuration: dict[str, Any], *, strict: bool) -> None:
    # A development dependency, without types.
    from langgraph_api.cli import run_server  # type: ignore[import-untyped]

    # uvicorn gives SIGTERM back when it has stopped: the temporary folder must still be removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    before = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="souvenir-studio-") as folder:
        os.chdir(folder)
        try:
            run_server(
                HOST,
                port,
                reload=False,
                graphs=configuration["graphs"],
                http=configuration["http"],
                env=configuration["env"],
                n_jobs_per_worker=RUNS_AT_ONCE,
                open_browser=False,
                disable_persistence=True,
                allow_blocking=not strict,
            )
        finally:
            os.chdir(before)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


if __name__ == "__main__":
    sys.exit(main())
