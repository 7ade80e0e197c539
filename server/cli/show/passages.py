"""What memory holds, in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.cli.messages import Say
from server.cli.show.answers import show_degraded
from server.cli.show.text import one_line

if TYPE_CHECKING:
    from rich.console import Console

PASSAGE_CHARACTERS = 400


def show_passages(console: Console, found: dict[str, Any], say: Say) -> None:
    """Each passage with where it is, its score and the score of each leg."""
    from rich.table import Table
    from rich.text import Text

    passages = found.get("passages") or []
    table = Table(box=None, padding=(0, 2, 1, 0))
    for column in ("score", "legs", "passage"):
        table.add_column(say(f"column-{column}"), vertical="top")
    for passage in passages:
        where = " · ".join(one_line(passage[key]) for key in ("title", "locator") if passage.get(key))
        words = one_line(passage.get("text") or passage.get("quote") or "", PASSAGE_CHARACTERS)
        table.add_row(_score(passage), Text(_legs(passage, say), style="dim"), Text(f"{where}\n{words}"))
    console.print(table if passages else say("recall-none"))
    show_degraded(console, found.get("degraded") or [], say)


def _score(passage: dict[str, Any]) -> str:
    return f"{float(passage.get('score') or 0):.2f}"


def _legs(passage: dict[str, Any], say: Say) -> str:
    """The legs that found the passage, one on a line."""
    legs = passage.get("legs") or {}
    return "\n".join(
        f"{one_line(say.name('leg', leg))} {float(score):.2f}"
        for leg, score in legs.items()
        if score is not None
    )
