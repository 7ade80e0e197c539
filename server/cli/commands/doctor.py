"""`souvenir doctor`: how every part does."""

from __future__ import annotations

from typing import Any

import typer

from server.cli.errors import CliError
from server.cli.options import JsonOption, LangOption
from server.cli.shell import Shell, open_shell
from server.cli.show.parts import show_parts


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(doctor)


def doctor(ctx: typer.Context, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """Check every part, and say what to do where one fails."""
    shell = open_shell(ctx, lang=lang, as_json=as_json)
    found = shell.run(_doctor(shell))
    if as_json:
        shell.print_json(found)
    else:
        show_parts(shell.out, found.get("components") or [], shell.say)
    broken = [part["component"] for part in found.get("components") or [] if part.get("state") == "failed"]
    if broken:
        raise CliError(shell.say("doctor-failed", components=", ".join(broken)))


async def _doctor(shell: Shell) -> dict[str, Any]:
    async with shell.client() as client:
        return await client.get("/v1/doctor")
