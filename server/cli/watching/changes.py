"""What has changed since it was taken in, once it has been quiet for a while."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from server.cli.watching.survey import Mark, Survey

HOLD_SECONDS = 3.0
"""So long quiet files wait for those that still move, so that what is copied together is one batch."""
QUIET_SECONDS = 1.0
"""A file that has stayed the same for so long is taken to be whole; one that is gone, to be gone."""


@dataclass(frozen=True, slots=True)
class Settled:
    """New and changed files that are quiet, files that are gone, and whether others still move."""

    changed: tuple[Path, ...]
    gone: tuple[Path, ...]
    moving: bool


@dataclass
class Changes:
    """Compares each survey with what was taken in. No clock of its own: the moments are given, in seconds."""

    quiet: float = QUIET_SECONDS
    hold: float = HOLD_SECONDS
    _known: dict[Path, Mark] = field(default_factory=dict)
    _moving: dict[Path, tuple[Mark | None, float]] = field(default_factory=dict)

    def start(self, seen: Survey) -> None:
        """Take all that is there for known: it is about to be taken in as a whole."""
        self._known = dict(seen.files)

    def update(self, seen: Survey, now: float) -> Settled:
        """What is to be done after this survey. What is returned counts as known from now on."""
        differing: dict[Path, Mark | None] = {
            path: mark for path, mark in seen.files.items() if self._known.get(path) != mark
        }
        for path in self._known.keys() - seen.files.keys():
            if not any(path.is_relative_to(place) for place in seen.unseen):
                differing[path] = None
        self._moving = {path: (mark, self._since(path, mark, now)) for path, mark in differing.items()}
        quiet = sorted(path for path, (_, since) in self._moving.items() if now - since >= self.quiet)
        longest = max((now - since for _, since in self._moving.values()), default=0.0)
        if len(quiet) < len(self._moving) and longest < self.hold:
            return Settled((), (), moving=True)
        settled = {path: self._moving.pop(path)[0] for path in quiet}
        self._known |= {path: mark for path, mark in settled.items() if mark}
        gone = tuple(path for path, mark in settled.items() if not mark)
        for path in gone:
            del self._known[path]
        return Settled(tuple(path for path, mark in settled.items() if mark), gone, bool(self._moving))

    def _since(self, path: Path, mark: Mark | None, now: float) -> float:
        """The moment from which a file has had this mark, as far as was seen."""
        before, since = self._moving.get(path, (mark, now))
        return since if before == mark else now
