"""`souvenir ingest --watch`: what changes in a folder is in memory, whatever runs, comes and goes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fpdf
import psutil
import pytest

from tests.acceptance.processes import Running, until
from tests.acceptance.souvenir import Souvenir

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGINT cannot be sent to one process there")


@dataclass(frozen=True)
class Watching:
    """A watcher at work."""

    running: Running

    @property
    def said(self) -> str:
        """All that it wrote on stderr."""
        return self.running.err.read_text()

    @property
    def batches(self) -> list[Any]:
        """What it wrote on stdout: a JSON document a line."""
        return [json.loads(line) for line in self.running.out.read_text().splitlines()]

    def until_said(self, *words: str, times: int = 1) -> None:
        """Wait for a line that holds all the words."""

        def found() -> bool:
            lines = [line for line in self.said.splitlines() if all(word in line for word in words)]
            return len(lines) >= times

        try:
            until(found, within=40)
        except AssertionError as error:
            raise AssertionError(f"{words} was not said:\n{self.said}") from error

    def end(self) -> None:
        """Press Ctrl-C: a good end, with nothing left behind."""
        children = psutil.Process(self.running.pid).children(recursive=True)
        os.kill(self.running.pid, signal.SIGINT)
        self.running.wait().ok()
        assert not psutil.wait_procs(children, timeout=20)[1]
        assert "Traceback" not in self.said


@contextmanager
def watching(souvenir: Souvenir, *arguments: str) -> Iterator[Watching]:
    """Watch while the block runs, from when all that is there is in memory."""
    watcher = Watching(souvenir.start("ingest", "--watch", *arguments))
    try:
        watcher.until_said("Ctrl-C")
        yield watcher
    except BaseException:
        watcher.running.kill()
        raise
    watcher.end()


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A folder with one note."""
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "plan.md").write_text("# Plan\n\nThe spare key hangs behind the green door.\n")
    return folder


def titles(souvenir: Souvenir, query: str) -> list[str]:
    """Where memory finds something."""
    return [passage["title"] for passage in souvenir.json("recall", query)["passages"]]


@pytest.mark.parametrize("option", [(), ("--poll",)])
def test_new_and_changed_files_are_taken_in(souvenir: Souvenir, notes: Path, option: tuple[str, ...]) -> None:
    """By the system's word or by looking: a line each, and other commands find the new text meanwhile."""
    with watching(souvenir, str(notes), *option) as watcher:
        (notes / "deep" / "er").mkdir(parents=True)
        (notes / "deep" / "er" / "list.md").write_text("# List\n\nBuckwheat flour for the pancakes.\n")
        watcher.until_said("stored", str(notes / "deep" / "er" / "list.md"))
        (notes / "plan.md").write_text("# Plan\n\nThe spare key is with the lighthouse keeper.\n")
        watcher.until_said("updated", str(notes / "plan.md"))
        assert titles(souvenir, "buckwheat pancakes") == ["List"]
        assert titles(souvenir, "lighthouse keeper") == ["Plan"]
        assert titles(souvenir, "green door") == []


def test_what_is_moved_or_deleted_is_not_forgotten(souvenir: Souvenir, notes: Path) -> None:
    """It is said once, with the command that forgets it; what was never in memory is not mentioned."""
    (notes / "scan.pdf").write_text("not a PDF")
    with watching(souvenir, str(notes)) as watcher:
        (notes / "scan.pdf").unlink()
        (notes / "plan.md").rename(notes / "plan-2.md")
        watcher.until_said("stored", "plan-2.md")
        watcher.until_said("gone", str(notes / "plan.md"))
        [line] = [line for line in watcher.said.splitlines() if line.startswith("gone")]
        assert sorted(titles(souvenir, "green door")) == ["Plan", "Plan"]
        command = line.partition("souvenir ")[2].split()
        assert command[:2] == ["documents", "forget"]
        souvenir.run(*command).ok()
        assert titles(souvenir, "green door") == ["Plan"]


def test_a_file_that_is_half_written_is_taken_once_it_is_whole(souvenir: Souvenir, notes: Path) -> None:
    """A download that pauses fails, is tried again when it goes on, and is then in memory."""
    document = fpdf.FPDF()
    document.set_font("helvetica", size=12)
    document.add_page()
    document.cell(text="The ferry leaves from Roscoff.")
    whole = bytes(document.output())
    with watching(souvenir, str(notes)) as watcher:
        (notes / "ferry.pdf").write_bytes(whole[:20])
        watcher.until_said("failed", "ferry.pdf")
        with (notes / "ferry.pdf").open("ab") as file:
            file.write(whole[20:])
        watcher.until_said("stored", "ferry.pdf")
        assert titles(souvenir, "Roscoff ferry") == ["ferry"]


def test_the_server_goes_and_comes_back(souvenir: Souvenir, notes: Path) -> None:
    """Through the server while it runs, without it while it does not, and through the next one."""
    server = souvenir.serve()
    with watching(souvenir, str(notes)) as watcher:
        (notes / "one.md").write_text("# One\n\nalpha\n")
        watcher.until_said("stored", "one.md")
        server.kill()
        (notes / "two.md").write_text("# Two\n\nbravo\n")
        watcher.until_said("stored", "two.md")
        with souvenir.serving() as again:
            (notes / "three.md").write_text("# Three\n\ncharlie\n")
            watcher.until_said("stored", "three.md")
            found = {document["title"] for document in again.get("/v1/documents")["documents"]}
            assert found == {"Plan", "One", "Two", "Three"}
            assert not again.running.ended


def test_folders_that_come_and_go(souvenir: Souvenir, notes: Path) -> None:
    """Each is said; what a folder held when it went is not called gone, and it is watched again."""
    later = notes.with_name("later")
    with watching(souvenir, str(notes), str(later)) as watcher:
        watcher.until_said(str(later), "not there yet")
        later.mkdir()
        (later / "x.md").write_text("# X\n\nxylophone\n")
        watcher.until_said("stored", "x.md")
        shutil.move(notes, notes.with_name("aside"))
        watcher.until_said(str(notes), "no longer there")
        shutil.move(notes.with_name("aside"), notes)
        watcher.until_said(str(notes), "is there")
        (notes / "y.md").write_text("# Y\n\nyoghurt\n")
        watcher.until_said("stored", "y.md")
        assert not [line for line in watcher.said.splitlines() if line.startswith("gone")]


def test_two_watchers_links_and_a_flood(souvenir: Souvenir, notes: Path) -> None:
    """Two watchers, a circle of links, sixty files at once: one batch each, every document once, unhurt."""
    (notes / "circle").symlink_to(notes, target_is_directory=True)
    with souvenir.serving() as server, watching(souvenir, str(notes), "--json") as one:
        with watching(souvenir, str(notes), "--json") as other:
            flood = notes.with_name("flood")
            flood.mkdir()
            for number in range(60):
                (flood / f"{number}.md").write_text(f"# Paper {number}\n\nzephyr{number}\n")
            (flood / ".hidden.md").write_text("hidden")
            (flood / "~$lock.docx").write_text("lock")
            shutil.move(flood, notes / "flood")
            until(lambda: len(one.batches) == len(other.batches) == 2, within=60)
        for watcher in (one, other):
            totals = watcher.batches[1]["totals"]
            assert (totals["failed"], sum(totals[name] for name in ("stored", "updated", "unchanged"))) == (
                0,
                60,
            )
        documents = server.get("/v1/documents")["documents"]
        assert len({document["uri"] for document in documents}) == len(documents) == 61
