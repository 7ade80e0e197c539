"""How fast documents come in: as fast as the embedding model takes them, whatever else is to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.ingestion import measure, model, write_documents


@pytest.mark.parametrize(
    ("documents", "paragraphs", "share"),
    [(20, 50, 0.3), pytest.param(100, 50, 0.9, marks=pytest.mark.soak)],
)
async def test_the_model_is_kept_busy(tmp_path: Path, documents: int, paragraphs: int, share: float) -> None:
    """Parsing included, and everything done at the end; the bar is lower where other tests run beside it."""
    files = write_documents(tmp_path / "files", documents, paragraphs)
    first = write_documents(tmp_path / "first", 4, 2, seed=2)
    async with model(0.04) as url:
        measured = await measure(files, url, tmp_path / "data", first)
    assert (measured.documents, measured.undone) == (documents, 0)
    assert measured.chunks >= documents * paragraphs
    assert measured.share >= share, measured
