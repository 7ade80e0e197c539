"""Mails: who, when and what, found by any of them; whatever a mail program wrote."""

from __future__ import annotations

from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphs.ingestion.parsing.errors import ParsingError
from graphs.ingestion.parsing.mail_headers import decoded
from tests.graphs.ingestion.parsing.files import parsed, places, written
from tests.graphs.ingestion.parsing.mails import PLAIN, attach, mail, saved, typed

PLACE = "2024-05-03 Marie Dupont"
HEADERS = (
    "Subject: Réunion à Quimper\nFrom: Marie Dupont <marie@ex.fr>\nTo: Jean <jean@ex.fr>\n"
    "Date: Fri, 3 May 2024 14:05 +0200 (2024-05-03)"
)


def test_headers_and_text(tmp_path: Path) -> None:
    """The subject is the title; who, to whom and when can be searched; quoted replies are kept."""
    path = saved(tmp_path / "a.eml", mail())
    assert places(path) == [(PLACE, HEADERS), (PLACE, PLAIN.strip("\n"))]
    assert parsed(path).title == "Réunion à Quimper"


def test_the_plain_form_is_preferred(tmp_path: Path) -> None:
    """Of a text in two forms the plain one is read, once; the HTML form when the plain one is blank."""
    both = mail()
    both.add_alternative("<p>le rapport en <b>HTML</b></p>", subtype="html")
    assert [text for _, text in places(saved(tmp_path / "a.eml", both))] == [HEADERS, PLAIN.strip("\n")]
    blank = mail(" \n")
    blank.add_alternative("<h1>Ordre du jour</h1><p>le rapport en <b>HTML</b></p>", subtype="html")
    assert places(saved(tmp_path / "b.eml", blank))[1:] == [(PLACE, "Ordre du jour\n\nle rapport en HTML")]


def test_pictures_of_the_text_are_not_attachments(tmp_path: Path) -> None:
    """A logo in the signature is not named; a photo that was attached is."""
    made = mail("sans image")
    made.add_alternative("<p>avec image <img src='cid:logo'></p>", subtype="html")
    html = list(made.iter_parts())[1]
    assert isinstance(html, EmailMessage)
    html.add_related(b"\x89PNG", "image", "png", cid="<logo>")
    attach(made, "plage.png", b"\x89PNG", "image/png")
    assert places(saved(tmp_path / "a.eml", made))[0][1] == f"{HEADERS}\nAttachment: plage.png"


@pytest.mark.parametrize(
    ("charset", "body", "expected"),
    [
        ("us-ascii", "le coût est élevé, déjà payé".encode("cp1252"), "le coût est élevé, déjà payé"),
        ("iso-8859-1", "10 € – déjà".encode("cp1252"), "10 € – déjà"),
        ("iso-8859-1", "déjà vu à Noël".encode(), "déjà vu à Noël"),
        ("utf-8", "déjà vu à Noël, été comme hiver".encode("cp1252"), "déjà vu à Noël, été comme hiver"),
        ("no-such", "déjà".encode(), "déjà"),
        ("base64", "déjà vu hier".encode("cp1252"), "déjà vu hier"),
        ("iso-2022-jp", "日本語の文章".encode("iso2022_jp"), "日本語の文章"),
        ("koi8-r", "Привет, как дела?".encode("koi8-r"), "Привет, как дела?"),
        ("shift_jis", "日本語の文章です".encode("shift_jis"), "日本語の文章です"),
    ],
)
def test_charsets_that_lie(tmp_path: Path, charset: str, body: bytes, expected: str) -> None:
    """The text is read as it was meant, whether its charset is right, wrong, unknown or nonsense."""
    path = typed(
        tmp_path / "a.eml", "From: a@b.c", f'Content-Type: text/plain; charset="{charset}"', "", body
    )
    assert places(path)[1] == ("a@b.c", expected)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("=?utf-8?q?R=C3=A9union_=C3=A0_Quimper?=", "Réunion à Quimper"),
        ("=?UTF-8?B?UsOpdW5pb24=?= =?UTF-8?B?IMOgIFF1aW1wZXI=?=", "Réunion à Quimper"),
        ("=?utf-8?b?UsM=?= =?utf-8?b?qXVuaW9u?=", "Réunion"),
        ("=?utf-8*fr?q?R=C3=A9union?= (suite)", "Réunion (suite)"),
        ("=?utf-8?q?R=E9union d=E9j=E0 dite?=", "Réunion déjà dite"),
        ("=?x-unknown?q?R=C3=A9union?=", "Réunion"),
        ("=?utf-8?b?&&&?=", ""),
        ("=?utf-8?b?UsOpdW5pb?= (coupé)", "Réuni (coupé)"),
        ("=?utf-8?q?", "=?utf-8?q?"),
        (r"C:\users\x", r"C:\users\x"),
    ],
)
def test_encoded_words(header: str, expected: str) -> None:
    """Cut in the middle of a letter, with spaces, a language or a wrong charset: read as it was meant."""
    assert decoded(header) == expected


def test_raw_bytes_in_headers(tmp_path: Path) -> None:
    """Programs that write headers in UTF-8, or in cp1252, are understood."""
    for subject in ("Noël à Orléans".encode(), "Noël à Orléans".encode("cp1252")):
        path = typed(tmp_path / "a.eml", b"Subject: " + subject, "", "texte")
        assert parsed(path).title == "Noël à Orléans"


def test_missing_and_odd_headers(tmp_path: Path) -> None:
    """Without a date, a sender, or a subject, the rest is read; a wrong date is shown as it is."""
    assert places(typed(tmp_path / "a-b.eml", "To: x@y.z", "", "texte")) == [("", "To: x@y.z"), ("", "texte")]
    assert parsed(tmp_path / "a-b.eml").title == "a b"
    odd = typed(tmp_path / "b.eml", "Date: hier soir", "From: Zoé", "from: Max <m@x.y>", "", "texte")
    assert places(odd)[0] == ("Zoé", "From: Zoé, Max <m@x.y>\nDate: hier soir")
    folded = typed(tmp_path / "c.eml", "Subject: une", "  suite", "Date: Mon, 32 Foo 2024 99:99", "", "texte")
    assert places(folded)[0][1].startswith("Subject: une suite\nDate: Mon, 32 Foo")


def test_what_is_no_mail(tmp_path: Path) -> None:
    """A page or a note under the name of a mail is said to be none."""
    for content in ("<html><p>404</p></html>", "une note\n\nsans rien d'autre\n", "note: x\n\ny"):
        with pytest.raises(ParsingError, match="corrupt"):
            parsed(written(tmp_path / "a.eml", content))


def test_flowed_text_is_joined(tmp_path: Path) -> None:
    """Lines that only the mail program broke are one again; the mark of the signature stays."""
    lines = [
        "From: a@b.c",
        "Content-Type: text/plain; format=flowed",
        "",
        "une phrase ",
        "coupée.",
        "-- ",
        "Max",
    ]
    assert places(typed(tmp_path / "a.eml", *lines))[1][1] == "une phrase coupée.\n--\nMax"


@given(
    st.lists(
        st.sampled_from(
            [
                b"From: a@b.c",
                b"Subject: =?utf-8?q?x=",
                b"Date: 1",
                b"Content-Type: multipart/mixed; boundary=b",
                b'Content-Type: multipart/alternative; boundary="b',
                b"Content-Type: message/rfc822",
                b"--b",
                b"--b--",
                b"",
                b"Content-Disposition: attachment; filename*0*=utf-8''x; filename*9=\"y.pdf",
                b"Content-Type: text/html",
                b"Content-Transfer-Encoding: base64",
                b"Content-Type: text/plain; charset*=x'y'%zz",
                b"texte \xe9\xff",
                b"Content-Disposition: attachment; filename=a.eml",
                b"Content-Transfer-Encoding: uuencode",
                b"begin 644 x",
            ]
        ),
        max_size=40,
    )
)
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_sequence_of_lines_is_read_or_refused(tmp_path: Path, lines: list[bytes]) -> None:
    """Headers, boundaries and parts in any order: sections, or a named error; never anything else."""
    with suppress(ParsingError):
        parsed(written(tmp_path / "a.eml", b"\r\n".join(lines)))


@given(at=st.floats(0, 1), noise=st.binary(max_size=40), cut=st.booleans())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_mails_are_read_or_refused(tmp_path: Path, at: float, noise: bytes, cut: bool) -> None:
    """Cut anywhere, or with bytes changed, attachments too: sections, or a named error."""
    made = mail()
    made.add_alternative("<p>le rapport</p>", subtype="html")
    attach(made, "a.csv", b"a;b\n1;2\n")
    made.add_attachment(mail("dedans"))
    content = made.as_bytes(policy=SMTP)
    place = int(at * len(content))
    rest = b"" if cut else content[place + len(noise) :]
    with suppress(ParsingError):
        parsed(written(tmp_path / "a.eml", content[:place] + noise + rest))
