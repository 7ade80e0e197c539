"""How well the rules read the samples, against a list that was written without knowing them."""

import pytest

from tests.bench.entities import SAMPLES, score, table

PRECISION, RECALL = 0.85, 0.80


def test_the_samples_are_read_well_enough() -> None:
    """People, organisations and events together: most are found, and hardly anything else."""
    if not (SAMPLES / "entities.jsonl").is_file():
        pytest.skip("samples/entities.jsonl is missing: the list of what the samples name")
    scores = score()
    figures = "\n".join(table(scores))
    assert scores["all"].precision >= PRECISION, figures
    assert scores["all"].recall >= RECALL, figures
