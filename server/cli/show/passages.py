"""What memory holds, in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.cli.messages import Say
from server.cli.show.answers import show_degraded
from server.cli.show.text import one_line

if TYPE_CHECKING:
    from rich.console import Console

PASSAGE_CHARACTERS = 400
LEGS = ("dense", "sparse", "knowledge")


def show_passages(console: Console, found: dict[str, Any], say: Say) -> None:
    """Each passage with its score, that of each leg, and where it is; then what was missing."""
    from rich.table import Table
    from rich.text import Text

    passages = found.get("passages") or []
    legs = [leg for leg in LEGS if any(_leg(passage, leg) is not None for passage in passages)]
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("score", *legs):
        table.add_column(say(f"column-{column}"), justify="right", vertical="top", no_wrap=True)
    table.add_column(say("column-passage"))
    for passage in passages:
        where = " · ".join(one_line(passage[key]) for key in ("title", "locator") if passage.get(key))
        words = one_line(passage.get("text") or passage.get("quote") or "", PASSAGE_CHARACTERS)
        scores = (Text(_score(_leg(passage, leg)), style="dim") for leg in legs)
        table.add_row(_score(passage.get("score")), *scores, Text.assemble((where, "bold"), f"\n{words}\n"))
    console.print(table if passages else say("recall-none"))
    show_degraded(console, found.get("degraded") or [], say)
    if passages and "dense" not in legs:
        console.print(say("recall-words-alone"), style="yellow", soft_wrap=True)


def _leg(passage: dict[str, Any], leg: str) -> object:
    """The raw score that a leg gave; None when it did not see the passage."""
    return (passage.get("legs") or {}).get(leg)


def _score(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, int | float) else "–"
