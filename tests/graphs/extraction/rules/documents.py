"""Documents as the archive holds them, made of short texts."""

from datetime import UTC, datetime

from memory.archive.entities import Chunk, Document

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def document(
    *texts: str,
    lang: str = "en",
    title: str = "Notes",
    uri: str = "file:///notes.txt",
    media_type: str = "text/plain",
    locators: tuple[str, ...] = (),
) -> tuple[Document, list[Chunk]]:
    """Return a document with one chunk per text."""
    whole = Document(
        "d1", "ada", uri, title, media_type, lang, "sha256:0", 1, "\n\n".join(texts), NOW, NOW, len(texts)
    )
    places = locators or ("lines 1-20",) * len(texts)
    chunks = [
        Chunk(f"c{number}", "d1", "ada", number, text, place, lang)
        for number, (text, place) in enumerate(zip(texts, places, strict=True))
    ]
    return whole, chunks
