"""`souvenir evaluate`: how good retrieval is, measured."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from server.cli.errors import CliError
from server.cli.options import JsonOption, LangOption
from server.cli.shell import Shell, open_shell
from server.cli.show.evaluation import show_evaluation, unmeasured

app = typer.Typer(rich_markup_mode=None, help="Measure how well memory finds things.")

Documents = Annotated[Path, typer.Argument(help="JSON Lines, one document each.")]
Questions = Annotated[Path, typer.Argument(help="JSON Lines, one question each, with its gold document.")]
Run = Annotated[Path | None, typer.Option("--run", help="Write the ranking of each question to this file.")]


@app.callback()
def evaluate() -> None:
    """Measure how well memory finds things."""


@app.command()
def retrieval(
    ctx: typer.Context,
    documents: Documents,
    questions: Questions,
    run: Run = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Recall@1/5/10, MRR and latency, on a store of its own; your memory is left alone."""
    shell = open_shell(ctx, lang=lang, as_json=as_json)
    for path in (documents, questions):
        if not path.is_file():
            raise CliError(shell.say("file-missing", path=path))
    found = shell.run(_evaluate(shell, documents, questions, run))
    for line in unmeasured(found, shell.say):
        shell.err.print(line, style="yellow", soft_wrap=True)
    if as_json:
        shell.print_json(found)
        return
    show_evaluation(shell.out, found, shell.say)
    if run:
        shell.out.print(shell.say("evaluate-run-written", path=run), style="dim")


async def _evaluate(shell: Shell, documents: Path, questions: Path, run: Path | None) -> dict[str, Any]:
    from rich.progress import Progress

    with Progress(console=shell.err, transient=True, disable=not shell.err.is_terminal) as progress:
        task = progress.add_task(shell.say("evaluate-working"), total=None)

        def advance(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        return await shell.context.evaluate(shell.settings, documents, questions, run, advance)
