"""Whether vectors can be had now, and if not, why: asked of the model no more often than it is worth."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from memory.long_term.embedding import Embedder, EmbeddingSpace
from memory.long_term.errors import EmbedderUnavailable
from memory.long_term.protocol import LongTermIndex

FOLLOWING = "found by its words; its vectors follow"
REMEDY = "run `souvenir documents rebuild`"
_TRUSTED_SECONDS = 5.0
"""For so long after it answered, a model is taken to answer."""
_ASKED_SECONDS = 2.0
"""A model that did not answer is asked again after so long, however many wait for it."""

_log = structlog.stdlib.get_logger("souvenir.embedding")


@dataclass
class Watch:
    """Keeps an eye on the embedding model and on the space of the index."""

    embedder: Embedder
    index: LongTermIndex
    monotonic: Callable[[], float] = time.monotonic
    reason: str | None = None
    """Why vectors wait; None while nothing is known against them."""
    _space: EmbeddingSpace | None = None
    _answered: float = -float("inf")
    _asked: float = -float("inf")
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def answers(self, *, anew: bool = False) -> bool:
        """Tell whether vectors can be had and the index takes them; `reason` says why not.

        With `anew` the model is asked, however shortly after it did not answer.
        """
        async with self._asking:
            if self.monotonic() - self._answered > _TRUSTED_SECONDS:
                if self.monotonic() - self._asked < _ASKED_SECONDS and not anew:
                    return False
                await self._ask()
            if self.monotonic() - self._answered <= _TRUSTED_SECONDS:
                self._note(self._mismatch())
            return self.reason is None

    def answered(self, space: EmbeddingSpace) -> None:
        """Note that vectors came."""
        self._space, self._answered = space, self.monotonic()

    def failed(self, reason: str) -> None:
        """Note that they did not."""
        self._answered = -float("inf")
        self._note(reason)

    async def _ask(self) -> None:
        self._asked = self.monotonic()
        try:
            self.answered((await self.embedder.embed_documents(())).space)
        except EmbedderUnavailable as error:
            self.failed(str(error))

    def _mismatch(self) -> str | None:
        held = self.index.space
        difference = held.difference(self._space) if held and self._space else None
        return f"the index holds vectors of another model ({difference}): {REMEDY}" if difference else None

    def _note(self, reason: str | None) -> None:
        if reason != self.reason:
            self.reason = reason
            # Not a warning: a machine without Ollama is no failure, and the ledger says it of every document.
            _log.info("vectors wait" if reason else "vectors follow", reason=reason)
