"""`souvenir documents`: what made it into memory."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import typer

from server.cli.options import DocumentArgument, JsonOption, LangOption
from server.cli.shell import Shell, open_shell
from server.cli.show.answers import show_degraded
from server.cli.show.documents import show_document, show_documents

app = typer.Typer(rich_markup_mode=None, help="The documents in memory.")


@app.command("list")
def list_documents(ctx: typer.Context, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """List the documents, and how far each is in the projections."""
    shell = open_shell(ctx, lang=lang, as_json=as_json)
    found = shell.run(_get(shell, "/v1/documents"))
    if as_json:
        shell.print_json(found)
    else:
        show_documents(shell.out, found.get("documents") or [], shell.say)


@app.command()
def show(
    ctx: typer.Context, id: DocumentArgument, as_json: JsonOption = False, lang: LangOption = None
) -> None:
    """Show a document: what made it in, what is still pending, and why."""
    shell = open_shell(ctx, lang=lang, as_json=as_json)
    found = shell.run(_get(shell, f"/v1/documents/{quote(id, safe='')}"))
    if as_json:
        shell.print_json(found)
    else:
        show_document(shell.out, found, shell.say)


@app.command()
def forget(
    ctx: typer.Context, id: DocumentArgument, as_json: JsonOption = False, lang: LangOption = None
) -> None:
    """Forget a document, everywhere and for good."""
    shell = open_shell(ctx, lang=lang, as_json=as_json)
    done = shell.run(_forget(shell, f"/v1/documents/{quote(id, safe='')}"))
    if as_json:
        shell.print_json(done)
    else:
        shell.out.print(shell.say("documents-forgotten", id=id))


@app.command()
def rebuild(ctx: typer.Context, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """Build the projections again from the archive."""
    shell = open_shell(ctx, lang=lang, as_json=as_json)
    done = shell.run(_rebuild(shell))
    if as_json:
        shell.print_json(done)
    else:
        shell.out.print(shell.say("documents-requeued", n=done.get("requeued", 0)))
        show_degraded(shell.out, done.get("degraded") or [], shell.say)


async def _get(shell: Shell, path: str) -> dict[str, Any]:
    async with shell.client() as client:
        return await client.get(path)


async def _forget(shell: Shell, path: str) -> dict[str, Any]:
    async with shell.client() as client:
        return await client.delete(path)


async def _rebuild(shell: Shell) -> dict[str, Any]:
    async with shell.client() as client:
        return await client.post("/v1/documents/rebuild")
