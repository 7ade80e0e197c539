"""Models' words on their way to who listens: one by one while few speak, in beats when many do.

Every event goes through the graph's stream, a queue, LangServe and a socket, which takes longer than many
models take for a word. With dozens of turns at once that is what everybody would wait for; a person does not
see whether words come one by one or a thirtieth of a second together, and reads on when they come ten times a
second. So the more speak, the slower the beat.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

BEAT_SECONDS: Final = 1 / 30
BEAT_OF_EACH: Final = 1 / 200
"""Seconds that each who speaks adds to the beat of all, from seven on."""
SLOWEST_BEAT: Final = 0.15
FEW: Final = 4
"""So many may speak at once word by word."""


@dataclass
class Choir:
    """Those who speak at the moment, in this process."""

    speaking: int = 0

    @property
    def beat(self) -> float:
        """Seconds between two events of one voice; 0 while few speak."""
        if self.speaking <= FEW:
            return 0.0
        return min(max(BEAT_SECONDS, self.speaking * BEAT_OF_EACH), SLOWEST_BEAT)

    def voice(self, write: Callable[[dict[str, Any]], None]) -> "Voice":
        """Return a new voice, which writes its events with `write`."""
        return Voice(self, write)


class Voice:
    """Writes `token` events; what is still held back is written when the block ends, however it does."""

    def __init__(self, choir: Choir, write: Callable[[dict[str, Any]], None]) -> None:
        """Speak among the others of `choir`, on the running loop."""
        self._choir = choir
        self._write = write
        self._loop = asyncio.get_running_loop()
        self._held: list[str] = []
        self._spoken = -SLOWEST_BEAT
        self._timer: asyncio.TimerHandle | None = None

    def say(self, text: str) -> None:
        """Pass `text` on, the first at once, the others now or at the next beat."""
        if not text:
            return
        self._held.append(text)
        if self._timer is not None:
            return
        left = self._spoken + self._choir.beat - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(left, self._speak)
        else:
            self._speak()

    def _speak(self) -> None:
        self._timer = None
        self._spoken = self._loop.time()
        text, self._held = "".join(self._held), []
        self._write({"type": "token", "text": text})

    def __enter__(self) -> Self:
        """Begin to speak."""
        self._choir.speaking += 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say what is held back, and end."""
        self._choir.speaking -= 1
        if self._timer is not None:
            self._timer.cancel()
            self._speak()
