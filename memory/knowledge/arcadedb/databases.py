"""The databases in a folder: one per user, named by a hash, opened when first needed and a few at a time."""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from memory.knowledge.arcadedb import files
from memory.knowledge.arcadedb.complaints import FIX
from memory.knowledge.arcadedb.engine import PROOF, Engine
from memory.knowledge.arcadedb.sharing import Shared
from memory.knowledge.errors import KnowledgeUnavailable

_OPEN: Final = 8
_NOBODY: Final = "nobody"
"""The empty database, for everybody who has none yet: theirs begin as its copy.

It stays open, so that no other process opens the folder.
"""
_MAKING: Final = "new-"
_REPLACED: Final = "old-"
PATIENCE: Final = 3.0
"""How long a database that is to be closed waits for queries: who waited for them has left by then."""
_MOMENT: Final = 0.2
"""How long it waits where one query does not end anyhow."""


class Databases:
    """Makes, opens, scrubs and removes them. All of it blocks; changes come from one thread."""

    def __init__(self, jpype: Any, folder: Path) -> None:
        self._jpype = jpype
        self._folder = folder
        self._shared = Shared(self._open, _OPEN)

    def prove(self) -> None:
        """Open the empty database, then put right what a crash left half done."""
        try:
            self._shared.keep(_NOBODY)
        except _Damaged:
            shutil.rmtree(self._folder / _NOBODY)
            self._shared.keep(_NOBODY)
        for old in self._folder.glob(f"{_REPLACED}*"):
            files.mend(self._folder / old.name.removeprefix(_REPLACED), old)
        for left in self._folder.glob(f"{_MAKING}*"):
            shutil.rmtree(left)
        for file in self._folder.glob(f"{PROOF}*.csv"):
            file.unlink(missing_ok=True)

    @contextmanager
    def reading(self, user: str) -> Iterator[Engine]:
        """Give the database of a user, or the empty one while there is none."""
        name = _name(user)
        with self._shared.using(name if self._exists(name) else _NOBODY) as engine:
            yield engine

    @contextmanager
    def writing(self, user: str) -> Iterator[Engine]:
        """Give the database of a user; make it where there is none."""
        name = _name(user)
        if not self._exists(name):
            self._make(name)
        with self._shared.using(name) as engine:
            yield engine

    def exists(self, user: str) -> bool:
        """Tell whether anything was ever put for a user."""
        return self._exists(_name(user))

    def _exists(self, name: str) -> bool:
        return (self._folder / name).is_dir()

    def scrub(self, user: str) -> None:
        """Leave nothing in the files of a user that is not in the graph: indexes and logs hold it longest.

        Indexes are made anew in a copy, so that reads go on, and a crash leaves the one or the other.
        """
        name = _name(user)
        if not self._exists(name):
            return
        place, beside, replaced = (self._folder / f"{one}{name}" for one in ("", _MAKING, _REPLACED))
        with self._shared.apart(name, PATIENCE):
            files.copy(place, beside)
        self._rebuild(beside)
        with self._shared.apart(name, PATIENCE):
            files.exchange(place, beside, replaced)

    def reopen(self, user: str) -> None:
        """Close the database of a user until it is needed, so that queries that run on fail."""
        if self.exists(user):
            with self._shared.apart(_name(user), _MOMENT):
                return

    def _rebuild(self, folder: Path) -> None:
        engine = self._load(folder)
        try:
            engine.rebuild_indexes()
        finally:
            engine.close()

    def _open(self, name: str) -> Engine:
        if name == _NOBODY and not self._exists(name):
            self._make_nobody()
        engine = self._load(self._folder / name)
        try:
            if not engine.is_whole():
                raise _Damaged(f"a file of the knowledge graph in {self._folder} is missing: {FIX}")
            engine.require_closed_in(self._folder)
        except BaseException:
            engine.close()
            raise
        return engine

    def _load(self, folder: Path) -> Engine:
        try:
            return Engine(self._jpype, self._factory(folder).open())
        except self._jpype.JException as error:
            raise _why(error, self._folder) from error

    def _make_nobody(self) -> None:
        beside = self._folder / f"{_MAKING}{_NOBODY}"
        shutil.rmtree(beside, ignore_errors=True)
        try:
            engine = Engine(self._jpype, self._factory(beside).create())
            try:
                engine.make_schema()
            finally:
                engine.close()
            beside.rename(self._folder / _NOBODY)
        except (self._jpype.JException, OSError) as error:
            raise KnowledgeUnavailable(f"no knowledge graph can be made in {self._folder}") from error

    def _make(self, name: str) -> None:
        """Copy the empty database beside its place and move it there, so that it is whole or absent."""
        beside = self._folder / f"{_MAKING}{name}"
        files.copy(self._folder / _NOBODY, beside)
        files.move(beside, self._folder / name)

    def _factory(self, folder: Path) -> Any:
        return self._jpype.JClass("com.arcadedb.database.DatabaseFactory")(str(folder))

    def clear(self) -> None:
        """Remove every database, those that do not open as well."""
        folders = {one.name for one in self._folder.iterdir() if one.is_dir()}
        for name in (folders | set(self._shared.names())) - {_NOBODY}:
            with self._shared.apart(name, PATIENCE):
                shutil.rmtree(self._folder / name, ignore_errors=True)
                if (self._folder / name).exists():
                    raise KnowledgeUnavailable(f"{self._folder / name} cannot be removed")

    def close(self) -> None:
        """Close every database; none is opened again."""
        self._shared.close()


class _Damaged(KnowledgeUnavailable):
    """A database is not what it was when it was closed."""


def _name(user: str) -> str:
    return hashlib.sha256(user.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _why(error: Any, folder: Path) -> KnowledgeUnavailable:
    kinds = []
    cause = error
    while cause is not None:
        kinds.append(f"{cause.getClass().getSimpleName()} {cause.getMessage()}")
        cause = cause.getCause()
    if "lock" in " ".join(kinds).lower():
        return KnowledgeUnavailable(f"another process holds the knowledge graph in {folder}")
    return _Damaged(f"the knowledge graph in {folder} does not open: {FIX}")
