"""`souvenir backup` and `souvenir restore`: the whole memory, one file."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Annotated

import typer

from server.cli.errors import CliError
from server.cli.options import JsonOption, LangOption
from server.cli.shell import Shell, open_shell

Target = Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")]
Source = Annotated[Path, typer.Argument(metavar="FILE", help="The backup to restore.")]
Force = Annotated[bool, typer.Option("--force", help="Replace the memory that is there; it is kept beside.")]


def register(app: typer.Typer) -> None:
    """Add both commands to the program."""
    app.command()(backup)
    app.command()(restore)


def backup(ctx: typer.Context, file: Target, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """Write the whole memory to one file."""
    from server.cli.whole_memory import contents, save

    shell = open_shell(ctx, lang=lang, as_json=as_json)
    folder, target = shell.settings.data_dir, file.expanduser().absolute()
    if not folder.is_dir() or not contents(folder):
        raise CliError(shell.say("backup-empty", folder=folder))
    try:
        size = save(folder, target)
    except FileExistsError:
        raise CliError(shell.say("backup-exists", path=target)) from None
    except sqlite3.Error as error:
        raise CliError(str(error)) from error
    done: dict[str, object] = {"file": str(target), "folder": str(folder), "bytes": size}
    _report(shell, done, shell.say("backup-done", folder=folder, path=target, size=_size(size)))


def restore(
    ctx: typer.Context,
    file: Source,
    force: Force = False,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Put a backup in place of the memory."""
    from server.cli.whole_memory import NotABackup, contents, load

    shell = open_shell(ctx, lang=lang, as_json=as_json)
    folder, source = shell.settings.data_dir, file.expanduser().absolute()
    if not source.is_file():
        raise CliError(shell.say("file-missing", path=source))
    with shell.context.hold(shell.settings):
        if contents(folder) and not force:
            raise CliError(shell.say("restore-not-empty", folder=folder))
        try:
            kept = load(source, folder)
        except NotABackup:
            raise CliError(shell.say("restore-not-a-backup", path=source)) from None
    done: dict[str, object] = {"file": str(source), "folder": str(folder), "kept": kept and str(kept)}
    _report(shell, done, shell.say("restore-done", path=source, folder=folder))
    if kept:
        shell.err.print(shell.say("restore-kept", folder=kept), soft_wrap=True)


def _report(shell: Shell, done: dict[str, object], line: str) -> None:
    if shell.as_json:
        shell.print_json(done)
    else:
        shell.out.print(line, soft_wrap=True)


def _size(size: int) -> str:
    """A number of bytes, for people."""
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.1f} kB"
