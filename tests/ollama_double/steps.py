"""An answer as a list of steps, and the faults as changes to that list; nothing here touches a socket."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.ollama_double.script import Fault, Json

_JSON = "application/json; charset=utf-8"
_GARBAGE = b'{"model": "llama\xff\xfe, <<<\n'  # neither JSON nor UTF-8


@dataclass(frozen=True, slots=True)
class Head:
    """The status line and headers; without a length (bytes) the body is chunked (RFC 9112, section 7.1)."""

    status: int = 200
    content_type: str = "application/x-ndjson"
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes of the body: one line of a stream."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing for some seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Hang:
    """Nothing until the test releases it, the client leaves or the double stops."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection ends here: reset (RST), or closed in the middle of the body (FIN)."""

    reset: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """What changes in the double when the answer comes to this point: a model is loaded, installed."""

    do: Callable[[], None]


Step = Head | Chunk | Pause | Hang | Cut | Act


def line(frame: Any) -> Chunk:
    """Return a frame as a line of NDJSON."""
    return Chunk(json.dumps(frame, ensure_ascii=False).encode() + b"\n")


def stream(frames: Sequence[Json], pause: float = 0.0) -> list[Step]:
    """Return the steps of a stream, with a pause in seconds before every line but the first and the last."""
    steps: list[Step] = [Head()]
    for number, frame in enumerate(frames):
        if pause and 0 < number < len(frames) - 1:
            steps.append(Pause(pause))
        steps.append(line(frame))
    return steps


def document(value: Any, status: int = 200, content_type: str = _JSON) -> list[Step]:
    """Return the steps of an answer in one piece: JSON, or a text as it is."""
    data = value.encode() if isinstance(value, str) else json.dumps(value, ensure_ascii=False).encode()
    return [Head(status, content_type, len(data)), Chunk(data)]


def error(status: int, message: str) -> list[Step]:
    """Return an error in Ollama's words: `{"error": "…"}`."""
    return document({"error": message}, status)


def not_found(model: str) -> list[Step]:
    """Return Ollama's answer for a model which is not installed."""
    return error(404, f"model '{model}' not found")


def instead(fault: Fault, model: str) -> list[Step] | None:
    """Return the steps of a fault that leaves the model no part in the answer, or None."""
    if fault.kind == "refuse":
        return [Cut(reset=True)]
    if fault.kind == "status":
        return error(fault.status, fault.message)
    return not_found(model) if fault.kind == "missing" else None


def spoil(steps: list[Step], fault: Fault) -> list[Step]:
    """Return the steps with a fault of the transport in them; the others are left to who makes the frames."""
    change = _CHANGES.get(fault.kind)
    return change(steps, fault) if change else steps


def _split(steps: list[Step], after: int) -> tuple[list[Step], list[Step]]:
    """Cut after so many lines, and always before the last."""
    places = [number for number, step in enumerate(steps) if isinstance(step, Chunk)]
    place = places[min(after, len(places) - 1)]
    return steps[:place], steps[place:]


def _insert(steps: list[Step], after: int, step: Step) -> list[Step]:
    before, rest = _split(steps, after)
    return [*before, step, *rest]


def _open(steps: list[Step]) -> list[Step]:
    """Give up the announced length, so that the body may become another."""
    return [Head(s.status, s.content_type) if isinstance(s, Head) else s for s in steps]


def _error_line(steps: list[Step], fault: Fault) -> list[Step]:
    if any(isinstance(step, Head) and step.length is not None for step in steps):
        return error(500, fault.message)  # what is not streamed has no lines
    return [*_split(steps, fault.after)[0], line({"error": fault.message})]


_CHANGES: dict[str, Callable[[list[Step], Fault], list[Step]]] = {
    "slow_load": lambda steps, fault: [Pause(fault.seconds), *steps],
    "hang_before_headers": lambda steps, fault: [Hang(), *steps],
    "hang_before_first_token": lambda steps, fault: _insert(steps, 0, Hang()),
    "hang_mid_stream": lambda steps, fault: _insert(steps, fault.after, Hang()),
    "cut_mid_stream": lambda steps, fault: [*_split(steps, fault.after)[0], Cut()],
    "no_done": lambda steps, fault: _open(_split(steps, len(steps))[0]),
    "garbage": lambda steps, fault: _open(_insert(steps, fault.after, Chunk(_GARBAGE))),
    "error_line": _error_line,
}
