"""Files and mails attached to a mail: each is read by its own reader, and says where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphs.ingestion.parsing import attachments, mail_parts
from graphs.ingestion.parsing.attachments import Allowance
from graphs.ingestion.parsing.errors import ParsingError
from graphs.ingestion.parsing.sections import Section
from tests.graphs.ingestion.parsing.files import OLE, parsed, pdf, places, written, xlsx, zip_bomb
from tests.graphs.ingestion.parsing.mails import attach, mail, saved, typed


def test_attached_files_are_read_in_place(tmp_path: Path) -> None:
    """Pages and rows are located by the file's name too; a file in no known format is only named."""
    made = mail()
    attach(made, "rapport été.pdf", pdf(tmp_path / "a.pdf", "Un.", "Deux.").read_bytes(), "application/pdf")
    attach(made, "budget.xlsx", xlsx(tmp_path / "a.xlsx", S=[("a", "b"), (1, 2)]).read_bytes())
    attach(made, "plage.png", b"\x89PNG", "image/png")
    attach(made, "..\\..\\notes.md", b"# Plan\n\nvoir plus tard\n")
    found = places(saved(tmp_path / "a.eml", made))
    assert found[0][1].endswith(
        "Attachment: rapport été.pdf\nAttachment: budget.xlsx\nAttachment: plage.png\nAttachment: notes.md"
    )
    assert found[2:] == [
        ("rapport été.pdf, page 1", "Un."),
        ("rapport été.pdf, page 2", "Deux."),
        ("budget.xlsx, sheet S, row 2", "a: 1; b: 2"),
        ("notes.md, Plan", "voir plus tard"),
    ]


def test_mails_inside_mails(tmp_path: Path) -> None:
    """A forwarded mail is read with its own headers and files, whether attached as a mail or as a file."""
    inner = mail("dedans", Subject="Avant", Date="Wed, 1 May 2024 10:00:00 -0000")
    attach(inner, "a.txt", b"plus bas")
    made = mail()
    made.add_attachment(inner)
    attach(made, "b.eml", inner.as_bytes())
    found = places(saved(tmp_path / "a.eml", made))
    expected = [("2024-05-01 Marie Dupont", "dedans"), ("a.txt, line 1", "plus bas")]
    for name in ("Avant", "b.eml"):
        assert [place for place in expected if (f"{name}, {place[0]}", place[1]) in found] == expected
    assert found[0][1].endswith("Attachment: Avant\nAttachment: b.eml")


def test_depth_is_bounded(tmp_path: Path) -> None:
    """Of mails inside mails, the first levels are read; a thousand levels do no harm."""
    made = mail("niveau 0", Subject="n0")
    for level in range(1, 12):
        outer = mail(f"niveau {level}", Subject=f"n{level}")
        attach(outer, "m.eml", made.as_bytes())
        made = outer
    texts = [text for _, text in places(saved(tmp_path / "a.eml", made))]
    assert [text for text in texts if text.startswith("niveau")] == [f"niveau {n}" for n in range(11, 5, -1)]
    nested = [
        line for n in range(1000) for line in (f"Content-Type: multipart/mixed; boundary=b{n}", "", f"--b{n}")
    ]
    for path in (
        typed(tmp_path / "b.eml", "From: a@b.c", *nested, "", "fond"),
        typed(tmp_path / "c.eml", "From: a@b.c", *["Content-Type: message/rfc822", ""] * 1000, "fond"),
    ):
        try:
            assert parsed(path).sections
        except ParsingError as error:
            assert error.code == "corrupt"


def test_a_bad_attachment_does_not_cost_the_mail(tmp_path: Path) -> None:
    """Each that cannot be read is named with its reason; the others and the mail are read."""
    made = mail()
    attach(made, "casse.pdf", b"%PDF-1.7 garbage", "application/pdf")
    attach(made, "secret.docx", OLE + bytes(600))
    attach(made, "bombe.xlsx", zip_bomb(tmp_path / "a.xlsx").read_bytes())
    attach(made, "vide.txt", b"")
    attach(made, "bon.txt", b"bon")
    assert places(saved(tmp_path / "a.eml", made))[2:] == [
        ("casse.pdf", "casse.pdf (corrupt)"),
        ("secret.docx", "secret.docx (encrypted)"),
        ("bombe.xlsx", "bombe.xlsx (zip_bomb)"),
        ("vide.txt", "vide.txt (empty)"),
        ("bon.txt, line 1", "bon"),
    ]


def test_files_in_the_form_that_is_not_read(tmp_path: Path) -> None:
    """A report that hangs in the HTML form of a text is read, though the plain form is."""
    lines = ["From: a@b.c", "Content-Type: multipart/alternative; boundary=a", ""]
    lines += ["--a", "", "texte simple", "--a", "Content-Type: multipart/mixed; boundary=m", ""]
    lines += ["--m", "Content-Type: text/html", "", "<p>texte riche</p>"]
    lines += ["--m", "Content-Disposition: attachment; filename=r.txt", "", "rapport", "--m--", "--a--"]
    assert [text for _, text in places(typed(tmp_path / "a.eml", *lines))][1:] == ["texte simple", "rapport"]


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ("filename*=utf-8''r%C3%A9sum%C3%A9.txt", "résumé.txt"),
        ('filename="=?utf-8?q?r=C3=A9sum=C3=A9.txt?="', "résumé.txt"),
        ('filename*0="long"; filename*1="ue.txt"', "longue.txt"),
        ('filename="../../etc/passwd.txt"', "passwd.txt"),
        ('filename="' + "x" * 300 + '.txt"', "x" * 96 + ".txt"),
    ],
)
def test_names_of_files(tmp_path: Path, parameters: str, name: str) -> None:
    """However a program writes the name of a file, it is the bare one, and not without end."""
    lines = ["From: a@b.c", f"Content-Disposition: attachment; {parameters}", "", "contenu"]
    assert places(typed(tmp_path / "a.eml", *lines))[1:] == [(f"{name}, line 1", "contenu")]


def test_all_attachments_share_one_allowance() -> None:
    """So many files, so many characters: what goes beyond is named with its reason, or only named."""
    made = mail()
    for number in range(3):
        attach(made, f"{number}.txt", b"mot " * 300)
    files = [piece for piece in mail_parts.pieces(made) if piece.kind == "file"]

    def read(allowance: Allowance) -> list[list[Section]]:
        return [list(attachments.sections(piece, "", allowance)) for piece in files]

    assert [len(found) for found in read(Allowance())] == [1, 1, 1]
    assert [len(found) for found in read(Allowance(files=2))] == [1, 1, 0]
    [_, [second], _] = read(Allowance(chars=2000))
    assert second.text == "1.txt (too_large)"


def test_nothing_is_left_of_attached_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The copies that the readers work on are gone with the mail."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "copies"))
    (tmp_path / "copies").mkdir()
    made = mail()
    attach(made, "a.txt", b"contenu")
    attach(made, "b.pdf", b"casse")
    assert len(places(saved(tmp_path / "a.eml", made))) == 4
    assert not list((tmp_path / "copies").iterdir())
    written(tmp_path / "x", "")
