"""`souvenir ingest`: files and folders into memory, once or for as long as they are watched."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from server.cli.errors import CliError, Interrupted, WrongUsage
from server.cli.options import JsonOption, LangOption
from server.cli.shell import Shell, open_shell
from server.cli.show.progress import IngestProgress

Paths = Annotated[list[str], typer.Argument(metavar="PATH...", help="Files and folders, read recursively.")]


Watch = Annotated[
    bool,
    typer.Option(
        "--watch",
        help="Stay, and take in what changes, until Ctrl-C. What is moved or deleted stays in memory: "
        "tidying up, or unplugging a drive, must not make Souvenir forget; the command to forget is shown. "
        "With --json, one document per batch, each on one line.",
    ),
]
Poll = Annotated[
    bool,
    typer.Option(
        "--poll",
        help="With --watch, look every two seconds instead of waiting for the system's word: "
        "for network drives, and folders shared with a virtual machine.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(ingest)


def ingest(
    ctx: typer.Context,
    paths: Paths,
    watch: Watch = False,
    poll: Poll = False,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Read documents into memory. Safe to repeat, and to interrupt."""
    shell = open_shell(ctx, lang=lang, as_json=as_json)
    places = [str(absolute(path)) for path in paths]
    if watch:
        stay(shell, places, poll=poll)
        return
    if poll:
        raise WrongUsage(shell.say("watch-poll-alone"))
    result = shell.run(_ingest(shell, places), interrupted="interrupted-ingest")
    totals = result["totals"]
    if as_json:
        shell.print_json(result)
    else:
        show_totals(shell, totals)
    if failed := int(totals.get("failed") or 0):
        raise CliError(shell.say.count("ingest-failed", failed))


def absolute(path: str) -> Path:
    """The path as the server needs it. `a/../b` is `b`: a document has one address."""
    found = Path(path).expanduser().absolute()
    return found.resolve() if ".." in found.parts else found


def stay(shell: Shell, paths: list[str], *, poll: bool) -> None:
    """Watch the paths until the person, or the system, says that it is enough: that is a good end."""
    from server.cli.watching.stopping import until_stopped
    from server.cli.watching.watcher import Watcher

    watcher = Watcher(shell, [Path(path) for path in paths], poll=poll)
    with suppress(Interrupted):  # where the system has no signal handlers in the loop
        shell.run(until_stopped(watcher.run()))
    shell.err.print(shell.say("watch-stopped"), style="dim")


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
