"""`souvenir models warm`: load the models that are asked first."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from server.cli.errors import CliError
from server.cli.options import JsonOption, LangOption
from server.cli.shell import Shell, open_shell
from server.cli.show.models import warm_line


class TaskName(StrEnum):
    """What models are asked to do; the names of the routes."""

    chat = "chat"
    extraction = "extraction"
    classification = "classification"
    enrichment = "enrichment"
    questionnaire = "questionnaire"
    embedding = "embedding"


Tasks = Annotated[
    list[TaskName] | None, typer.Argument(metavar="[TASK]...", help="Tasks of the routes; none: all of them.")
]


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command()(warm)


def warm(
    ctx: typer.Context, tasks: Tasks = None, as_json: JsonOption = False, lang: LangOption = None
) -> None:
    """Load the first model of each task, so that nobody waits for it."""
    shell = open_shell(ctx, lang=lang, as_json=as_json)
    models = shell.run(_warm(shell, [task.value for task in tasks or []]))
    if as_json:
        shell.print_json({"models": models})
    if failed := sum(model.get("state") == "failed" for model in models):
        raise CliError(shell.say.count("models-warm-failed", failed))


async def _warm(shell: Shell, tasks: list[str]) -> list[dict[str, Any]]:
    models: list[dict[str, Any]] = []
    status = shell.err.status("")
    try:
        async with shell.client() as client, client.streaming("/v1/models/warm", {"tasks": tasks}) as events:
            async for event in events:
                if event.pop("type", None) == "loading":
                    status.update(shell.say("models-loading", model=event.get("model")))
                    status.start()
                    continue
                status.stop()
                models.append(event)
                shell.out.print(warm_line(event, shell.say), soft_wrap=True, emoji=False)
    finally:
        status.stop()
    return models
