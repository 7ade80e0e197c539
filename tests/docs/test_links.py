"""The documents of the project say nothing that has stopped being true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
import typer.main

from server.cli.main import app

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"!?\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
FENCE = re.compile(r"^(`{3,}|~{3,}).*?^\1\s*$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?:^|[`$\s])souvenir ([a-z]+)(?: ([a-z]+))?", re.MULTILINE)
CODE = re.compile(r"`[^`\n]+`")
TARGET = re.compile(r"`make ([a-z-]+)`|^\$?\s*make ([a-z-]+)", re.MULTILINE)


def documents() -> list[Path]:
    """Every Markdown file that the project keeps, samples apart (those are other people's documents)."""
    skipped = {"data", "samples"}
    top = [path for path in ROOT.iterdir() if not path.name.startswith(".") and path.name not in skipped]
    found = (document for path in top for document in ([path] if path.is_file() else path.rglob("*.md")))
    return sorted(path for path in found if path.suffix == ".md" and not hidden(path))


def hidden(path: Path) -> bool:
    """Whether a path is in a folder that tools made for themselves (`.pytest_cache`…)."""
    return any(part.startswith(".") for part in path.relative_to(ROOT).parts)


def anchors(document: Path) -> set[str]:
    """The anchors that a forge gives to the headings of a document."""
    text = FENCE.sub("", document.read_text(encoding="utf-8"))
    headings = re.findall(r"^#{1,6}\s+(.+?)\s*$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(document: Path) -> Iterator[str]:
    """The relative links of a document, code left out."""
    text = CODE.sub("", FENCE.sub("", document.read_text(encoding="utf-8")))
    return (link for link in LINK.findall(text) if not re.match(r"[a-z][a-z0-9+.-]*:", link))


def commands() -> Iterator[str]:
    """What people can type after `souvenir`: `ask`, `documents`, `documents list`."""
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]  # a group
        yield name
        yield from (f"{name} {inner}" for inner in getattr(command, "commands", {}))


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_lead_somewhere(document: Path) -> None:
    """A link to a file, or to a heading of one, finds it."""
    for link in links(document):
        path, _, anchor = unquote(link).partition("#")
        folder = ROOT if path.startswith("/") else document.parent
        target = folder / path.lstrip("/") if path else document
        assert target.exists(), f"{link} leads nowhere"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{link}: no such heading"


@pytest.mark.parametrize("name", ["README.md", "README.fr.md"])
def test_the_readme_names_commands_that_exist(name: str) -> None:
    """Each `souvenir …` line in code can be typed as it stands."""
    text = (ROOT / name).read_text(encoding="utf-8")
    code = "\n".join([match.group() for match in FENCE.finditer(text)] + CODE.findall(FENCE.sub("", text)))
    known = set(commands())
    groups = {command.split()[0] for command in known if " " in command}
    for first, second in COMMAND.findall(code):
        assert first in known, f"there is no `souvenir {first}`"
        if first in groups and second:
            assert f"{first} {second}" in known, f"there is no `souvenir {first} {second}`"


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_make_targets_that_are_named_exist(document: Path) -> None:
    """Each `make …` that a document names is in the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {first or second for first, second in TARGET.findall(document.read_text(encoding="utf-8"))}
    assert named <= targets
