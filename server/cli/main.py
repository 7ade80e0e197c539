"""`souvenir`: every command, and the one place where its errors become a line and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from typer.main import get_command

from server.cli.commands import (
    ask,
    backup,
    chat,
    doctor,
    documents,
    evaluate,
    graph,
    ingest,
    models,
    recall,
    serve,
    threads,
)
from server.cli.context import CliContext
from server.cli.errors import FAILED, INTERRUPTED, CliError
from server.cli.help import asks_for_help, language, translate

# Plain help: rich's costs a third of a second of imports.
app = typer.Typer(name="souvenir", add_completion=False, rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def souvenir(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """A private assistant with a memory, on your own machine."""
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"souvenir {installed('souvenir')}")
    elif ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


for module in (serve, ask, chat, ingest, recall, doctor, backup):
    module.register(app)
for name, group in (
    ("documents", documents.app),
    ("threads", threads.app),
    ("graph", graph.app),
    ("models", models.app),
    ("evaluate", evaluate.app),
):
    app.add_typer(group, name=name)


def run(arguments: Sequence[str], context: CliContext) -> int:
    """Run one command line; the exit code. Errors are one line on stderr."""
    program = get_command(app)
    if asks_for_help(arguments):
        translate(program, language(arguments))
    try:
        code = program.main(list(arguments), "souvenir", standalone_mode=False, obj=context)
    except CliError as error:
        return _fail(str(error), error.exit_code)
    except typer.TyperException as error:
        return _fail(_usage(error), error.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        return _fail("interrupted", INTERRUPTED)
    except OSError as error:
        # A full disk, a folder that cannot be written: the system's own words say it best.
        return _fail(str(error), FAILED)
    return code if isinstance(code, int) else 0


def _usage(error: typer.TyperException) -> str:
    """Wrong usage in one line, with the command whose help says more."""
    ctx = getattr(error, "ctx", None)
    command = ctx.command_path if ctx else "souvenir"
    return f"{error.format_message()} (see: {command} --help)"


def _fail(message: str, code: int) -> int:
    line = " ".join(message.split())
    print(f"souvenir: {line}", file=sys.stderr)
    return code


def main() -> None:
    """The program `souvenir`."""
    sys.exit(run(sys.argv[1:], CliContext()))


if __name__ == "__main__":
    main()
