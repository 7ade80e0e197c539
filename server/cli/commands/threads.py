"""`souvenir threads`: the conversations."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import typer

from server.cli.options import JsonOption, LangOption, ThreadArgument
from server.cli.shell import Shell, open_shell
from server.cli.show.threads import show_thread, show_threads

AtOption = Annotated[
    str | None, typer.Option("--at", help="A checkpoint: show the conversation as it was then.")
]
app = typer.Typer(rich_markup_mode=None, help="The conversations in memory.")


@app.command("list")
def list_threads(ctx: typer.Context, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """List the conversations, the latest first."""
    shell = open_shell(ctx, lang=lang, as_json=as_json)
    found = shell.run(_get(shell, "/v1/threads"))
    if as_json:
        shell.print_json(found)
    else:
        show_threads(shell.out, found.get("threads") or [], shell.say)


@app.command()
def show(
    ctx: typer.Context,
    id: ThreadArgument,
    at: AtOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Show a conversation, turn by turn, and its checkpoints."""
    shell = open_shell(ctx, lang=lang, as_json=as_json)
    asked = {"at": at} if at else {}
    found = shell.run(_get(shell, f"/v1/threads/{quote(id, safe='')}", **asked))
    if as_json:
        shell.print_json(found)
    else:
        show_thread(shell.out, found, shell.say)


@app.command()
def forget(
    ctx: typer.Context, id: ThreadArgument, as_json: JsonOption = False, lang: LangOption = None
) -> None:
    """Forget a conversation, everywhere and for good."""
    shell = open_shell(ctx, lang=lang, as_json=as_json)
    done = shell.run(_forget(shell, f"/v1/threads/{quote(id, safe='')}"))
    if as_json:
        shell.print_json(done)
    else:
        shell.out.print(shell.say("threads-forgotten", id=id))


@app.command()
def export(
    ctx: typer.Context,
    id: ThreadArgument,
    as_json: JsonOption = False,  # noqa: ARG001 - always JSON; accepted because every command takes it
    lang: LangOption = None,
) -> None:
    """Print a conversation as JSON messages, role and content."""
    shell = open_shell(ctx, lang=lang, as_json=True)
    found = shell.run(_get(shell, f"/v1/threads/{quote(id, safe='')}/export"))
    shell.print_json(found.get("items", found))


async def _get(shell: Shell, path: str, **query: str) -> dict[str, Any]:
    async with shell.client() as client:
        return await client.get(path, **query)


async def _forget(shell: Shell, path: str) -> dict[str, Any]:
    async with shell.client() as client:
        return await client.delete(path)
