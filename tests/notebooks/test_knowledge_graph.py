"""`notebooks/03_knowledge_graph.ipynb` shows the graph of the samples, without a model."""

from __future__ import annotations

from pathlib import Path

from server.owner import hold
from server.serving import serving
from server.settings import Settings
from tests.notebooks.running import NO_OLLAMA, PLOT, executed, outputs

NOTEBOOK = "03_knowledge_graph.ipynb"
RULES = ("writes", "load-csv", "procedure", "path-length")


def check(shown: dict[str, str]) -> None:
    """What a reader must see, whoever holds the memory."""
    assert "Documents stored: 14" in shown["open"]
    assert "Document        14" in shown["read"]
    assert "Person           0" not in shown["read"]
    assert "(:Person)-[:WORKS_FOR]->(:Organization)" in shown["schema"]
    heading, _, *people = shown["query"].splitlines()
    assert heading == "| person | documents |"
    assert len(people) == 5
    first = people[0].split("|")[1].strip()
    assert all(f"({rule})" in shown["refused"] for rule in RULES)
    assert shown["refused"].count("was refused") == 5
    assert shown["show"].startswith(f"Person - {first}\n")
    assert "| MENTIONS |" in shown["show"]
    assert shown["picture"] == PLOT
    assert shown["mermaid"].startswith("```mermaid\nflowchart LR\n")
    assert f'n0(["{first}"])' in shown["mermaid"]
    assert shown["forget"] == "Nodes left: 0\nClosed.\n"


async def test_it_runs_from_a_clean_checkout(tmp_path: Path) -> None:
    """Without server or model it shows all it promises, in a temporary folder that it removes."""
    check(outputs(await executed(NOTEBOOK, {}, tmp_path)))
    assert not list(tmp_path.glob("souvenir-*"))


async def test_it_goes_through_a_running_server(tmp_path: Path) -> None:
    """While `serve` owns the folder the notebook is its client."""
    memory = tmp_path / "memory"
    settings = Settings(data_dir=memory, ollama_url=NO_OLLAMA, offline=False)
    with hold(settings):
        async with serving(settings, kind="serve", port=0):
            check(outputs(await executed(NOTEBOOK, {"SOUVENIR_DATA_DIR": str(memory)}, tmp_path)))
