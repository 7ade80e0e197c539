"""The figures of an evaluation, in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.cli.messages import Say
from server.cli.show.text import one_line

if TYPE_CHECKING:
    from rich.console import Console

FIGURES = {"n": "n", "recall@1": "recall@1", "recall@5": "recall@5", "recall@10": "recall@10", "mrr": "MRR"}
GROUPS = {"by_leg": "leg", "by_lang": "lang", "by_category": "category"}
LONGEST_NAME = 28
"""Characters of a name: the figures beside it fill what is left of 80."""


def show_evaluation(console: Console, found: dict[str, Any], say: Say) -> None:
    """What was measured, and a row for each leg, language and category."""
    from rich.table import Table

    console.print(measured(found, say), soft_wrap=True)
    console.print(latency(found, say), soft_wrap=True, style="dim")
    console.print()
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    for _ in FIGURES:
        table.add_column(justify="right", no_wrap=True)
    groups = [(key, group) for key in GROUPS if (group := found.get(key))]
    for number, (key, group) in enumerate(groups):
        if number:
            table.add_row()
        table.add_row(say(f"evaluate-{GROUPS[key]}"), *FIGURES.values(), style="bold")
        for name, figures in group.items():
            label = one_line(say.name(GROUPS[key], name), LONGEST_NAME)
            table.add_row(f"  {label}", *(_figure((figures or {}).get(figure)) for figure in FIGURES))
    console.print(table)


def measured(found: dict[str, Any], say: Say) -> str:
    """How many questions, and by which embedder."""
    parts = [say.count("questions", found.get("n") or 0)]
    if embedder := found.get("embedder"):
        named = {"model": one_line(embedder.get("model")), "dimension": embedder.get("dimension")}
        parts.append(say("evaluate-embedder", **named))
    return " · ".join(parts)


def latency(found: dict[str, Any], say: Say) -> str:
    """How long a search took, and whether its vector is part of that: it never is."""
    key = "evaluate-latency-dense" if found.get("embedder") else "evaluate-latency"
    return say(key, p50=_milliseconds(found.get("p50_ms")), p95=_milliseconds(found.get("p95_ms")))


def unmeasured(found: dict[str, Any], say: Say) -> list[str]:
    """Why words alone were measured, and the command that changes it."""
    lines = []
    for part in found.get("degraded") or []:
        component, reason = one_line(part.get("component", "?")), one_line(part.get("reason", "?"))
        provider, _, model = component.partition(":")
        key = "evaluate-words-alone" if provider == "ollama" and model else "evaluate-no-embedder"
        lines.append(say(key, component=component, reason=reason, model=model))
    return lines


def _figure(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else "–" if value is None else str(value)


def _milliseconds(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, int | float) else "–"
