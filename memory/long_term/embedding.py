"""Meaning as vectors: who makes them, and the space that they are comparable in.

Vectors of two models, or of one model with two prefixes, mean nothing to each other; so every vector
travels with its space, and an index holds one space or none.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul
from typing import Protocol

Vector = tuple[float, ...]

SAME_MODEL = 0.99
"""Cosine from which two vectors of one text come from one model: batching and hardware move it by less than
.001, another model, or the same one quantised otherwise, by much more."""


@dataclass(frozen=True, slots=True)
class EmbeddingSpace:
    """What vectors must share to be compared."""

    model: str
    """`provider:name`, as in the routes."""
    dimension: int
    query_prefix: str
    document_prefix: str
    canary: Vector
    """The vector of one fixed text: it tells a model that was replaced under the same name."""

    def difference(self, other: "EmbeddingSpace") -> str | None:
        """Return how another space differs, in words for people; None when vectors of both compare."""
        if self is other:
            return None
        for what in ("model", "dimension", "query_prefix", "document_prefix"):
            mine, theirs = getattr(self, what), getattr(other, what)
            if mine != theirs:
                return f"{what.replace('_', ' ')} {theirs!r} instead of {mine!r}"
        if cosine(self.canary, other.canary) < SAME_MODEL:
            return f"{self.model} gives other vectors than before: another model under the same name"
        return None


@dataclass(frozen=True, slots=True)
class Embedded:
    """Vectors of some texts, in their order; None for a text that could not be embedded."""

    space: EmbeddingSpace
    vectors: Sequence[Vector | None]
    refused: dict[int, str]
    """Why, by position, for the texts without a vector."""


class Embedder(Protocol):
    """Turns texts into vectors of one space.

    Every method raises `memory.long_term.errors.EmbedderUnavailable` when the model does not answer, or
    answers what cannot be used.
    """

    @property
    def component(self) -> str:
        """`provider:name`, as shown in `degraded`."""
        ...

    @property
    def languages(self) -> frozenset[str]:
        """ISO 639-1 codes of the languages that the model is known to have learned; empty when unknown."""
        ...

    async def embed_documents(self, texts: Sequence[str]) -> Embedded:
        """Embed texts to be found; any number of them, of any length."""
        ...

    async def embed_question(self, text: str) -> tuple[EmbeddingSpace, Vector]:
        """Embed what is looked for."""
        ...

    async def ping(self) -> str:
        """Return the model's name and dimension, having asked it."""
        ...


def cosine(one: Vector, other: Vector) -> float:
    """Return the cosine of two vectors of one dimension; 0 when one of them is zero."""
    norms = math.hypot(*one) * math.hypot(*other)
    product: float = sum(map(mul, one, other))
    return product / norms if norms else 0.0
