"""The options and arguments that several commands share."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Lang(StrEnum):
    """The languages that Souvenir speaks."""

    en = "en"
    fr = "fr"


JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
LangOption = Annotated[Lang | None, typer.Option("--lang", help="The language of messages.")]
ThreadOption = Annotated[str | None, typer.Option("--thread", help="The conversation to continue.")]
DocumentArgument = Annotated[str, typer.Argument(metavar="ID", help="The document's id.")]
ThreadArgument = Annotated[str, typer.Argument(metavar="ID", help="The conversation's id.")]
