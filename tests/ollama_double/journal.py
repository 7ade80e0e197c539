"""Every request that the double received, and how it ended. Shared by the test's thread and the server's."""

import threading
import time
from dataclasses import dataclass, replace
from typing import Any, Literal

from tests.ollama_double.script import Json, in_background

State = Literal["open", "hanging", "finished", "client_closed", "cut", "stopped"]
"""`cut`: closed by a fault; `stopped`: the double was stopped; `hanging`: a fault holds the answer back."""


@dataclass(frozen=True, slots=True)
class Received:
    """A request; times are seconds of `time.monotonic()`, `lines` the pieces of the body sent so far."""

    number: int
    method: str
    path: str
    json: Any
    received_at: float
    state: State = "open"
    ended_at: float | None = None
    lines: int = 0

    @property
    def body(self) -> Json:
        """The request's JSON object, empty when there was none."""
        return self.json if isinstance(self.json, dict) else {}

    @property
    def model(self) -> str:
        """The model that the request names."""
        return str(self.body.get("model") or self.body.get("name") or "")

    @property
    def in_background(self) -> bool:
        """Whether nobody waits for the answer."""
        return in_background(self.body)

    @property
    def messages(self) -> list[Json]:
        """The messages of a chat request."""
        return list(self.body.get("messages") or [])

    @property
    def options(self) -> Json:
        """The options, `num_ctx` among them."""
        return dict(self.body.get("options") or {})


class Journal:
    """The requests in the order of their arrival, readable while the double serves."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._requests: list[Received] = []

    def open(self, method: str, path: str, json: Any) -> int:
        """Write a request down and return its number."""
        with self._changed:
            self._requests.append(Received(len(self._requests), method, path, json, time.monotonic()))
            self._changed.notify_all()
            return len(self._requests) - 1

    def mark(self, number: int, state: State, lines: int) -> None:
        """Write down how a request does; once it has ended, nothing changes it."""
        ended = None if state in ("open", "hanging") else time.monotonic()
        with self._changed:
            if self._requests[number].ended_at is None:
                self._requests[number] = replace(
                    self._requests[number], state=state, ended_at=ended, lines=lines
                )
                self._changed.notify_all()

    def requests(self, path: str | None = None, *, model: str | None = None) -> list[Received]:
        """Return what was received, of one path or model only when asked."""
        with self._changed:
            return self._select(path, model)

    def wait(self, path: str | None, state: State | None, count: int, within: float) -> list[Received]:
        """Block until `count` requests of a path are in a state (None: any), and return them.

        Raises:
            TimeoutError: it did not happen `within` seconds.
        """

        def found() -> list[Received]:
            return [one for one in self._select(path, None) if state in (None, one.state)]

        with self._changed:
            if not self._changed.wait_for(lambda: len(found()) >= count, within):
                seen = [(one.path, one.state) for one in self._requests]
                wanted = f"{count} × {path or 'any path'} {state or 'received'}"
                raise TimeoutError(f"no {wanted} within {within} s; seen: {seen}")
            return found()

    def _select(self, path: str | None, model: str | None) -> list[Received]:
        return [r for r in self._requests if path in (None, r.path) and model in (None, r.model)]
