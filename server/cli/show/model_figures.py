"""What calls of models took and how they ended, in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.cli.messages import Say
from server.cli.show.models import took
from server.cli.show.text import day, one_line
from server.reasons import said

if TYPE_CHECKING:
    from rich.console import Console

OUTCOMES = ("ok", "failed", "interrupted", "flagged", "skipped")


def show_figures(console: Console, found: dict[str, Any], say: Say) -> None:
    """A few lines for each model at each task."""
    stats, days = found.get("stats") or [], int(found.get("days") or 0)
    if not stats:
        console.print(say("models-no-calls", days=days))
        return
    console.print(say.count("models-days", days), style="dim")
    for one in stats:
        console.print()
        console.print(
            f"{say.name('task', one.get('task'))} · {one_line(one.get('model'))}", style="bold", emoji=False
        )
        for line in (_outcomes(one, say), _times(one, say), _tokens(one, say)):
            console.print(f"  {line}", soft_wrap=True, emoji=False)
        if error := one.get("last_error"):
            when = day(one.get("last_error_at"))
            console.print(
                f"  {say('models-error-at', reason=one_line(said(str(error), say.lang)), when=when)}",
                style="yellow",
                soft_wrap=True,
            )


def _outcomes(one: dict[str, Any], say: Say) -> str:
    """How many calls there were, and how they ended; what did not happen is left out."""
    counts = [
        say(f"models-outcome-{name}", n=one[name]) for name in OUTCOMES if name == "ok" or one.get(name)
    ]
    return say(
        "models-outcomes",
        calls=say.count("models-calls", int(one.get("calls") or 0)),
        outcomes=", ".join(counts),
    )


def _times(one: dict[str, Any], say: Say) -> str:
    first = _pair("models-first", one.get("p50_first_token_ms"), one.get("p95_first_token_ms"), say)
    whole = _pair("models-whole", one.get("p50_total_ms"), one.get("p95_total_ms"), say)
    load = one.get("p50_load_ms")
    loading = say("models-load", took=took(load, say)) if load is not None else ""
    return " · ".join(filter(None, (first, whole, loading))) or say("models-no-times")


def _pair(key: str, usual: object, slow: object, say: Say) -> str:
    return "" if usual is None else say(key, p50=took(usual, say), p95=took(slow, say))


def _tokens(one: dict[str, Any], say: Say) -> str:
    speed = one.get("tokens_per_second")
    shown = say("models-speed", n=say.number(f"{float(speed):.0f}")) if speed is not None else ""
    counts = {name: say.number(f"{int(one.get(name) or 0):,}") for name in ("prompt_tokens", "answer_tokens")}
    return " · ".join(filter(None, (shown, say("models-tokens", **counts))))
