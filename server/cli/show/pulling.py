"""A bar for each model that is fetched, on stderr."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from server.cli.messages import Say
from server.cli.show.models import gigabytes
from server.cli.show.text import one_line

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import TaskID


class PullProgress:
    """Bytes and speed of each download; what is there already and what failed is a line."""

    def __init__(self, console: Console, say: Say) -> None:
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

        self._say = say
        self._bars: dict[str, TaskID] = {}
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            DownloadColumn(),
            TransferSpeedColumn(),
            TextColumn("{task.fields[status]}", markup=False, style="dim"),
            console=console,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars:
            self._progress.stop()

    def moved(self, event: dict[str, Any]) -> None:
        """A download has come further."""
        name = one_line(event.get("model"))
        self._progress.start()  # Not before there is a bar: without one it leaves an empty line.
        if name not in self._bars:
            self._bars[name] = self._progress.add_task(name, total=None, status="")
        status = one_line(event.get("status") or "", 24)
        total = int(event.get("total") or 0) or None
        self._progress.update(
            self._bars[name], completed=int(event.get("completed") or 0), total=total, status=status
        )

    def ended(self, event: dict[str, Any]) -> None:
        """A model is there, was there before, or cannot be fetched."""
        name, state = one_line(event.get("model")), event.get("state")
        if name in self._bars:
            self._progress.update(self._bars[name], status=self._say.name("state", state))
        if state == "present":
            size = gigabytes(event.get("bytes"), self._say)
            line = self._say("models-present", model=name, size=size)
            self._progress.console.print(line, style="dim", soft_wrap=True, emoji=False)
        elif state == "failed":
            line = f"{name}: {one_line(event.get('reason') or '?', 400)}"
            self._progress.console.print(line, style="red", soft_wrap=True, emoji=False)
