"""How it starts: soon, and saying what each part is."""

from __future__ import annotations

import time

from tests.acceptance.souvenir import COMMAND, Souvenir

PARTS = {"archive": "sqlite", "short_term": "sqlite", "recall": "qdrant-edge", "knowledge": "arcadedb"}
READY_SECONDS = 10.0


def test_serve_is_ready_within_ten_seconds(souvenir: Souvenir) -> None:
    """From the installed command to 200 on `/health/ready`, which names every part and its backend."""
    started = time.monotonic()
    running = souvenir.nursery.start([COMMAND, "serve", "--port", "0"], souvenir.env(), exec=True)
    server = souvenir.reach(running)
    response = server.http.get("/health/ready")
    seconds = time.monotonic() - started
    print(f"ready after {seconds:.1f} s")
    assert response.status_code == 200
    assert seconds <= READY_SECONDS
    ready = response.json()
    assert ready["status"] == "degraded", "without Ollama"
    parts = {part["component"]: part for part in ready["components"]}
    assert {name: parts[name]["backend"] for name in PARTS} == PARTS
    assert parts["ollama"]["backend"] == souvenir.ollama_url
    # The engine of the knowledge graph is opened while nobody waits for it: it may still be at that.
    assert {parts[name]["state"] for name in PARTS if name != "knowledge"} == {"ok"}
    assert (parts["ollama"]["state"], bool(parts["ollama"]["fix"])) == ("degraded", True)
    assert {"ollama:llama3.1:8b", "ollama:llama3.2:3b"} <= set(parts)
    done = server.stop()
    assert done.code == 0
    assert server.owner.url in done.out
    assert done.err == ""
