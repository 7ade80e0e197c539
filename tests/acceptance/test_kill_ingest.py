"""`souvenir ingest` killed at any point: what was acknowledged is kept, the same command ends the work."""

from __future__ import annotations

import random
import re
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest

from memory.archive.archive import open_archive
from server.owner import find_owner
from tests.acceptance.memory_checks import check_whole, documents_of, now
from tests.acceptance.processes import Running
from tests.acceptance.souvenir import Souvenir

FILES = 60
PARAGRAPHS = 4
_EDITION = re.compile(r"edition (\d+)")


@dataclass
class Papers:
    """A folder of generated documents; every paragraph says which document and which edition it is of."""

    folder: Path
    edition: list[int] = field(default_factory=lambda: [0] * FILES)

    def write(self, number: int) -> None:
        """Write the next edition of a document."""
        self.edition[number] += 1
        heading = {"md": "# ", "txt": ""}[self._suffix(number)]
        words = " ".join(f"word{number}x{n}" for n in range(60))
        parts = [
            f"Part {part} of {self.name(number)}, edition {self.edition[number]}. {words}"
            for part in range(PARAGRAPHS + self.edition[number] % 3)
        ]
        text = "\n\n".join([f"{heading}Paper {self.name(number)}", *parts])
        self.path(number).write_text(text, encoding="utf-8")

    def name(self, number: int) -> str:
        """The word that only this document holds."""
        return f"zephyr{number:03d}"

    def path(self, number: int) -> Path:
        """Where it is."""
        return self.folder / f"{self.name(number)}.{self._suffix(number)}"

    def _suffix(self, number: int) -> str:
        return "md" if number % 3 else "txt"


def acknowledged_before_death(souvenir: Souvenir, running: Running, moment: float) -> dict[str, str]:
    """Let the command work until `moment`, then kill it; what its API listed: dates of change by URI."""
    listed: dict[str, str] = {}
    with httpx.Client(trust_env=False, timeout=5) as http:
        while time.monotonic() < moment:
            owner = find_owner(souvenir.data)
            if owner is None or owner.pid != running.pid:
                continue  # it starts, or it has ended
            try:
                documents = http.get(f"{owner.url}/v1/documents").json()["documents"]
            except httpx.HTTPError:
                continue
            listed.update({document["uri"]: document["updated_at"] for document in documents})
    children = psutil.Process(running.pid).children(recursive=True)
    running.kill()
    _, left = psutil.wait_procs(children, timeout=20)
    assert not left, "readers outlive their parent"
    return listed


async def check(souvenir: Souvenir, acknowledged: dict[str, str]) -> None:
    """All that was acknowledged is kept, and every document is wholly of one edition."""
    async with open_archive(souvenir.data, clock=now) as archive:
        documents = await documents_of(archive)
    kept = {document.uri: document.updated_at.isoformat() for document, _ in documents}
    for uri, date in acknowledged.items():
        assert kept.get(uri, "") >= date, f"acknowledged, and lost: {uri}"
    for document, chunks in documents:
        editions = {edition for chunk in chunks for edition in _EDITION.findall(chunk.text)}
        assert len(editions) == 1, f"{document.uri} is a mixture of editions {editions}"


@pytest.mark.parametrize(
    "rounds", [10, pytest.param(100, marks=[pytest.mark.soak, pytest.mark.timeout(1800)])]
)
async def test_killed_while_ingesting(souvenir: Souvenir, tmp_path: Path, seed: int, rounds: int) -> None:
    """Each round a third of the files change, the command is killed somewhere, and nothing it kept is lost.

    At the end the same command finishes, a repetition finds nothing to do, recall finds the last editions.
    """
    rng = random.Random(seed)
    papers = Papers(tmp_path / "papers")
    papers.folder.mkdir()
    for number in range(FILES):
        papers.write(number)
    acknowledged: dict[str, str] = {}
    longest = 2.5
    cut = 0
    for _ in range(rounds):
        running = souvenir.start("ingest", str(papers.folder), "--json")
        moment = running.started + rng.uniform(0.05, longest)
        acknowledged |= acknowledged_before_death(souvenir, running, moment)
        cut += not running.out.read_text()
        if (souvenir.data / "souvenir.db").exists():
            await check(souvenir, acknowledged)
        for number in rng.sample(range(FILES), FILES // 3):
            papers.write(number)
    print(f"{rounds} rounds, {cut} of them cut before the end, {len(acknowledged)} documents acknowledged")

    last = souvenir.json("ingest", str(papers.folder))["totals"]
    assert (last["failed"], last["stored"] + last["updated"] + last["unchanged"]) == (0, FILES)
    assert souvenir.json("ingest", str(papers.folder))["totals"]["unchanged"] == FILES
    with souvenir.serving() as server:
        for number in rng.sample(range(FILES), 8):
            passages = server.get("/v1/recall", query=papers.name(number), limit=20)["passages"]
            mine = [passage for passage in passages if papers.name(number) in passage["text"]]
            assert {passage["uri"] for passage in mine} == {papers.path(number).as_uri()}
            assert len({passage["text"] for passage in mine}) == len(mine), "a passage twice"
            editions = set(_EDITION.findall(" ".join(passage["text"] for passage in mine)))
            assert editions == {str(papers.edition[number])}
    await check(souvenir, acknowledged)
    await check_whole(souvenir.data)
