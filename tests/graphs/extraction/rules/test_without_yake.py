"""Without the library that finds topics, everything else is read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_PROGRAM = """
import sys
sys.modules["yake"] = None  # Python's way to say "cannot be imported"
from datetime import UTC, datetime
from graphs.extraction.rules import read_by_rules
from memory.archive.entities import Chunk, Document
text = "Mrs Claire Dubois, treasurer of Boreas Shipping Ltd, spoke of the harbour lease. " * 20
now = datetime.now(UTC)
document = Document("d", "u", "file:///d.txt", "Minutes", "text/plain", "en", "h", 1, "", now, now, 1)
facts = read_by_rules(document, [Chunk("c", "d", "u", 0, text, "", "en")])
print(sorted({(link.entity.label, link.entity.key) for link in facts.links}))
"""


def test_people_and_organisations_are_found_without_it() -> None:
    """There are no topics then, and no failure."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        cwd=Path(__file__).parents[4],
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    found = done.stdout
    assert "('Person', 'claire dubois')" in found
    assert "('Organization', 'boreas shipping ltd')" in found
    assert "Topic" not in found
