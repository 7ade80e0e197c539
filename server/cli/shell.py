"""One run of one command: its settings, its words, where it prints, how it reaches the API."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from server.cli.client import Client, open_client
from server.cli.context import CliContext
from server.cli.errors import Interrupted
from server.cli.messages import Say
from server.cli.options import Lang

if TYPE_CHECKING:
    from rich.console import Console

    from server.settings import Settings

Result = TypeVar("Result")


@dataclass
class Shell:
    """What a command works with. `as_json`: stdout gets one JSON document, and nothing else."""

    context: CliContext
    settings: Settings
    as_json: bool = False
    say: Say = field(init=False)

    def __post_init__(self) -> None:
        self.say = Say(self.settings.lang)

    @cached_property
    def out(self) -> Console:
        """Where results for people go."""
        from rich.console import Console

        return Console(highlight=False, markup=False, emoji=False, stderr=self.as_json)

    @cached_property
    def err(self) -> Console:
        """Where progress and remarks go."""
        from rich.console import Console

        return Console(highlight=False, markup=False, emoji=False, stderr=True)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Client]:
        """A client of the API, whoever owns the data folder."""
        connect = partial(self.context.connect, self.settings)
        async with connect() as address, open_client(address, self.say, connect) as client:
            yield client

    def run(self, work: Coroutine[Any, Any, Result], *, interrupted: str = "interrupted") -> Result:
        """Run a command to its end.

        Raises:
            Interrupted: on Ctrl-C, after the work has tidied up, with the message named `interrupted`.
        """
        try:
            return asyncio.run(work)
        except KeyboardInterrupt:
            raise Interrupted(self.say(interrupted)) from None

    def print_json(self, document: object, *, indent: int | None = 2) -> None:
        """The one JSON document, in ASCII where stdout cannot carry more; on one line without `indent`."""
        unicode = (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
        try:
            text = json.dumps(document, ensure_ascii=not unicode, indent=indent)
            text.encode()
        except UnicodeEncodeError:  # half of a surrogate pair, as in a file name that is not valid Unicode
            text = json.dumps(document, indent=indent)
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def open_shell(
    ctx: typer.Context, *, lang: Lang | None = None, as_json: bool = False, port: int | None = None
) -> Shell:
    """The shell of a command; `lang` and `port` win over the environment's settings.

    Raises:
        CliError: a setting cannot be used.
    """
    context = ctx.find_object(CliContext) or CliContext()
    settings = context.load_settings(lang=lang.value if lang else None, port=port)
    return Shell(context, settings, as_json)
