"""Progress bars, on stderr."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from server.cli.messages import Say
from server.cli.show.text import one_line

if TYPE_CHECKING:
    from rich.console import Console


class IngestProgress:
    """Documents, chunks, rate and failures, while an ingestion runs."""

    def __init__(self, console: Console, say: Say) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

        self._say = say
        self._chunks = self._failures = self._done = 0
        columns = ("{task.fields[chunks]}", "{task.fields[rate]}", "[red]{task.fields[failures]}")
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            *(TextColumn(column) for column in columns),
            console=console,
        )
        self._task = self._progress.add_task(
            say("ingest-looking"), total=None, chunks="", rate="", failures=""
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.live.transient = not self._done  # nothing was read: leave no empty bar behind
        self._progress.stop()

    def discovered(self, total: int) -> None:
        """The number of documents to read is known."""
        self._progress.update(self._task, total=total, description=self._say("ingest-reading"))

    def document(self, document: dict[str, Any]) -> None:
        """One more document is done; a failed one is named above the bar, with its reason."""
        self._done += 1
        self._chunks += int(document.get("chunks") or 0)
        if document.get("status") == "failed":
            self._failures += 1
            line = f"{one_line(document.get('uri') or '?', 400)}: {reason(document)}"
            self._progress.console.print(line, style="red", soft_wrap=True)
        elapsed = self._progress.tasks[self._task].elapsed or 0.0
        rate = f"{self._done / elapsed:.1f}" if elapsed > 0 else "…"
        self._progress.update(
            self._task,
            completed=self._done,
            chunks=self._say.count("chunks", self._chunks),
            rate=self._say("ingest-rate", rate=rate),
            failures=self._say.count("ingest-failures", self._failures) if self._failures else "",
        )


def reason(document: dict[str, Any]) -> str:
    """Why a document failed, in one line."""
    error = document.get("error")
    return one_line(error.get("message") if isinstance(error, dict) else error or "?")
