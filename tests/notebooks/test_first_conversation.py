"""`notebooks/01_first_conversation.ipynb` does what it says, from a clean checkout."""

from __future__ import annotations

from pathlib import Path

import httpx

from server.owner import Owner, hold
from server.serving import serving
from server.settings import Settings
from tests.notebooks.running import NO_OLLAMA, executed, outputs

NOTEBOOK = "01_first_conversation.ipynb"


def check(shown: dict[str, str]) -> None:
    """What a reader must see, whoever holds the memory."""
    assert "14 stored, 0 unchanged, 0 failed" in shown["ingest"]
    assert "No language model answered" in shown["ask-en"]
    assert "| Supply Agreement | page " in shown["ask-en"]
    assert "*Served by memory.*" in shown["ask-en"]
    assert "Aucun modèle de langage n'a répondu" in shown["ask-fr"]
    assert "Règlement intérieur" in shown["ask-fr"]
    assert "ollama:llama3.1:8b" in shown["degraded"]
    assert "Heron frame: design notes" in shown["recall"].splitlines()[0]
    assert "VB-2207" in shown["new-thread"]
    assert "| Conversation |" in shown["new-thread"]
    assert "call_model -.-> use_tools;" in shown["picture"]
    assert "Passages left on Mistral: 0" in shown["forget"]
    assert shown["close"] == "Closed.\n"


async def test_it_runs_from_a_clean_checkout(tmp_path: Path) -> None:
    """Without server or model it shows all it promises, in a temporary folder that it removes."""
    shown = outputs(await executed(NOTEBOOK, {}, tmp_path))

    check(shown)
    assert f"Memory: {tmp_path}" in shown["open"]
    assert not list(tmp_path.glob("souvenir-*"))


async def test_it_goes_through_a_running_server(tmp_path: Path) -> None:
    """While `serve` owns the folder the notebook is its client, and leaves nothing of its own there."""
    memory = tmp_path / "memory"
    settings = Settings(data_dir=memory, ollama_url=NO_OLLAMA, offline=False)
    with hold(settings):
        async with serving(settings, kind="serve", port=0) as owner:
            shown = outputs(await executed(NOTEBOOK, {"SOUVENIR_DATA_DIR": str(memory)}, tmp_path))
            left = await everything(owner)

    check(shown)
    assert f"Held by: {owner.url}\n" in shown["open"]
    assert left == {"documents": [], "threads": []}


async def everything(owner: Owner) -> dict[str, list[object]]:
    """What the server's memory holds."""
    async with httpx.AsyncClient(base_url=owner.url, trust_env=False) as http:
        documents = (await http.get("/v1/documents")).json()
        return {**documents, **(await http.get("/v1/threads")).json()}
