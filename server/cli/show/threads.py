"""Conversations in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.cli.messages import Say
from server.cli.show.parts import state
from server.cli.show.text import clean, day, one_line

if TYPE_CHECKING:
    from rich.console import Console


def show_threads(console: Console, threads: list[dict[str, Any]], say: Say) -> None:
    """A row for each conversation."""
    from rich.table import Table
    from rich.text import Text

    if not threads:
        console.print(say("threads-none"))
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column(say("column-title"), overflow="fold")
    table.add_column(say("column-turns"), justify="right")
    table.add_column(say("column-updated"), no_wrap=True)
    table.add_column(say("column-left"), justify="right", no_wrap=True)
    for thread in threads:
        title, identity = one_line(thread.get("title") or "", 72), one_line(thread.get("thread_id"))
        name = Text.assemble(title, "\n", (identity, "dim"))
        left = Text(_left(thread, say), style="dim")
        table.add_row(name, Text(_turns(thread)), Text(day(thread.get("updated_at"))), left)
    console.print(table)


def show_thread(console: Console, thread: dict[str, Any], say: Say) -> None:
    """One conversation, in order."""
    from rich.text import Text

    turns = thread.get("turns") or []
    console.print(one_line(thread.get("title") or thread.get("thread_id") or ""), style="bold")
    console.print(say.count("turns", len(turns)), style="dim")
    for turn in turns:
        console.print(
            f"\n{say('chat-prompt')}{clean(turn.get('question') or '')}", style="bold", soft_wrap=True
        )
        console.print(clean(turn.get("answer") or ""), soft_wrap=True)
        foot = Text(f"{day(turn.get('started_at'))} · {one_line(turn.get('served_by') or '')}", style="dim")
        if turn.get("status") != "done":
            foot = Text.assemble(foot, " · ", state(turn.get("status"), say))
        console.print(foot)
    _show_checkpoints(console, thread, say)


def _show_checkpoints(console: Console, thread: dict[str, Any], say: Say) -> None:
    """Where one can go back to, and for how long."""
    marks = thread.get("checkpoints") or []
    if not marks:
        return
    asked = {str(turn.get("turn_id")): turn.get("question") or "" for turn in thread.get("turns") or []}
    heading = say("thread-checkpoints", id=one_line(thread.get("thread_id")))
    console.print(f"\n{heading}", style="dim", soft_wrap=True)
    for mark in marks:
        question = one_line(asked.get(str(mark.get("turn_id")), ""), 60)
        console.print(f"  {one_line(mark.get('checkpoint_id'))}  {question}", style="dim", soft_wrap=True)
    if thread.get("seconds_left") is not None:
        console.print(say("thread-kept", days=_days(thread)), style="dim")


def _left(thread: dict[str, Any], say: Say) -> str:
    return "" if thread.get("seconds_left") is None else say("days-left", days=_days(thread))


def _days(thread: dict[str, Any]) -> int:
    """Days that are left, the last one counted."""
    return -(-int(thread["seconds_left"]) // 86_400)


def _turns(thread: dict[str, Any]) -> str:
    """How many turns, whether the API counts them or lists them."""
    turns = thread.get("turns", 0)
    return str(len(turns) if isinstance(turns, list) else turns)
