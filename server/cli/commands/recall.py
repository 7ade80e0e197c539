"""`souvenir recall`: what long-term memory holds on something."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from server.cli.options import JsonOption, LangOption
from server.cli.shell import Shell, open_shell
from server.cli.show.passages import show_passages

Query = Annotated[str, typer.Argument(help="What to look for.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=50, help="How many passages at most.")]


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(recall)


def recall(
    ctx: typer.Context,
    query: Query,
    limit: Limit = 10,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Show what memory holds on a subject, with its scores."""
    shell = open_shell(ctx, lang=lang, as_json=as_json)
    found = shell.run(_recall(shell, query, limit))
    if as_json:
        shell.print_json(found)
    else:
        show_passages(shell.out, found, shell.say)


async def _recall(shell: Shell, query: str, limit: int) -> dict[str, Any]:
    async with shell.client() as client:
        return await client.get("/v1/recall", query=query, limit=limit)
