"""An embedder whose vectors a test chooses, and that fails, hangs or changes when the test says so."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from memory.long_term.embedding import Embedded, EmbeddingSpace, Vector
from memory.long_term.errors import EmbedderUnavailable

DIMENSION = 8


def towards(axis: int, share: float = 1.0) -> Vector:
    """A vector of length 1 whose cosine with `towards(axis)` is `share`; the rest lies on the last axis."""
    vector = [0.0] * DIMENSION
    vector[-1] = math.sqrt(1 - share**2)
    vector[axis] += share
    return tuple(vector)


NOWHERE = towards(DIMENSION - 1)
"""What a text means that the test says nothing of."""

HALF_FLOATS = 1e-3
"""How far from the exact cosine that of stored vectors may be."""

SPACE = EmbeddingSpace("fake:meaning", DIMENSION, "ask: ", "text: ", towards(0))


def a_space(**changes: Any) -> EmbeddingSpace:
    """The usual space, changed as the test says."""
    return replace(SPACE, **changes)


def embedded(*vectors: Vector | None, space: EmbeddingSpace = SPACE) -> Embedded:
    """Vectors of entries, in their order; None for one that was refused."""
    refused = {position: "too long" for position, vector in enumerate(vectors) if vector is None}
    return Embedded(space, vectors, refused)


class FakeEmbedder:
    """An `Embedder`: a text has the vector of the first key that it contains, else `NOWHERE`."""

    component = "fake:meaning"

    def __init__(self, meanings: Mapping[str, Vector], languages: str = "en fr") -> None:
        self.meanings = dict(meanings)
        self.languages = frozenset(languages.split())
        self.space = SPACE
        self.down: str | None = None
        """Why it does not answer; None while it does."""
        self.may_answer = asyncio.Event()
        """Cleared, it hangs."""
        self.may_answer.set()
        self.asked = asyncio.Event()
        """Set by the first question."""
        self.questions: list[str] = []

    async def embed_documents(self, texts: Sequence[str]) -> Embedded:
        """Embed texts to be found."""
        await self._answers()
        return embedded(*map(self._meaning, texts), space=self.space)

    async def embed_question(self, text: str) -> tuple[EmbeddingSpace, Vector]:
        """Embed what is looked for."""
        self.questions.append(text)
        self.asked.set()
        await self._answers()
        return self.space, self._meaning(text)

    async def ping(self) -> str:
        """Name it."""
        await self._answers()
        return f"meaning, {self.space.dimension} dimensions"

    async def _answers(self) -> None:
        await self.may_answer.wait()
        if self.down is not None:
            raise EmbedderUnavailable(self.down)

    def _meaning(self, text: str) -> Vector:
        return next((vector for words, vector in self.meanings.items() if words in text), NOWHERE)
