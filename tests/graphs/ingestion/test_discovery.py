"""Discovery: which files a person means."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from graphs.ingestion.discovery import discover


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with what people's folders hold."""
    for name in (
        "b.md",
        "a.TXT",
        "photo.png",
        ".hidden.md",
        "~$a.docx",
        "sub/c.pdf",
        ".git/d.md",
        "sub/deep/e.csv",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    return tmp_path


def test_folders_are_walked_in_order(tree: Path) -> None:
    """Sorted, recursive, without hidden files, lock files and formats that cannot be read."""
    found = [path.relative_to(tree).as_posix() for path in discover([tree])]
    assert found == ["a.TXT", "b.md", "sub/c.pdf", "sub/deep/e.csv"]


def test_what_is_named_is_always_yielded(tree: Path) -> None:
    """A file given by name comes out even when it is hidden, missing or of no known format."""
    named = [tree / "photo.png", tree / ".hidden.md", tree / "absent.md"]
    assert list(discover(named)) == named


def test_a_file_comes_once(tree: Path) -> None:
    """Given twice, or by a folder and by name, a file is read once."""
    found = list(discover([tree / "sub", tree, tree / "b.md"]))
    assert len(found) == len(set(found)) == 4


def test_links_do_not_turn_in_circles(tree: Path) -> None:
    """A linked folder is not entered, a linked file is the file."""
    try:
        (tree / "sub" / "up").symlink_to(tree, target_is_directory=True)
        (tree / "z.md").symlink_to(tree / "b.md")
    except OSError as error:
        pytest.skip(f"no links here: {error}")
    assert len(list(discover([tree]))) == 4


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_cannot_be_listed_is_reported(tree: Path) -> None:
    """It is yielded itself, so that reading it fails with a clear message."""
    (tree / "sub").chmod(0)
    try:
        assert tree / "sub" in list(discover([tree]))
    finally:
        (tree / "sub").chmod(0o755)
