"""The texts of one request on their way: batches, and the halving of those that keep failing.

A server may refuse a whole batch for one text in it. Halving finds that text; the others get their vectors.
Nobody is blamed while even the shortest text fails: then it is the model that does not answer.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from graphs.models.embedding.batches import Placed
from graphs.models.embedding.calls import CallFailed
from graphs.models.embedding.retries import ATTEMPTS, retried
from memory.long_term.embedding import Vector

Call = Callable[[Sequence[str]], Awaitable[Sequence[Vector]]]
"""Embeds some texts, once; raises `CallFailed`. Without texts, it asks for the shortest there is."""

_TOO_LONG: Final = re.compile(r"context|too (long|large|many)|exceed|length", re.IGNORECASE)
_HALF_ATTEMPTS: Final = 2
_SHORTEST_CHARS: Final = 200


class Documents:
    """The vectors that have come so far, and why some do not."""

    def __init__(self, call: Call, count: int) -> None:
        """Expect `count` texts."""
        self._call = call
        self.vectors: list[Vector | None] = [None] * count
        self.refused: dict[int, str] = {}

    async def embed(self, batch: Sequence[Placed], attempts: int = ATTEMPTS) -> None:
        """Embed a batch, or whatever of it can be; raises `CallFailed` when the model does not answer."""
        try:
            vectors = await self._vectors([text for _, text in batch], attempts)
        except CallFailed as failure:
            if not failure.alive:
                raise
            await self.probe()
            await self._part(batch, failure)
        else:
            for (position, _), vector in zip(batch, vectors, strict=True):
                self.vectors[position] = vector

    async def probe(self) -> None:
        """Make sure that the model answers at all; raises `CallFailed`."""
        await self._vectors((), ATTEMPTS)

    async def _part(self, batch: Sequence[Placed], failure: CallFailed) -> None:
        if len(batch) == 1:
            await self._last_chance(*batch[0], failure)
            return
        middle = len(batch) // 2
        for half in (batch[:middle], batch[middle:]):
            await self.embed(half, _HALF_ATTEMPTS if len(half) > 1 else ATTEMPTS)

    async def _last_chance(self, position: int, text: str, failure: CallFailed) -> None:
        """The model has just answered: try the text again, shorter if it is too long, then give it up."""
        while True:
            if _TOO_LONG.search(str(failure)) and len(text) > _SHORTEST_CHARS:
                text = text[: len(text) // 2]
            try:
                (self.vectors[position],) = await self._vectors([text], ATTEMPTS)
                return
            except CallFailed as again:
                failure = again
            if not failure.alive:
                raise failure
            if not _TOO_LONG.search(str(failure)) or len(text) <= _SHORTEST_CHARS:
                self.refused[position] = str(failure)
                return

    async def _vectors(self, texts: Sequence[str], attempts: int) -> Sequence[Vector]:
        return await retried(lambda: self._call(texts), refused=True, attempts=attempts)
