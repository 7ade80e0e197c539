"""Databases that are open: who uses them, who waits for one, and which are closed again."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from memory.knowledge.arcadedb.engine import Engine
from memory.knowledge.errors import KnowledgeUnavailable


@dataclass(slots=True)
class _Held:
    engine: Engine | None = None
    users: int = 0
    busy: bool = False
    """It is being opened, closed or replaced: whoever needs it waits."""


class Shared:
    """Keeps a few databases open. Who needs one that is being opened waits, and nobody else does."""

    def __init__(self, opening: Callable[[str], Engine], most: int) -> None:
        """Open by `opening`, in the thread that needs it first; keep at most so many that nobody uses."""
        self._opening, self._most = opening, most
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._changed = threading.Condition()
        self._closed = False

    @contextmanager
    def using(self, name: str) -> Iterator[Engine]:
        """Give a database, open for as long as it is used."""
        held, engine = self._take(name)
        try:
            yield engine
        finally:
            self._give_back(held)

    def keep(self, name: str) -> None:
        """Open a database, and leave it open to the end."""
        self._take(name)

    @contextmanager
    def apart(self, name: str, patience: float) -> Iterator[None]:
        """Have a database closed, and whoever needs it wait; queries that do not end in time lose it."""
        with self._changed:
            held = self._held.setdefault(name, _Held())
            self._changed.wait_for(lambda: not held.busy)
            held.busy = True
            self._changed.wait_for(lambda: not held.users, patience)
        try:
            _close(held)
            yield
        finally:
            self._ready(held)

    def close(self) -> None:
        """Close every database; none is opened again."""
        with self._changed:
            self._closed = True
            names = list(self._held)
        for name in names:
            with self.apart(name, 0):
                pass

    def names(self) -> list[str]:
        """Return those that were used so far."""
        with self._changed:
            return list(self._held)

    def _take(self, name: str) -> tuple[_Held, Engine]:
        with self._changed:
            held = self._held.setdefault(name, _Held())
            self._held.move_to_end(name)
            self._changed.wait_for(lambda: not held.busy)
            if self._closed:
                raise KnowledgeUnavailable("the embedded graph is closed")
            if held.engine is not None:
                held.users += 1
                return held, held.engine
            held.busy = True
        try:
            engine = self._opening(name)
            with self._changed:
                held.engine = engine
                held.users += 1
            return held, engine
        finally:
            self._ready(held)

    def _give_back(self, held: _Held) -> None:
        with self._changed:
            held.users -= 1
            self._changed.notify_all()
            spare = self._spare()
            for one in spare:
                one.busy = True
        for one in spare:
            try:
                _close(one)
            finally:
                self._ready(one)

    def _spare(self) -> list[_Held]:
        unused = [one for one in self._held.values() if one.engine and not one.users and not one.busy]
        return unused[: max(0, len(unused) - self._most)]

    def _ready(self, held: _Held) -> None:
        with self._changed:
            held.busy = False
            self._changed.notify_all()


def _close(held: _Held) -> None:
    if held.engine is not None:
        engine, held.engine = held.engine, None
        engine.close()
