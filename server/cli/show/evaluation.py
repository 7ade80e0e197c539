"""The figures of an evaluation, in a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from server.cli.messages import Say
from server.cli.show.text import one_line

if TYPE_CHECKING:
    from rich.console import Console

FIGURES = ("n", "recall@1", "recall@5", "recall@10", "mrr", "p50_ms", "p95_ms")


def show_evaluation(console: Console, found: dict[str, Any], say: Say) -> None:
    """A row for the whole, and for each leg, language and category."""
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("")
    for figure in FIGURES:
        table.add_column(figure, justify="right")
    for name, figures in rows(found, say):
        table.add_row(name, *(_figure(figures.get(figure)) for figure in FIGURES))
    console.print(table)


def rows(found: dict[str, Any], say: Say) -> Iterator[tuple[str, dict[str, Any]]]:
    """The name and the figures of each row."""
    yield "", found
    for key in ("by_leg", "by_lang", "by_category"):
        for name, figures in (found.get(key) or {}).items():
            if isinstance(figures, dict):
                yield one_line(say.name("leg", name) if key == "by_leg" else name), figures


def _figure(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}" if value <= 1 else f"{value:.1f}"
    return "" if value is None else str(value)
