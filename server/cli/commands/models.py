"""`souvenir models`: the models of the routes, and how they do."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from server.cli.commands import models_check, models_pull, models_warm
from server.cli.options import JsonOption, LangOption
from server.cli.shell import Shell, open_shell
from server.cli.show.model_figures import show_figures
from server.cli.show.models import show_models

app = typer.Typer(rich_markup_mode=None, help="The models of the routes, and how they do.")

Days = Annotated[int, typer.Option("--days", min=1, max=90, help="How far back to look, in days.")]


@app.command("list")
def list_models(ctx: typer.Context, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """List the models task by task: where each is, whether it is there, and how it did this week."""
    shell = open_shell(ctx, lang=lang, as_json=as_json)
    found = shell.run(_get(shell, "/v1/models"))
    if as_json:
        shell.print_json(found)
    else:
        show_models(shell.out, found, shell.say)


for module in (models_pull, models_warm, models_check):
    module.register(app)


@app.command()
def stats(ctx: typer.Context, days: Days = 7, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """Show what calls of models took and how they ended, by task and model."""
    shell = open_shell(ctx, lang=lang, as_json=as_json)
    found = shell.run(_get(shell, "/v1/models/stats", days=days))
    if as_json:
        shell.print_json(found)
    else:
        show_figures(shell.out, found, shell.say)


async def _get(shell: Shell, path: str, **query: str | int) -> dict[str, Any]:
    async with shell.client() as client:
        return await client.get(path, **query)
