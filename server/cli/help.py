"""`--help` in the person's language."""

from __future__ import annotations

import locale
from collections.abc import Iterator, Sequence
from typing import Protocol, cast


class Helpful(Protocol):
    """A command, a group or an option of Typer: something with a help text."""

    help: str | None


def asks_for_help(arguments: Sequence[str]) -> bool:
    """Whether this command line only wants to know what there is."""
    return not arguments or "--help" in arguments


def language(arguments: Sequence[str]) -> str:
    """The language of help: `--lang`, else the locale's.

    The settings are not asked: reading them takes longer than all the rest of `--help`.
    """
    words = [word for argument in arguments for word in argument.split("=", 1)]
    if "--lang" in words[:-1]:
        return words[words.index("--lang") + 1]
    return (locale.getlocale()[0] or "en")[:2].lower()


def texts(command: Helpful) -> Iterator[Helpful]:
    """The command and everything below it that has a help text."""
    yield command
    yield from getattr(command, "params", [])
    for inner in getattr(command, "commands", {}).values():
        yield from texts(cast(Helpful, inner))


def translate(command: Helpful, lang: str) -> None:
    """Put the help of the command, and of all below it, into the language, where there is a translation."""
    if lang != "fr":
        return
    from server.cli.messages.help_fr import HELP_IN_FRENCH

    for text in texts(command):
        text.help = HELP_IN_FRENCH.get(text.help or "", text.help)
