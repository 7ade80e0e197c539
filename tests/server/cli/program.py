"""`souvenir` in front of the double: BASE_URL FOLDER LANG, then a command line."""

from __future__ import annotations

import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from server.cli.context import CliContext
from server.cli.main import run
from server.settings import Settings, load_settings
from tests.server.cli.api_double import ApiDouble


def main(base_url: str, folder: str, language: str, *arguments: str) -> int:
    """Run the command line; the exit code."""

    @asynccontextmanager
    async def connect(settings: Settings) -> AsyncIterator[ApiDouble]:
        yield ApiDouble(base_url)

    def settings(lang: str | None = None, port: int | None = None) -> Settings:
        return load_settings(data_dir=Path(folder), lang=lang or language, port=port)

    return run(arguments, CliContext(connect=connect, load_settings=settings))


if __name__ == "__main__":
    # What a shell starts in the background is deaf to Ctrl-C, and so are its children: tests send it here.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main(*sys.argv[1:]))
