"""`souvenir models check`: try out what Souvenir asks of models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from server.cli.errors import CliError
from server.cli.options import JsonOption, LangOption
from server.cli.shell import Shell, open_shell
from server.cli.show.model_check import full_name, show_report, step_line
from server.cli.show.text import one_line

Write = Annotated[
    Path | None,
    typer.Option("--write", metavar="FILE", help="Write the routes that follow from it to this file."),
]
Force = Annotated[bool, typer.Option("--force", help="With --write, replace the file that is there.")]


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command()(check)


def check(
    ctx: typer.Context,
    write: Write = None,
    force: Force = False,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Try out every model of the routes, and say what to change."""
    shell = open_shell(ctx, lang=lang, as_json=as_json)
    if write and write.exists() and not force:
        raise CliError(shell.say("models-file-exists", path=write))
    report = shell.run(_check(shell, write=write is not None))
    routes = str(report.pop("routes", ""))
    if as_json:
        shell.print_json(report)
    else:
        show_report(shell.out, report, shell.say)
    if write:
        _write(shell, write, routes, force=force)
    if not report.get("works"):
        raise CliError(shell.say("models-chat-broken"))


async def _check(shell: Shell, *, write: bool) -> dict[str, Any]:
    """Follow the steps to the report, one line each."""
    report: dict[str, Any] | None = None
    with shell.err.status(shell.say("models-looking")) as status:
        async with shell.client() as client, client.streaming("/v1/models/check", {"write": write}) as events:
            async for event in events:
                kind = event.pop("type", None)
                if kind == "report":
                    report = event
                    continue
                model = one_line(event.get("model"))
                if kind == "model":
                    shell.err.print(full_name(event), style="bold", emoji=False)
                elif kind == "step":
                    shell.err.print(step_line(event, shell.say), soft_wrap=True, emoji=False)
                else:
                    step = shell.say.name("step", event.get("step"))
                    status.update(shell.say("models-trying", model=model, step=step))
    if report is None:
        raise CliError(shell.say("server-gone"))
    return report


def _write(shell: Shell, path: Path, routes: str, *, force: bool) -> None:
    """Write the file. Only its owner may read it: an address in it may hold a password."""
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            path.chmod(0o600)
            file.write(routes)
    except FileExistsError:
        raise CliError(shell.say("models-file-exists", path=path)) from None
    shell.err.print(shell.say("models-written", path=path.absolute()), soft_wrap=True, emoji=False)
