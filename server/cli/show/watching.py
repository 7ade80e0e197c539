"""What `souvenir ingest --watch` says: a line for each document on stderr, JSON on stdout if asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from server.cli.shell import Shell
from server.cli.show.progress import IngestProgress, reason
from server.cli.show.text import one_line
from server.cli.watching.survey import Survey

MAX_GONE_LINES = 20
"""More files than this that go at once are counted."""
_STYLES = {"stored": "green", "updated": "green", "failed": "red"}

Json = dict[str, Any]


class WatchLines:
    """The words of one watcher; what lasts is said once."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._missing: frozenset[Path] = frozenset()
        self._blind = False

    def watching(self, seen: Survey, roots: Sequence[Path]) -> None:
        """The beginning: what is not there yet."""
        self._missing = frozenset(root for root in roots if root not in seen.present)
        for root in roots:
            if root in self._missing:
                self.line("watch-not-yet", path=root)

    def ready(self) -> None:
        """All is in; from now on what changes is."""
        self.line("watch-ready")

    def places(self, seen: Survey) -> None:
        """Watched paths that went or came back since the last time."""
        missing = frozenset(seen.unseen)
        for path in sorted(missing - self._missing):
            self.line("watch-lost", style="yellow", path=path)
        for path in sorted(self._missing - missing):
            self.line("watch-back", path=path)
        self._missing = missing

    def blind(self, why: str) -> None:
        """The system does not tell of changes: one looks every few seconds."""
        if not self._blind and why != "--poll":
            self.line("watch-blind", style="yellow", reason=why)
        self._blind = True

    def trying_again(self, why: str) -> None:
        """A batch could not be taken in."""
        self.line("watch-retry", style="yellow", reason=why)

    def going_on(self) -> None:
        """It was taken in after all."""
        self.line("watch-again")

    def batch(self, *, first: bool) -> Batch:
        """A new batch."""
        return Batch(self._shell, self.line, first=first)

    def line(self, key: str, *, style: str = "dim", **values: object) -> None:
        """A line on stderr."""
        shown = {name: one_line(value, 400) for name, value in values.items()}
        self._shell.err.print(self._shell.say(key, **shown), style=style, soft_wrap=True)


class Batch:
    """What becomes of one batch. The first one, which may be large, has a progress bar instead of lines."""

    def __init__(self, shell: Shell, line: Callable[..., None], *, first: bool) -> None:
        self._shell = shell
        self._line = line
        self._bar = IngestProgress(shell.err, shell.say) if first else None
        self._documents: dict[str, Json] = {}
        self._became: dict[str, tuple[str, int]] = {}
        self._gone: list[Json] = []
        self._seconds = 0.0

    def __enter__(self) -> Self:
        (self._bar or nullcontext()).__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        (self._bar or nullcontext()).__exit__(kind, error, trace)

    def event(self, event: Json) -> None:
        """What the API says of the batch."""
        kind = event.pop("type", None)
        if kind == "discovered" and self._bar:
            self._bar.discovered(int(event.get("total") or 0))
        elif kind == "document":
            self._document(event)
        elif kind == "totals":
            self._seconds += float(event.get("seconds") or 0)

    def _document(self, document: Json) -> None:
        uri, status = str(document.get("uri")), str(document.get("status"))
        if uri in self._became and status == "unchanged":
            return  # The batch was cut and done again: it was counted.
        self._became[uri] = status, int(document.get("chunks") or 0)
        if self._shell.as_json:
            self._documents[uri] = document
        if self._bar:
            self._bar.document(document)
        elif status in _STYLES:
            detail = (
                reason(document)
                if status == "failed"
                else self._shell.say.count("chunks", self._became[uri][1])
            )
            self._line(f"watch-{status}", style=_STYLES[status], path=place(document), detail=detail)

    def gone(self, documents: Sequence[Json]) -> None:
        """Documents of memory whose files are gone."""
        self._gone += [
            {name: document.get(name) for name in ("uri", "document_id")} for document in documents
        ]
        for document in documents[:MAX_GONE_LINES]:
            self._line("watch-gone", style="yellow", path=place(document), id=document.get("document_id"))
        if (more := len(documents) - MAX_GONE_LINES) > 0:
            self._line("watch-gone-more", style="yellow", n=more)

    def end(self) -> None:
        """The totals of the first batch; the JSON of any that had something in it."""
        statuses = Counter(status for status, _ in self._became.values())
        counts = {name: statuses[name] for name in ("stored", "unchanged", "updated", "failed")}
        chunks = sum(chunks for _, chunks in self._became.values())
        if self._bar:
            amount = self._shell.say.count("chunks", chunks)
            self._line("totals", style="", chunks=amount, seconds=f"{self._seconds:.1f}", **counts)
        if self._shell.as_json and (self._bar or self._documents or self._gone):
            totals = {**counts, "chunks": chunks, "seconds": round(self._seconds, 3)}
            documents = list(self._documents.values())
            self._shell.print_json(
                {"documents": documents, "totals": totals, "gone": self._gone}, indent=None
            )


def place(document: Json) -> str:
    """The path of a document's file, as a person knows it."""
    uri = str(document.get("uri") or "?")
    return url2pathname(urlsplit(uri).path) if uri.startswith("file:") else unquote(uri)
