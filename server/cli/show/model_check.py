"""What trying out the models came to, in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.cli.messages import Say
from server.cli.show.models import took
from server.cli.show.parts import STYLES
from server.cli.show.text import one_line

if TYPE_CHECKING:
    from rich.console import Console

SIGNS = {"ok": "✓", "degraded": "!", "failed": "✗", "skipped": "–"}
SHOWN = ("answers", "streams", "tools", "schema")


def step_line(step: dict[str, Any], say: Say) -> Any:  # noqa: ANN401 - a rich Text, which is imported late
    """One step: its sign, its name, what was found, and how long it took."""
    from rich.text import Text

    state = str(step.get("state"))
    name = say.name("step", step.get("step"))
    duration = took(step.get("ms"), say) if int(step.get("ms") or 0) >= 50 else ""
    return Text.assemble(
        (f"  {SIGNS.get(state, '?')} ", STYLES.get(state, "dim")),
        f"{name:<12} ",
        (one_line(step.get("detail") or "", 400), STYLES.get(state, "dim") if state != "ok" else ""),
        (f"  {duration}" if duration else "", "dim"),
    )


def full_name(model: dict[str, Any]) -> str:
    """A model's name, with its address where the routes give it one of its own."""
    place = model.get("place") or {}
    name = one_line(model.get("model"))
    return f"{name} ({one_line(place.get('name'))})" if place.get("own_url") else name


def show_report(console: Console, report: dict[str, Any], say: Say) -> None:
    """A row for each model, a line for the embedder, and what to change."""
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column(say("column-model"), overflow="fold")
    for step in SHOWN:
        table.add_column(say.name("step", step), justify="center")
    for column in ("num_ctx", "takes", "speed"):
        table.add_column(say(f"column-{column}"), justify="right")
    for model in report.get("models") or []:
        table.add_row(*_row(model, say))
    console.print()
    console.print(table)
    if embedder := report.get("embedding"):
        console.print(_embedder_line(embedder), soft_wrap=True, emoji=False)
    console.print()
    for suggestion in report.get("suggestions") or []:
        console.print(f"→ {one_line(suggestion, 400)}", soft_wrap=True, emoji=False)


def _row(model: dict[str, Any], say: Say) -> list[Any]:
    from rich.text import Text

    works = model.get("works") or {}
    name = Text(full_name(model), style="green" if all(works.values()) else "red")
    states = {step.get("step"): str(step.get("state")) for step in model.get("steps") or []}
    signs = [
        Text(SIGNS.get(state, "?"), STYLES.get(state, "dim")) for state in map(states.get, SHOWN) if state
    ]
    numbers = [model.get("num_ctx"), model.get("takes"), _speed(model.get("tokens_per_second"), say)]
    return [name, *signs, *(Text(str(number) if number is not None else "–") for number in numbers)]


def _speed(speed: object, say: Say) -> str | None:
    return None if speed is None else say.number(f"{float(str(speed)):.0f}")


def _embedder_line(embedder: dict[str, Any]) -> Any:  # noqa: ANN401 - as above
    from rich.text import Text

    steps = [
        (step.get("state"), one_line(step.get("detail") or ""))
        for step in embedder.get("steps") or []
        if step.get("step") != "installed" or step.get("state") == "failed"
    ]
    told = [
        Text(detail, "" if state == "ok" else STYLES.get(str(state), "dim"))
        for state, detail in steps
        if state != "skipped"
    ]
    name = Text(one_line(embedder.get("model")), style="green" if embedder.get("works") else "red")
    return Text.assemble(name, "  ", Text(" · ").join(told))
