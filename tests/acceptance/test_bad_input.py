"""Bad input gets one line that says what and what to do, in the person's language, and nothing is lost."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.acceptance.souvenir import COMMAND, Souvenir
from tests.graphs.ingestion.parsing.files import OLE, PNG, docx_with, written, zip_bomb

LANGS = pytest.mark.parametrize("lang", ["en", "fr"])
BAD = {
    "missing.md": ("was not found", "introuvable"),
    "empty.txt": ("is empty", "est vide"),
    "photo.png": ("not in a format that can be read", "n'est pas dans un format lisible"),
    "picture.docx": ("is damaged or is not what its extension says", "est abîmé ou n'est pas ce que dit"),
    "fake.pdf": ("is not a PDF", "n'est pas un PDF"),
    "secret.docx": ("protected by a password", "protégé par un mot de passe"),
    "bomb.xlsx": ("unpacks to an abnormal size", "taille anormale"),
}


@pytest.fixture
def heap(tmp_path: Path) -> list[str]:
    """Paths of files of which all but three cannot be read."""
    folder = tmp_path / "heap"
    folder.mkdir()
    written(folder / "empty.txt", "")
    written(folder / "photo.png", PNG + bytes(100))
    written(folder / "picture.docx", PNG + bytes(100))
    written(folder / "fake.pdf", "Chapter one: this is plain text.")
    written(folder / "secret.docx", OLE + bytes(2048))
    zip_bomb(folder / "bomb.xlsx")
    written(folder / "good.md", "# Tides\n\nHigh water is at nine in the morning.\n")
    written(folder / "latin.txt", "Le café ouvre à huit heures, près de la gare.".encode("latin-1"))
    written(
        folder / "broken.txt", b"The ferry leaves at noon \xff\xfe\x00 from the old pier, \xc3\x28 every day."
    )
    docx_with(folder / "letter.docx", ("Normal", "The landlord wants the keys back in June."))
    return [str(folder / name) for name in [*BAD, "good.md", "latin.txt", "broken.txt", "letter.docx"]]


@LANGS
def test_files_that_cannot_be_read(souvenir: Souvenir, heap: list[str], lang: str) -> None:
    """Each bad file has its line, the others are stored and found; `--json` stays one document; exit 1."""
    done = souvenir.run("ingest", *heap, "--json", LANG=lang)
    assert done.code == 1
    documents = {document["uri"].rpartition("/")[2]: document for document in done.json["documents"]}
    for name, messages in BAD.items():
        assert documents[name]["status"] == "failed"
        error = documents[name]["error"]
        assert messages[lang == "fr"] in error
        assert name in error
        assert ":" in error, "what to do comes after what"
        assert "\n" not in error
        assert sum(error in line for line in done.err.splitlines()) == 1
    stored = {name for name, document in documents.items() if document["status"] == "stored"}
    assert stored == {"good.md", "latin.txt", "broken.txt", "letter.docx"}
    assert done.json["totals"]["failed"] == len(BAD)
    assert done.err.strip().splitlines()[-1].startswith(f"souvenir: {len(BAD)} ")
    for query, title in (("café gare", "latin"), ("ferry pier", "broken"), ("high water", "Tides")):
        assert souvenir.json("recall", query)["passages"][0]["title"].startswith(title)


@pytest.mark.parametrize("unit", ["lighthouse keepers ", "x"], ids=["words", "one-word"])
def test_a_megabyte_on_one_line(souvenir: Souvenir, tmp_path: Path, unit: str) -> None:
    """A line of 1 MB is read in a moment, not in minutes: the time of some patterns grows as its square."""
    line = written(tmp_path / "line.txt", (unit * 1_000_000)[:1_000_000])
    done = souvenir.run("ingest", str(line), "--json").ok()
    totals = done.json["totals"]
    print(f"1 MB on one line: {totals['seconds']} s, {totals['chunks']} chunks, {done.seconds:.1f} s in all")
    assert totals["stored"] == 1
    assert totals["seconds"] <= 30


@LANGS
@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("", ("is empty", "est vide")),
        (" \n\t", ("is empty", "est vide")),
        ("why " * 25_000, ("longer than 32,000 characters", "dépasse 32 000 caractères")),
    ],
    ids=["empty", "blank", "100-kB"],
)
def test_questions_that_cannot_be_asked(
    souvenir: Souvenir, lang: str, question: str, says: tuple[str, str]
) -> None:
    """An empty question and one of 100 kB: one line, exit 1, nothing on stdout, no conversation begun."""
    done = souvenir.run("ask", question, "--json", LANG=lang)
    assert (done.code, done.out) == (1, "")
    assert says[lang == "fr"] in done.line.replace("\u202f", " ").replace("\xa0", " ")
    assert souvenir.json("threads", "list") == {"threads": []}


@LANGS
@pytest.mark.parametrize(
    "command",
    [
        ("ask", "And then?", "--thread", "nowhere"),
        ("threads", "show", "nowhere"),
        ("documents", "show", "nowhere"),
    ],
    ids=" ".join,
)
def test_things_that_are_not_there(souvenir: Souvenir, lang: str, command: tuple[str, ...]) -> None:
    """An unknown conversation or document: one line that says where to look, exit 1."""
    done = souvenir.run(*command, LANG=lang)
    assert (done.code, done.out) == (1, "")
    assert ("n'existe pas" if lang == "fr" else "There is no such") in done.line
    assert "list" in done.line


@LANGS
@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("DATADIR", "/nowhere", ("did you mean SOUVENIR_DATA_DIR", "SOUVENIR_DATA_DIR")),
        ("PORT", "eighty", ("SOUVENIR_PORT cannot be used", "SOUVENIR_PORT")),
        ("OLLAMA_URL", "ftp://here", ("SOUVENIR_OLLAMA_URL cannot be used", "SOUVENIR_OLLAMA_URL")),
        ("HOST", "0.0.0.0", ("SOUVENIR_HOST cannot be used", "SOUVENIR_HOST")),
    ],
)
def test_a_setting_with_a_typo(
    souvenir: Souvenir, lang: str, setting: str, value: str, says: tuple[str, str]
) -> None:
    """A setting that is misspelt or cannot be used stops every command with one line that names it."""
    for command in (("documents", "list"), ("serve",)):
        done = souvenir.run(*command, **{setting: value, "LANG": lang})
        assert (done.code, done.out) == (1, "")
        assert says[lang == "fr"] in done.line
        french = any(word in done.line for word in ("n'est pas", "ne peut", "inutilisable"))
        assert french == (lang == "fr"), done.line
    assert not souvenir.data.exists()


def ordinary() -> list[str]:
    """What to run a command under so that file permissions count for it; skips where there is no way."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("root reads everything, and there is no setpriv (util-linux) to give that up")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"]


@LANGS
def test_an_unreadable_file(souvenir: Souvenir, tmp_path: Path, lang: str) -> None:
    """A file without the right to read it: its line, exit 1, the others stored."""
    secret = written(tmp_path / "secret.md", "nothing to see")
    good = written(tmp_path / "good.md", "The tide turns at nine.")
    secret.chmod(0)
    done = souvenir.execute(*ordinary(), COMMAND, "ingest", str(secret), str(good), "--json", LANG=lang)
    assert done.code == 1
    statuses = {document["title"]: document["status"] for document in done.json["documents"]}
    assert sorted(statuses.values()) == ["failed", "stored"]
    [error] = [document["error"] for document in done.json["documents"] if document["error"]]
    assert ("n'a pas pu être ouvert" if lang == "fr" else "could not be opened") in error
