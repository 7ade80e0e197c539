"""What recall weighs for a question, kept for a closer look; and folders of files as sets."""

from __future__ import annotations

from pathlib import Path

import pytest

from memory.long_term.errors import EmbedderUnavailable
from server.evaluation.candidates import Weighed, weigh
from server.evaluation.files import read_folder
from server.evaluation.sets import DOCUMENTS_USER, EvaluationError
from server.settings import Settings
from tests.ollama_double import Fault, Model, OllamaDouble
from tests.server.test_evaluation import DOCUMENTS, NO_EMBEDDER, QUESTIONS, TURNS, write

MODEL = "nomic-embed-text"


async def weighed(folder: Path, url: str, documents: Path | None = None) -> Weighed:
    """Weigh the small set, or other documents."""
    files = documents or write(folder / "documents.jsonl", DOCUMENTS)
    questions = write(folder / "questions.jsonl", QUESTIONS)
    return await weigh(Settings(data_dir=folder / "data", ollama_url=url), files, questions)


async def test_each_candidate_has_its_signals_and_its_document(tmp_path: Path) -> None:
    """By words alone: the best has all of them, meaning is unknown, and why is said."""
    found = await weighed(tmp_path, NO_EMBEDDER)
    crane = found.asked[0].candidates[0]
    assert (crane.piece, crane.signals.words, crane.signals.meaning) == ("crane", 1.0, 0.0)
    assert crane.signals.same_language
    assert 0 < crane.signals.focus <= 1
    assert found.embedder is None
    assert found.degraded == {f"ollama:{MODEL}": "connection refused"}
    assert not (tmp_path / "data").exists()


async def test_with_an_embedder_meaning_is_among_them(tmp_path: Path) -> None:
    """Every candidate has its cosine; nothing is degraded; the model is named."""
    with OllamaDouble(Model(MODEL, dimension=64)) as ollama:
        found = await weighed(tmp_path, ollama.url)
    assert found.embedder == f"ollama:{MODEL} (64 dimensions)"
    assert not found.degraded
    candidates = [candidate for one in found.asked for candidate in one.candidates]
    assert all(candidate.passage.legs.dense is not None for candidate in candidates)
    assert found.asked[0].candidates[0].signals.meaning > 0


async def test_each_leg_alone_is_ranked_before_anything_is_weighed(tmp_path: Path) -> None:
    """By words only what shares one; by meaning all that is near, and nothing without an embedder."""
    with OllamaDouble(Model(MODEL, dimension=64)) as ollama:
        found = await weighed(tmp_path, ollama.url)
    bread = found.asked[1].legs
    assert bread.words == ("bread",)
    assert bread.meaning[0] == "bread"
    assert set(bread.meaning) == {row["doc_id"] for row in DOCUMENTS}
    assert (await weighed(tmp_path, NO_EMBEDDER)).asked[1].legs.meaning == ()


async def test_they_stand_in_the_order_of_the_weights(tmp_path: Path) -> None:
    """Scoring the signals again gives recall's own order, so what is measured is what Souvenir does."""
    with OllamaDouble(Model(MODEL, dimension=64)) as ollama:
        found = await weighed(tmp_path, ollama.url)
    for one in found.asked:
        scores = [found.weights.score(candidate.signals) for candidate in one.candidates]
        assert scores == sorted(scores, reverse=True)
    assert any(len(one.candidates) > 1 for one in found.asked)


async def test_a_conversation_is_weighed_turn_by_turn(tmp_path: Path) -> None:
    """Who is named in the question counts for what they said."""
    questions = [{"id": "1", "conv_id": "a", "question": "What did John climb?", "evidence": ["D1:3"]}]
    found = await weigh(
        Settings(data_dir=tmp_path / "data", ollama_url=NO_EMBEDDER),
        write(tmp_path / "turns.jsonl", TURNS),
        write(tmp_path / "questions.jsonl", questions),
    )
    said = {candidate.piece: candidate.signals.said_by_named for candidate in found.asked[0].candidates}
    assert said["D1:3"]
    assert not said.get("D1:2")


async def test_an_embedder_that_stops_on_the_way_is_named(tmp_path: Path) -> None:
    """Half a measurement is none: the error says why."""
    with OllamaDouble(Model(MODEL, dimension=64)) as ollama:
        ollama.fault(MODEL, Fault("missing", on="/api/embed", when="crane was"))
        with pytest.raises(EmbedderUnavailable, match="not installed"):
            await weighed(tmp_path, ollama.url)


async def test_a_folder_is_read_as_ingestion_reads_it(tmp_path: Path) -> None:
    """Each document has its path as id, its title, its language, and passages that know their place."""
    folder = tmp_path / "folder"
    (folder / "fr").mkdir(parents=True)
    (folder / "fr" / "regles.md").write_text(
        "# Règlement\n\nLes congés sont longs.\n\n## Chiens\n\nLe vendredi."
    )
    (folder / "call.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:04.000\n<v Ann>We meet on Monday.\n")
    call, rules = await read_folder(folder)
    assert (rules.id, rules.user, rules.title, rules.lang) == (
        "fr/regles.md",
        DOCUMENTS_USER,
        "Règlement",
        "fr",
    )
    assert [(piece.id, piece.locator) for piece in rules.pieces] == [
        ("fr/regles.md", "Règlement"),
        ("fr/regles.md", "Règlement > Chiens"),
    ]
    assert [piece.locator for piece in call.pieces] == ["00:00:01 Ann"]


async def test_places_of_a_folder_are_kept(tmp_path: Path) -> None:
    """They are shown, and count among the words, as in a person's memory."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "crane.md").write_text("# Harbour\n\n## Crane\n\nIt was repaired in March.")
    found = await weighed(tmp_path, NO_EMBEDDER, folder)
    best = found.asked[0].candidates[0]
    assert (best.piece, best.passage.locator) == ("crane.md", "Harbour > Crane")


@pytest.mark.parametrize("content", [None, b"%PDF-1.7 not really"])
async def test_a_folder_that_cannot_be_used_is_one_line(tmp_path: Path, content: bytes | None) -> None:
    """Empty, or with a file that cannot be read: which one."""
    if content:
        (tmp_path / "report.pdf").write_bytes(content)
    with pytest.raises(EvaluationError, match=r"report\.pdf" if content else "no document") as caught:
        await read_folder(tmp_path)
    assert "\n" not in str(caught.value)
