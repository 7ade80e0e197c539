"""An answer in a terminal: the text, its sources, who answered, and what was missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.cli.messages import Say
from server.cli.show.text import clean, one_line, seconds
from server.reasons import said

if TYPE_CHECKING:
    from rich.console import Console

QUOTE_CHARACTERS = 300


def show_answer(console: Console, answer: dict[str, Any], say: Say) -> None:
    """The whole answer."""
    console.print(clean(answer.get("answer", "")), soft_wrap=True)
    show_footing(console, answer, say)


def show_footing(console: Console, answer: dict[str, Any], say: Say) -> None:
    """What stands under an answer: sources, degraded parts, who answered."""
    console.print()
    if answer.get("status") == "interrupted":
        console.print(say("cut-off", thread=one_line(answer.get("thread_id", "?"))), style="yellow")
    show_sources(console, answer.get("sources") or [], say)
    show_degraded(console, answer.get("degraded") or [], say)
    console.print(served_by(answer, say), style="dim", soft_wrap=True)


def show_sources(console: Console, sources: list[dict[str, Any]], say: Say) -> None:
    """Each source with its number, where to find it, and the words it says."""
    if not sources:
        console.print(say("no-sources"), style="dim")
        return
    console.print(say("sources"), style="bold")
    for source in sources:
        show_source(console, source, say)


def show_source(console: Console, source: dict[str, Any], say: Say) -> None:
    """One source."""
    from rich.padding import Padding
    from rich.text import Text

    where = " · ".join(one_line(source[key]) for key in ("title", "locator") if source.get(key))
    head = Text.assemble((f"[{source.get('n', '?')}] ", "bold cyan"), where)
    if source.get("score") is not None:
        head.append(f"  {float(source['score']):.2f}", style="dim")
    console.print(Padding(head, (0, 0, 0, 1), expand=False))
    quote = one_line(source.get("quote") or "", QUOTE_CHARACTERS)
    uri = one_line(source.get("uri") or "", 400)
    for text, style in ((quote and say("quote", text=quote), "italic"), (uri, "dim")):
        if text:
            console.print(Padding(Text(text, style=style), (0, 0, 0, 5), expand=False))


def show_degraded(console: Console, degraded: list[dict[str, Any]], say: Say) -> None:
    """What the answer had to do without, in words."""
    for part in degraded:
        component = clean(say.name("component", part.get("component", "?")))
        reason = one_line(said(part.get("reason") or "?", say.lang))
        console.print(say("without", component=component, reason=reason), style="yellow", soft_wrap=True)


def served_by(answer: dict[str, Any], say: Say) -> str:
    """Who answered, in how long, in which conversation."""
    took = seconds((answer.get("timings_ms") or {}).get("total"))
    who = one_line(answer.get("served_by", "?"))
    key = "answered-from-memory" if who == "memory" else "answered-by"
    thread = say("thread", thread=one_line(answer.get("thread_id", "?")))
    return f"{say(key, served_by=who, seconds=took)} · {thread}"
