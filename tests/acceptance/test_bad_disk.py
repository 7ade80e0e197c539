"""A full or read-only disk: one line that says so, nothing lost, and the same command ends the work."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.acceptance.processes import Finished, Nursery
from tests.acceptance.souvenir import Souvenir

LANGS = pytest.mark.parametrize("lang", ["en", "fr"])
MEGABYTE = 1024 * 1024
PAPERS = 40
FULL = ("no room left", "plus de place")
READ_ONLY = ("cannot be written", "impossible d'écrire")


class SmallDisk:
    """A disk of 300 MB, a tmpfs in a mount namespace, with the processes that live in it."""

    def __init__(self, place: Path, runs: Path) -> None:
        mount = f"mount -t tmpfs -o size=300m,mode=700 tmpfs '{place}'"
        under = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec"]
        if shutil.which("unshare") is None or subprocess.run([*under, mount], capture_output=True).returncode:
            pytest.skip("no disk to fill: this system lets nobody mount a tmpfs in a namespace (unshare)")
        self.place = place
        self.nursery = Nursery(runs, [*under, f'{mount}; exec "$@"', "sh"])

    def do(self, script: str) -> str:
        """Run a shell script that sees the disk, return what it prints."""
        return Souvenir(self.nursery, self.place).execute("sh", "-ec", script).ok().out

    def leave(self, megabytes: int) -> None:
        """Fill the disk, but for so much."""
        self.do(f"rm -f '{self.place}/filler'")
        free = int(self.do(f"df -k --output=avail '{self.place}' | tail -1"))
        # Somebody may write meanwhile: then the disk is full before all of that is in it, which is as wanted.
        enough = "|| true" if megabytes == 0 else ""
        size = free * 1024 - megabytes * MEGABYTE
        self.do(f"head -c {size} /dev/zero > '{self.place}/filler' 2>/dev/null {enough}")

    def give_back(self) -> None:
        """Free what was filled."""
        self.do(f"rm -f '{self.place}/filler'")


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallDisk]:
    """A small disk."""
    disk = SmallDisk(tmp_path_factory.mktemp("disk"), tmp_path_factory.mktemp("runs"))
    try:
        yield disk
    finally:
        disk.nursery.close()


@pytest.fixture
def souvenir(disk: SmallDisk, tmp_path: Path) -> Iterator[Souvenir]:
    """A memory on the small disk, which is emptied after."""
    souvenir = Souvenir(disk.nursery, disk.place / "data", temporary=tmp_path)
    yield souvenir
    disk.do(f"rm -rf '{disk.place}'/*")


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """Ten megabytes of text."""
    folder = tmp_path / "papers"
    folder.mkdir()
    for number in range(PAPERS):
        text = " ".join(f"mot{number}x{word}" for word in range(25_000))
        (folder / f"paper{number:02d}.txt").write_text(f"zephyr{number} {text}", encoding="utf-8")
    return folder


def refused(done: Finished, lang: str, says: tuple[str, str]) -> None:
    """It ended 1, with one line, in the right language."""
    assert done.code == 1, done
    assert says[lang == "fr"] in done.line


@LANGS
def test_a_full_disk(disk: SmallDisk, souvenir: Souvenir, papers: Path, lang: str) -> None:
    """It fills up while files come in: those stored stay, each other one says why; with room, all is done."""
    first = papers.parent / "first.md"
    first.write_text("The tide turns at nine.", encoding="utf-8")
    souvenir.run("ingest", str(first)).ok()
    disk.leave(50)  # enough to open the index, not for all the texts
    full = souvenir.run("ingest", str(papers), "--json", LANG=lang)
    assert full.code == 1, full.err[-2000:]
    failed = [document["error"] for document in full.json["documents"] if document["status"] == "failed"]
    stored = [document["uri"] for document in full.json["documents"] if document["status"] == "stored"]
    assert stored, "some had room"
    assert failed, "not all had room"
    assert all(FULL[lang == "fr"] in error for error in failed), failed
    disk.leave(0)
    for command in (("ingest", str(papers)), ("ask", "When does the tide turn?"), ("serve", "--port", "0")):
        refused(souvenir.run(*command, LANG=lang), lang, FULL)
    disk.give_back()
    again = souvenir.run("ingest", str(papers), "--json").ok().json["totals"]
    assert (again["unchanged"], again["stored"]) == (len(stored), PAPERS - len(stored))
    assert souvenir.json("recall", "zephyr7")["passages"][0]["title"] == "paper07"
    listed = souvenir.json("documents", "list")["documents"]
    assert {document["projections"]["recall"]["state"] for document in listed} <= {"done", "partial"}


@LANGS
def test_a_disk_that_fills_up_while_serving(disk: SmallDisk, souvenir: Souvenir, lang: str) -> None:
    """The server stays up; a question is refused for want of room, not acknowledged; later all is well."""
    running = souvenir.start("serve", "--port", "0", LANG=lang)
    url = ""
    while not url:
        url = next((word for word in running.out.read_text().split() if word.startswith("http://")), "")
    headers = {"Accept-Language": lang}
    with httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=60) as http:
        asked = http.post("/v1/turns", json={"question": "Is there room?"})
        assert asked.status_code == 200
        disk.leave(0)
        refusal = http.post("/v1/turns", json={"question": "Is there still room?"})
        assert refusal.status_code in (503, 507), refusal.text
        assert ("plein" if lang == "fr" else "full") in refusal.json()["error"]["message"] or FULL[
            lang == "fr"
        ] in refusal.json()["error"]["message"]
        assert http.get("/health/live").status_code == 200
        disk.give_back()
        thread = asked.json()["thread_id"]
        again = http.post("/v1/turns", json={"question": "And now?", "thread_id": thread})
        assert again.status_code == 200, again.text
        shown = http.get(f"/v1/threads/{thread}").json()["turns"]
        assert [turn["question"] for turn in shown] == ["Is there room?", "And now?"]
    assert running.stop().code == 0  # it did not end before


@LANGS
def test_a_read_only_disk(disk: SmallDisk, souvenir: Souvenir, papers: Path, lang: str) -> None:
    """Every command says so in one line; when it can be written again, everything is there."""
    souvenir.run("ingest", str(papers / "paper07.txt")).ok()
    disk.do(f"mount -o remount,ro '{disk.place}'")
    try:
        for command in (("ingest", str(papers)), ("ask", "zephyr7 ?"), ("serve", "--port", "0")):
            refused(souvenir.run(*command, LANG=lang), lang, READ_ONLY)
    finally:
        disk.do(f"mount -o remount,rw '{disk.place}'")
    assert souvenir.json("recall", "zephyr7")["passages"][0]["title"] == "paper07"
