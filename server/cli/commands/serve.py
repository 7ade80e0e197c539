"""`souvenir serve`: the server."""

from __future__ import annotations

from typing import Annotated

import typer

from server.cli.options import LangOption
from server.cli.shell import open_shell

PortOption = Annotated[int | None, typer.Option("--port", min=0, max=65535, help="The port to listen on.")]


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(serve)


def serve(ctx: typer.Context, port: PortOption = None, lang: LangOption = None) -> None:
    """Start the server: the page, the playground and the API."""
    shell = open_shell(ctx, lang=lang, port=port)
    code = shell.context.serve(shell.settings)
    if code:
        raise typer.Exit(code)
