"""Cutting many texts into batches: so many texts, and so many characters, in one call."""

from collections.abc import Iterator, Sequence

MAX_TEXT_CHARS = 24_000
"""What is longer is cut: no model here reads further, and what it does read Ollama cuts to its window."""
_MAX_BATCH_CHARS = 96_000

Placed = tuple[int, str]
"""A text and its position among those that were asked for."""


def batched(texts: Sequence[str], size: int) -> Iterator[list[Placed]]:
    """Yield the texts in order, each once, in batches of at most `size`."""
    batch: list[Placed] = []
    chars = 0
    for position, text in enumerate(texts):
        text = text[:MAX_TEXT_CHARS]
        if batch and (len(batch) == size or chars + len(text) > _MAX_BATCH_CHARS):
            yield batch
            batch, chars = [], 0
        batch.append((position, text))
        chars += len(text)
    if batch:
        yield batch
