"""What an Ollama server has: its models on disk and in memory, asked for in the background and kept."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import httpx
import ollama

from graphs.models.routes import EmbeddingSpec, ModelSpec
from graphs.models.routes.spec import keep_seconds
from graphs.models.transport import transport, trouble_of

ANSWER_SECONDS: Final = 3.0
LOAD_KEPT_SECONDS: Final = 60.0
"""For so long after it answered a model counts as loaded; Ollama keeps it for five minutes by default."""
_MARGIN_SECONDS: Final = 5.0
"""With less left a model may have gone by itself: clocks differ, and answers take a moment."""
_AT_ONCE_SECONDS: Final = 60.0
"""Who lets a chat model go so soon wants the memory back, and does not miss the model."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a server said when it was asked last. Names are with their tag; sizes in bytes."""

    reachable: bool = False
    why: str = "not asked yet"
    """Why it is not reachable, in words for people; empty when it is."""
    installed: Mapping[str, int] = field(default_factory=dict)
    loaded: Mapping[str, int] = field(default_factory=dict)
    on_card: frozenset[str] = frozenset()
    """Those in memory of which at least a part is in that of a graphics card."""
    left: Mapping[str, float] = field(default_factory=dict)
    """Seconds until each in memory leaves it by itself, from `at` on."""
    at: float = 0.0
    """When it was asked, in seconds of the clock that the server was opened with."""


class OllamaServer:
    """One Ollama server; `look` asks it, the rest is what is known since."""

    def __init__(
        self,
        url: str,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Connect to nothing yet. `monotonic` gives seconds, `now` the time that Ollama's clock has too."""
        self.url = url
        self.shelf = Shelf()
        self._monotonic, self._now = monotonic, now
        self._used: dict[str, float] = {}
        self._before = Shelf()
        self._since: dict[str, float] = {}
        self._away = -float("inf")
        self._client = ollama.AsyncClient(
            host=url, timeout=httpx.Timeout(ANSWER_SECONDS), transport=transport(url)
        )

    async def look(self) -> Shelf:
        """Ask what it has, and keep the answer; one that does not answer is an answer too."""
        at = self._monotonic()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                listed, running = await asyncio.gather(self._client.list(), self._client.ps())
            self._seen(self._read(listed, running, at))
        except Exception as error:  # of several libraries: whatever it is, nobody is there who answers well
            trouble = trouble_of(error)
            self._away = at
            self.shelf = Shelf(why=trouble.value if trouble else "what answers there is not Ollama")
        return self.shelf

    def _read(self, listed: ollama.ListResponse, running: ollama.ProcessResponse, at: float) -> Shelf:
        now = self._now()
        ends = {full_name(str(one.model)): one.expires_at for one in running.models}
        return Shelf(
            reachable=True,
            why="",
            installed={full_name(str(one.model)): int(one.size or 0) for one in listed.models},
            loaded={full_name(str(one.model)): int(one.size or 0) for one in running.models},
            on_card=frozenset(full_name(str(one.model)) for one in running.models if one.size_vram),
            left={name: (end - now).total_seconds() for name, end in ends.items() if end and end.tzinfo},
            at=at,
        )

    def _seen(self, shelf: Shelf) -> None:
        """Keep what was seen; it says more of what is in memory than what was used before it."""
        self._before, self.shelf = self.shelf, shelf
        used_before = {name: used for name, used in self._used.items() if used < shelf.at}
        self._since = {name: shelf.at - used for name, used in used_before.items() if used > self._away}
        self._used = {name: used for name, used in self._used.items() if used >= shelf.at}

    def pushed_out(self, chat: ModelSpec, embedding: EmbeddingSpec) -> bool:
        """Tell whether the last look found the embedding model on the card, and no more the chat model there.

        That is: it was there a moment ago, and had time left. Were both there a moment ago, they fit: then it
        was something else.
        """
        name, other = full_name(chat.name), full_name(embedding.name)
        before, now = self._before, self.shelf
        if name in now.loaded or other not in now.on_card:
            return False
        if name in before.loaded and other in before.loaded:
            return False
        if chat.keep_alive is not None and 0 <= keep_seconds(chat.keep_alive) < _AT_ONCE_SECONDS:
            return False
        had = before.left.get(name, 0.0) - (now.at - before.at)
        return max(had, self._had_since(name, chat, embedding)) > _MARGIN_SECONDS

    def _had_since(self, name: str, chat: ModelSpec, embedding: EmbeddingSpec) -> float:
        """Return how many seconds were left to a model that answered between the last two looks.

        Where the routes say nothing, both models are kept for the server's own time, of which the embedding
        model shows what is left: at least so long the chat model would have stayed from its answer on.
        """
        ago = self._since.get(name)
        if ago is None:
            return 0.0
        if chat.keep_alive is not None:
            kept = keep_seconds(chat.keep_alive)
            return float("inf") if kept < 0 else kept - ago
        if embedding.keep_alive is not None:
            return 0.0
        return self.shelf.left.get(full_name(embedding.name), 0.0) - ago

    def used(self, name: str) -> None:
        """Note that a model has just answered: so it is in memory."""
        self._used[full_name(name)] = self._monotonic()

    def is_loaded(self, name: str) -> bool:
        """Tell whether a model is known to be in memory."""
        name = full_name(name)
        recent = self._monotonic() - self._used.get(name, -float("inf")) < LOAD_KEPT_SECONDS
        return recent or name in self.shelf.loaded

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client._client.aclose()


def full_name(name: str) -> str:
    """Return a model's name with its tag: without one Ollama means `latest`."""
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"
