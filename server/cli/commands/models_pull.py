"""`souvenir models pull`: have Ollama fetch what the routes name."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from server.cli.errors import CliError
from server.cli.options import JsonOption, LangOption
from server.cli.shell import Shell, open_shell
from server.cli.show.pulling import PullProgress

Models = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[MODEL]...", help="Models by name, such as llama3.2:3b; none: those of the routes."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command()(pull)


def pull(
    ctx: typer.Context, models: Models = None, as_json: JsonOption = False, lang: LangOption = None
) -> None:
    """Fetch models through Ollama. Safe to repeat, and to interrupt."""
    shell = open_shell(ctx, lang=lang, as_json=as_json)
    result = shell.run(_pull(shell, models or []), interrupted="interrupted-ingest")
    totals = result["totals"]
    if as_json:
        shell.print_json(result)
    else:
        shell.out.print(shell.say("models-pulled", **totals))
    if failed := int(totals.get("failed") or 0):
        raise CliError(shell.say.count("models-pull-failed", failed))


async def _pull(shell: Shell, names: list[str]) -> dict[str, Any]:
    """Follow the downloads to their end."""
    models: list[dict[str, Any]] = []
    totals: dict[str, Any] | None = None
    with PullProgress(shell.err, shell.say) as progress:
        body = {"models": names}
        async with shell.client() as client, client.streaming("/v1/models/pull", body) as events:
            async for event in events:
                kind = event.pop("type", None)
                if kind == "progress":
                    progress.moved(event)
                elif kind == "model":
                    progress.ended(event)
                    models.append(event)
                elif kind == "totals":
                    totals = event
    if totals is None:
        raise CliError(shell.say("server-gone"))
    return {"models": models, "totals": totals}
