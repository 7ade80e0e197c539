"""`souvenir ingest`: files and folders into memory."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from server.cli.errors import CliError
from server.cli.options import JsonOption, LangOption
from server.cli.shell import Shell, open_shell
from server.cli.show.progress import IngestProgress

Paths = Annotated[list[str], typer.Argument(metavar="PATH...", help="Files and folders, read recursively.")]


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(ingest)


def ingest(ctx: typer.Context, paths: Paths, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """Read documents into memory. Safe to repeat, and to interrupt."""
    shell = open_shell(ctx, lang=lang, as_json=as_json)
    places = [str(Path(path).expanduser().absolute()) for path in paths]
    result = shell.run(_ingest(shell, places), interrupted="interrupted-ingest")
    totals = result["totals"]
    if as_json:
        shell.print_json(result)
    else:
        show_totals(shell, totals)
    if failed := int(totals.get("failed") or 0):
        raise CliError(shell.say.count("ingest-failed", failed))


async def _ingest(shell: Shell, paths: list[str]) -> dict[str, Any]:
    """Follow the reading to its end; the documents are kept only when they are to be printed."""
    documents: list[dict[str, Any]] = []
    totals: dict[str, Any] | None = None
    with IngestProgress(shell.err, shell.say) as progress:
        async with shell.client() as client, client.streaming("/v1/ingest", {"paths": paths}) as events:
            async for event in events:
                kind = event.pop("type", None)
                if kind == "discovered":
                    progress.discovered(int(event.get("total") or 0))
                elif kind == "document":
                    progress.document(event)
                    if shell.as_json:
                        documents.append(event)
                elif kind == "totals":
                    totals = event
    if totals is None:
        raise CliError(shell.say("server-gone"))
    return {"documents": documents, "totals": totals}


def show_totals(shell: Shell, totals: dict[str, Any]) -> None:
    """What was done, in one line."""
    counts = {key: int(totals.get(key) or 0) for key in ("stored", "updated", "unchanged", "failed")}
    if not any(counts.values()):
        shell.out.print(shell.say("ingest-nothing"))
        return
    chunks = shell.say.count("chunks", int(totals.get("chunks") or 0))
    took = f"{float(totals.get('seconds') or 0):.1f}"
    shell.out.print(shell.say("totals", chunks=chunks, seconds=took, **counts))
