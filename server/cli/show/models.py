"""The models of the routes, in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.cli.messages import Say
from server.cli.show.text import one_line
from server.reasons import said

if TYPE_CHECKING:
    from rich.console import Console

COLUMNS = ("where", "disk", "memory", "p50", "p95")


def show_models(console: Console, found: dict[str, Any], say: Say) -> None:
    """A row for each model under its task; under the table, what there is to say of them."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("", overflow="fold")
    for column in COLUMNS:
        table.add_column(say(f"column-{column}"), justify="right" if column in ("p50", "p95") else "left")
    groups = [(task["task"], task["models"]) for task in found.get("tasks") or [] if not task.get("same_as")]
    embedding = found.get("embedding")
    groups.append(("embedding", [embedding] if embedding else []))
    for task, models in groups:
        table.add_row(Text(say.name("task", task), style="bold"))
        for model in models:
            table.add_row(*_row(model, say))
        if not models:
            table.add_row(Text(f"  {say('models-no-embedder')}", style="dim"))
    console.print(table)
    _show_same(console, found, say)
    _show_remarks(console, [model for _, models in groups for model in models], found, say)


def gigabytes(size: object, say: Say) -> str:
    """A number of bytes, as people read it."""
    number = float(str(size or 0))
    amount = f"{number / 1e9:.1f}" if number >= 1e9 else f"{number / 1e6:.0f}"
    return say("gigabytes" if number >= 1e9 else "megabytes", n=say.number(amount))


def took(milliseconds: object, say: Say) -> str:
    """A duration, in seconds unless it is very short; nothing when it is not known."""
    if milliseconds is None:
        return ""
    number = float(str(milliseconds))
    return f"{number:.0f} ms" if number < 100 else f"{say.number(f'{number / 1000:.1f}')} s"


def warm_line(model: dict[str, Any], say: Say) -> str:
    """What became of loading one model."""
    tasks = ", ".join(say.name("task", task) for task in model.get("tasks") or [])
    values = {"took": took(model.get("ms"), say), "reason": one_line(model.get("reason") or "")}
    line = say(f"models-warm-{model.get('state')}", model=one_line(model.get("model")), **values)
    return f"{line} ({tasks})" if model.get("state") != "failed" else line


def _row(model: dict[str, Any], say: Say) -> list[Any]:
    from rich.text import Text

    poor = model.get("left_alone") or model.get("installed") is False or model.get("unreachable")
    cells = [
        _where(model, say),
        _disk(model, say),
        say("yes") if model.get("loaded") else "",
        took(model.get("p50_ms"), say),
        took(model.get("p95_ms"), say),
    ]
    name = Text(f"  {one_line(model.get('model'))}", style="yellow" if poor else "")
    return [name, *map(Text, cells)]


def _where(model: dict[str, Any], say: Say) -> str:
    place = model.get("place") or {}
    here = place.get("kind") == "machine" and not place.get("own_url")
    return say("place-machine") if here else one_line(place.get("name") or "")


def _disk(model: dict[str, Any], say: Say) -> str:
    if model.get("installed"):
        return gigabytes(model.get("size"), say)
    if model.get("unreachable"):
        return "?"
    return say("not-installed") if model.get("installed") is False else "–"


def _show_same(console: Console, found: dict[str, Any], say: Say) -> None:
    same = [say.name("task", task["task"]) for task in found.get("tasks") or [] if task.get("same_as")]
    if same:
        console.print(say("models-same", tasks=", ".join(same)), style="dim", soft_wrap=True, emoji=False)


def _show_remarks(console: Console, models: list[dict[str, Any]], found: dict[str, Any], say: Say) -> None:
    """Why models are left alone, what failed last, and what to do about what is missing."""
    lines = [one_line(server.get("message"), 400) for server in found.get("unreachable") or []]
    for model in models:
        name = one_line(model.get("model"))
        if reason := model.get("left_alone") or model.get("last_error"):
            key = "models-left-alone" if model.get("left_alone") else "models-last-error"
            lines.append(say(key, model=name, reason=one_line(said(str(reason), say.lang), 400)))
        if near := model.get("near"):
            lines.append(say("models-near", model=name, near=one_line(near)))
    if any(model.get("installed") is False for model in models):
        lines.append(say("models-pull-them"))
    for line in dict.fromkeys(lines):
        console.print(line, style="yellow", soft_wrap=True, emoji=False)
