"""The parts of Souvenir and their health, in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.cli.messages import Say
from server.cli.show.text import one_line

if TYPE_CHECKING:
    from rich.console import Console

STYLES = {
    "ok": "green",
    "done": "green",
    "stored": "green",
    "updated": "green",
    "degraded": "yellow",
    "partial": "yellow",
    "pending": "yellow",
    "interrupted": "yellow",
    "failed": "red",
}


def show_parts(console: Console, parts: list[dict[str, Any]], say: Say) -> None:
    """A row for each part; under the table, why those that need something do, and what to do about it."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("component", "state", "backend", "version", "latency"):
        table.add_column(say(f"column-{column}"), overflow="fold")
    for part in parts:
        told = (part.get("component"), None, part.get("backend"), part.get("version"), _latency(part))
        cells = [Text(one_line(cell or "")) for cell in told]
        cells[1] = state(part.get("state"), say)
        table.add_row(*cells)
    console.print(table)
    console.print()
    for part in parts:
        _show_remark(console, part)


def _show_remark(console: Console, part: dict[str, Any]) -> None:
    """What there is to say about a part, above all when it is not well."""
    remarks = [one_line(part[key], 400) for key in ("detail", "fix") if part.get(key)]
    if remarks:
        style = "dim" if part.get("state") == "ok" else "yellow"
        console.print(
            f"{one_line(part.get('component'))}: {' → '.join(remarks)}", style=style, soft_wrap=True
        )


def state(value: object, say: Say) -> Any:  # noqa: ANN401 - a rich Text, which is imported late
    """The word for a state, in its colour."""
    from rich.text import Text

    return Text(one_line(say.name("state", value)), style=STYLES.get(str(value), ""))


def _latency(part: dict[str, Any]) -> str:
    latency = part.get("latency_ms")
    return "" if latency is None else f"{float(latency):.0f} ms"
