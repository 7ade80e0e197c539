"""Documents in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.cli.messages import Say
from server.cli.show.parts import state
from server.cli.show.text import clean, day, one_line

if TYPE_CHECKING:
    from rich.console import Console

PROJECTIONS = ("recall", "knowledge")


def show_documents(console: Console, documents: list[dict[str, Any]], say: Say) -> None:
    """A row for each document."""
    from rich.table import Table
    from rich.text import Text

    if not documents:
        console.print(say("documents-none"))
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column(say("column-title"), overflow="fold")
    table.add_column(say("column-chunks"), justify="right")
    for projection in PROJECTIONS:
        table.add_column(say(f"column-{projection}"), no_wrap=True)
    table.add_column(say("column-updated"), no_wrap=True)
    for document in documents:
        title = one_line(document.get("title") or document.get("uri") or "", 72)
        name = Text.assemble(title, "\n", (one_line(document.get("document_id")), "dim"))
        states = [state(_projection(document, projection).get("state"), say) for projection in PROJECTIONS]
        updated = Text(day(document.get("updated_at"))[:10])
        table.add_row(name, Text(str(document.get("chunks", ""))), *states, updated)
    console.print(table)
    console.print(say.count("documents", len(documents)), style="dim")


def show_document(console: Console, document: dict[str, Any], say: Say) -> None:
    """One document: where it is, what made it in, and its pieces."""
    from rich.padding import Padding
    from rich.text import Text

    console.print(one_line(document.get("title") or ""), style="bold")
    console.print(one_line(document.get("uri") or "", 400), style="dim")
    chunks = say.count("chunks", int(document.get("chunks") or 0))
    console.print(f"{one_line(document.get('document_id'))} · {chunks} · {day(document.get('updated_at'))}")
    for name in PROJECTIONS:
        projection = _projection(document, name)
        reason = f" ({one_line(projection['reason'])})" if projection.get("reason") else ""
        console.print(
            Text.assemble(say(f"projection.{name}"), ": ", state(projection.get("state"), say), reason)
        )
    for piece in document.get("pieces") or []:
        console.print(f"\n{one_line(piece.get('locator') or piece.get('position'))}", style="cyan")
        console.print(Padding(Text(clean(piece.get("text") or "")), (0, 0, 0, 2), expand=False))


def _projection(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = (document.get("projections") or {}).get(name) or {"state": "pending"}
    return found
