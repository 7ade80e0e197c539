"""What was learned of the model that answers now, and how a change of it is noticed.

Two short texts, the canaries, are embedded at first contact. They come back at both ends of every batch:
vectors in another order, of another model under the same name, or of another size show at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from graphs.models.embedding.calls import CallFailed, OllamaCalls
from graphs.models.embedding.families import family_of
from graphs.models.embedding.retries import retried
from graphs.models.routes import EmbeddingSpec
from memory.long_term.embedding import SAME_MODEL, EmbeddingSpace, Vector, cosine
from memory.long_term.errors import EmbedderUnavailable

_FIRST: Final = "The harbour pilot boards at dawn."
_LAST: Final = "Invoices are paid within thirty days."


class Changed(Exception):
    """The answer is not one of the model that was learned, or not in the order that was asked."""


@dataclass(frozen=True, slots=True)
class Session:
    """The space of the vectors, and the canaries that guard it."""

    space: EmbeddingSpace
    last: Vector
    languages: frozenset[str]

    def guarded(self, texts: Sequence[str]) -> list[str]:
        """Return documents as they are sent: prefixed, between the canaries."""
        prefix = self.space.document_prefix
        return [prefix + text for text in (_FIRST, *texts, _LAST)]

    def checked(self, vectors: Sequence[Vector]) -> Sequence[Vector]:
        """Return the vectors between the canaries; raises `Changed`."""
        self.same(vectors[0], self.space.canary)
        self.same(vectors[-1], self.last)
        return vectors[1:-1]

    def asked(self, question: str, *, guarded: bool) -> list[str]:
        """Return a question as it is sent: prefixed, after the first canary when it is due again."""
        return [*self.guarded(())[: int(guarded)], self.space.query_prefix + question]

    def answered(self, vectors: Sequence[Vector]) -> Vector:
        """Return the question's vector; raises `Changed`."""
        if len(vectors) > 1:
            self.same(vectors[0], self.space.canary)
        self._of_one_size(vectors[-1])
        return vectors[-1]

    def same(self, vector: Vector, canary: Vector) -> None:
        """Raise `Changed` when a canary has another vector than at first contact."""
        self._of_one_size(vector)
        if cosine(vector, canary) < SAME_MODEL:
            raise Changed

    def _of_one_size(self, vector: Vector) -> None:
        if len(vector) != self.space.dimension:
            raise Changed


async def learn(spec: EmbeddingSpec, calls: OllamaCalls) -> Session:
    """Meet the model: its family, its dimension, its canaries.

    Raises `CallFailed` when it does not answer, `EmbedderUnavailable` when its vectors cannot be used.
    """
    family = family_of(spec.name, await _architecture(calls))
    query = family.query_prefix if spec.query_prefix is None else spec.query_prefix
    document = family.document_prefix if spec.document_prefix is None else spec.document_prefix
    texts = [document + text for text in (_FIRST, _LAST, _FIRST)]
    first, last, again = await retried(lambda: calls.embed(texts), refused=False)
    if cosine(first, again) < SAME_MODEL:
        raise EmbedderUnavailable("the model gives one text different vectors")
    if cosine(first, last) >= SAME_MODEL:
        raise EmbedderUnavailable("the model gives different texts one vector")
    if spec.dimension not in (None, len(first)):
        wanted = f"the routes ask for {spec.dimension}"
        raise EmbedderUnavailable(f"the model gives vectors of {len(first)} numbers, {wanted}")
    return Session(EmbeddingSpace(spec.model, len(first), query, document, first), last, family.languages)


async def _architecture(calls: OllamaCalls) -> str | None:
    try:
        return await retried(calls.architecture, refused=False)
    except CallFailed as failure:
        if not failure.alive:
            raise
        return None  # a server that cannot say it: the name is believed
