"""`notebooks/02_recall.ipynb` measures each part of recall on the samples, with an embedder and without."""

from __future__ import annotations

from pathlib import Path

from tests.notebooks.running import PLOT, executed, outputs
from tests.ollama_double import Model, OllamaDouble

NOTEBOOK = "02_recall.ipynb"
PARTS = ["+ focus", "+ language", "+ speaker and dates", "+ what stands beside"]
"""Those that change nothing on the samples have no line."""


def figures(table: str) -> dict[str, list[float]]:
    """The rows of the table: recall@1, recall@5, recall@10 and MRR, by what is measured."""
    cells = [[cell.strip() for cell in line.strip("| ").split("|")] for line in table.splitlines()[2:]]
    return {name: [float(value) for value in values] for name, *values in cells}


def in_order(scores: list[float]) -> bool:
    """Whether recall grows with what is looked at, and MRR lies between recall@1 and 1."""
    one, five, ten, mrr = scores
    return 0 < one <= five <= ten <= 1 and one <= mrr <= 1


async def test_without_an_embedder_it_says_so_and_measures_words(tmp_path: Path) -> None:
    """No Ollama: why, the command that helps, and the table, plot and question by words; no file is left."""
    shown = outputs(await executed(NOTEBOOK, {"SOUVENIR_DATA_DIR": str(tmp_path / "mine")}, tmp_path))

    assert "Search by meaning: none." in shown["weigh"]
    assert "ollama pull nomic-embed-text" in shown["weigh"]
    assert "connection refused" in shown["weigh"]
    rows = figures(shown["table"])
    first, *others = rows
    assert first == "words alone"
    assert others == [part for part in PARTS if part in others]
    assert "+ focus" in others
    assert all(map(in_order, rows.values()))
    assert shown["plot"] == PLOT
    assert shown["one"].startswith("First by words alone: ")
    assert "| 1 | " in shown["one"]
    assert not (tmp_path / "mine").exists()
    assert not list(tmp_path.glob("souvenir-*"))


async def test_with_an_embedder_it_compares_both_searches_and_two_ways_to_fuse_them(tmp_path: Path) -> None:
    """Words, meaning, fused by rank and by score, then the other signals; the embedder is named."""
    with OllamaDouble(Model("nomic-embed-text", dimension=256)) as ollama:
        shown = outputs(await executed(NOTEBOOK, {"SOUVENIR_OLLAMA_URL": ollama.url}, tmp_path))

    assert "Search by meaning: ollama:nomic-embed-text (256 dimensions)." in shown["weigh"]
    assert "without" not in shown["weigh"]
    rows = figures(shown["table"])
    searches, others = list(rows)[:4], list(rows)[4:]
    assert searches == ["words alone", "meaning alone", "both, by rank (RRF)", "both, by score"]
    assert others == [part for part in PARTS if part in others]
    assert all(map(in_order, rows.values()))
    assert rows["meaning alone"] != rows["words alone"]
    assert shown["plot"] == PLOT
    assert "| – |" not in shown["one"]
