"""Markdown: titles and headings make the place of a passage; code and tables are no headings."""

from __future__ import annotations

from pathlib import Path

from graphs.ingestion.parsing.markdown import plain
from tests.graphs.ingestion.parsing.files import parsed, places, written


def test_headings_are_the_locator(tmp_path: Path) -> None:
    """Each section is located by its path of headings, and its text does not repeat them."""
    path = written(
        tmp_path / "a.md",
        "intro\n\n# Guide **2024** #\nle début\n## Installer\nfaire `make`\n"
        "### Sous Linux\nrien\n## Lancer\nvoilà\n",
    )
    assert places(path) == [
        ("", "intro"),
        ("Guide 2024", "le début"),
        ("Guide 2024 > Installer", "faire `make`"),
        ("Guide 2024 > Installer > Sous Linux", "rien"),
        ("Guide 2024 > Lancer", "voilà"),
    ]
    assert parsed(path).title == "Guide 2024"
    assert parsed(path).sections[3].heading == ("Guide 2024", "Installer", "Sous Linux")


def test_code_is_no_heading(tmp_path: Path) -> None:
    """A comment in a fence is not a heading, whatever the fence is made of; nor is "#tag"."""
    path = written(
        tmp_path / "a.md", "# T\n```sh\n# comment\n~~~\n# more\n```\n#tag\n\n~~~~\n# x\n~~~\n# y\n~~~~\n"
    )
    assert [locator for locator, _ in places(path)] == ["T"]


def test_underlined_headings(tmp_path: Path) -> None:
    """Setext headings count; a rule under a list, a table or a blank line does not."""
    path = written(
        tmp_path / "a.md", "Titre\n=====\nun\n\nPartie\n---\ndeux\n\n---\n- liste\n---\n| a |\n|---|\ntrois\n"
    )
    assert [locator for locator, _ in places(path)] == ["Titre", "Titre > Partie"]


def test_front_matter_gives_the_title(tmp_path: Path) -> None:
    """The title of the YAML block goes before the first heading, and what the block says can be found."""
    path = written(tmp_path / "a.md", '---\ntitle: "Contrat cadre"\nclient: Durand\n---\n# Autre\ntexte\n')
    assert parsed(path).title == "Contrat cadre"
    assert "client: Durand" in places(path)[0][1]


def test_a_heading_without_text_is_kept(tmp_path: Path) -> None:
    """A leaf that has only its heading is found by it; a parent is said by its children."""
    path = written(tmp_path / "a.md", "# Équipe\n## Zoé\n## Paul\nici\n# Fin\n")
    assert places(path) == [("Équipe > Zoé", "Zoé"), ("Équipe > Paul", "ici"), ("Fin", "Fin")]


def test_windows_line_ends_and_marks(tmp_path: Path) -> None:
    """A BOM and CRLF change nothing."""
    path = written(tmp_path / "a.md", b"\xef\xbb\xbf# T\r\n\r\nun\r\ndeux\r\n")
    assert places(path) == [("T", "un\ndeux")]


def test_inline_marks_leave_headings() -> None:
    """Links, code and emphasis go, underscores inside words stay."""
    assert (
        plain("[Le `code`](http://x.fr) de **my_var** *ici* ![logo](a.png)") == "Le code de my_var ici logo"
    )
