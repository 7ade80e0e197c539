"""Run the double from a shell: `python -m tests.ollama_double --port 11500 --script file.json`.

It prints its address on a line of its own, and serves until it is interrupted or terminated.
"""

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from tests.ollama_double.double import DEFAULT_MODEL, OllamaDouble
from tests.ollama_double.script import ScriptError
from tests.ollama_double.script_file import load_script
from tests.ollama_double.shelf import Model


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal; 0 then, 2 when the script cannot be played, 1 when the port is taken."""
    options = _parser().parse_args(arguments)
    models = [
        Model(name, dimension=options.dimension, embed_seconds=options.embed_seconds)
        for name in options.model or [DEFAULT_MODEL]
    ]
    double = OllamaDouble(*models, port=options.port)
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    try:
        if options.script:
            load_script(options.script, double.shelf)
        with double:
            print(double.url, flush=True)
            over.wait()
    except ScriptError as problem:
        print(problem, file=sys.stderr)
        return 2
    except OSError as problem:
        print(f"cannot listen on port {options.port}: {problem.strerror}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.ollama_double", description="A scripted Ollama.")
    parser.add_argument("--port", type=int, default=0, help="loopback port (default: chosen by the system)")
    parser.add_argument("--model", action="append", default=[], metavar="NAME", help="installed; repeatable")
    parser.add_argument("--dimension", type=int, default=768, help="of the vectors (%(default)s)")
    parser.add_argument("--embed-seconds", type=float, default=0.0, help="that a call to embed takes")
    parser.add_argument("--script", type=Path, metavar="FILE", help="replies and faults, in JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
