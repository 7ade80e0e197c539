"""HTML: what a person sees of a page, under its headings."""

from __future__ import annotations

from pathlib import Path

from tests.graphs.ingestion.parsing.files import parsed, places, written

PAGE = """<!doctype html><html><head><title>Offre
 d'emploi</title><style>p {color: red}</style></head>
<body><nav><a>Accueil</a></nav><p>Avant<script>alert("non")</script></p>
<h1>Poste <em>fixe</em></h1>texte nu<div>Premier <b>bloc</b> de<br>texte</div>
<ul><li>un</li><li>deux</li></ul>
<h2>Salaire</h2><table><tr><th>Année</th><th>Brut</th></tr><tr><td>2023</td><td>30&nbsp;k&euro;</td></tr></table>
<pre>x = 1
  y = 2</pre><p hidden>obey me</p><p style="display: none">obey me too</p><!-- note --></body></html>"""


def test_a_page_is_cut_at_its_headings(tmp_path: Path) -> None:
    """Blocks stay apart, tables are said row by row, entities are decoded."""
    path = written(tmp_path / "page.html", PAGE)
    assert [locator for locator, _ in places(path)] == ["", "Poste fixe", "Poste fixe > Salaire"]
    before, post, pay = (text for _, text in places(path))
    assert before == "Avant"
    assert post.split("\n\n") == ["texte nu", "Premier bloc de", "texte", "un", "deux"]
    assert "Année: 2023; Brut: 30 k€" in pay
    assert "x = 1\n  y = 2" in pay
    assert parsed(path).title == "Offre d'emploi"


def test_what_is_not_seen_is_not_read(tmp_path: Path) -> None:
    """Scripts, styles, menus, comments and hidden text stay out."""
    said = " ".join(text for _, text in places(written(tmp_path / "page.html", PAGE)))
    assert not [word for word in ("alert", "color", "Accueil", "obey", "note") if word in said]


def test_the_declared_encoding_is_used(tmp_path: Path) -> None:
    """A page that says it is in cp1252 or Shift JIS is read as such."""
    french = '<meta charset="windows-1252"><p>coût élevé</p>'.encode("cp1252")
    japanese = '<meta charset="shift_jis"><p>日本語の文章</p>'.encode("shift_jis")
    assert places(written(tmp_path / "a.html", french)) == [("", "coût élevé")]
    assert places(written(tmp_path / "b.htm", japanese)) == [("", "日本語の文章")]


def test_deep_and_broken_pages_are_read(tmp_path: Path) -> None:
    """Tags that never close, a thousand levels of them, lose no text."""
    path = written(
        tmp_path / "deep.html", "<div>" * 200 + "au fond" + "<p>un<p>deux" + "<b>" * 1000 + "trois"
    )
    said = " ".join(text for _, text in places(path))
    assert all(word in said for word in ("au fond", "un", "deux", "trois"))


def test_xhtml_is_read_as_html(tmp_path: Path) -> None:
    """An XML declaration changes nothing."""
    page = '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><body><p>été</p></body></html>'
    assert places(written(tmp_path / "a.xhtml", page)) == [("", "été")]
