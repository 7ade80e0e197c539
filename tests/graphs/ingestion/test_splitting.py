"""Splitting: no text is lost, no piece is too long, every piece knows its place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from graphs.ingestion.parsing.sections import Parsed, Section
from graphs.ingestion.splitting import Piece, split

WORDS = st.text(st.characters(exclude_categories=["Cs", "Z", "Cc"]), min_size=1, max_size=30)
BREAKS = st.sampled_from([" ", "\n", "\n\n", ". ", ", ", "\u00a0", "\u202f", "\t", " \n \n ", "; "])
TEXTS = st.lists(st.tuples(WORDS, BREAKS), max_size=60).map(lambda parts: "".join(w + b for w, b in parts))
SECTIONS = st.builds(
    Section,
    text=TEXTS,
    locator=st.sampled_from(
        ["page 1", "page 2", "A > B", "row 3", "row 4", "sheet S, row 5", "00:01:20 Zoé", ""]
    ),
    heading=st.sampled_from([(), ("A",), ("A", "B")]),
    atomic=st.booleans(),
)


def pieces(*sections: Section, chunk_chars: int = 200, overlap: int = 20) -> list[Piece]:
    """The pieces of a document of these sections."""
    return list(split(Parsed("T", "text/plain", sections), chunk_chars=chunk_chars, overlap=overlap))


@given(st.lists(SECTIONS, max_size=8), st.integers(60, 300), st.integers(0, 300))
def test_no_word_is_lost_and_no_piece_too_long(sections: list[Section], chunk: int, overlap: int) -> None:
    """Every word is whole in some piece, every piece fits, under a heading that the document has."""
    made = pieces(*sections, chunk_chars=chunk, overlap=overlap)
    assert all(0 < len(piece.text) <= chunk for piece in made)
    kept = {word for piece in made for word in piece.text.split()}
    assert {word for section in sections for word in section.text.split() if len(word) <= chunk} <= kept
    assert {piece.heading for piece in made} <= {section.heading for section in sections}


@given(st.text(min_size=1, max_size=3000).filter(str.strip))
def test_any_text_is_cut_without_loss(text: str) -> None:
    """Without overlap, the pieces are the text but for white space, whatever the text."""
    made = pieces(Section(text, ""), overlap=0)
    assert "".join("".join(piece.text.split()) for piece in made) == "".join(text.split())


def test_sections_of_one_place_are_joined() -> None:
    """Small neighbours of one heading become one piece; another place starts another piece."""
    made = pieces(Section("un", "A", ("A",)), Section("deux", "A", ("A",)), Section("trois", "B", ("B",)))
    assert made == [Piece("un\n\ndeux", "A", ("A",)), Piece("trois", "B", ("B",))]


def test_rows_keep_their_own_place() -> None:
    """A row is a piece; only tiny consecutive ones are joined, and say so."""
    long = "Poste: Loyer; Montant: 1200; Date: 2024-03-01; Payé: oui"
    made = pieces(
        Section(long, "sheet B, row 2", atomic=True),
        Section(long, "sheet B, row 3", atomic=True),
        Section("Café: 3", "sheet B, row 4", atomic=True),
        Section("Thé: 2", "sheet B, row 6", atomic=True),
        Section("Eau: 0", "sheet B, row 7", atomic=True),
        Section("Eau: 0", "sheet C, row 8", atomic=True),
    )
    assert [piece.locator for piece in made] == [
        "sheet B, row 2",
        "sheet B, row 3",
        "sheet B, rows 4-7",
        "sheet C, row 8",
    ]
    assert made[2].text == "Café: 3\nThé: 2\nEau: 0"


def test_cuts_fall_between_sentences() -> None:
    """A long paragraph is cut at the ends of its sentences, and neighbours overlap by whole sentences."""
    text = " ".join(f"Ceci est la phrase numéro {n}, qui dit peu." for n in range(20))
    made = pieces(Section(text, "page 1"), overlap=60)
    assert all(piece.text.startswith("Ceci") and piece.text.endswith("peu.") for piece in made)
    assert all(piece.locator == "page 1" for piece in made)
    assert made[0].text.rsplit("Ceci", 1)[1] in made[1].text
