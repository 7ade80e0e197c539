"""A folder of files as an evaluation set: each is read and cut as ingestion does it."""

import asyncio
from pathlib import Path

from graphs.ingestion.discovery import discover
from graphs.ingestion.parsing.client import ParserPool, open_parser_pool
from graphs.ingestion.parsing.errors import ParsingError
from graphs.ingestion.splitting import split
from memory.long_term.language import detect
from server.composition import PARSER_MEMORY, PARSER_SECONDS, PARSER_WORKERS
from server.evaluation.sets import DOCUMENTS_USER, EvaluationError, Item, Piece

_SAMPLE_CHARS = 20_000
"""How much of a document its language is told from, as in ingestion."""


async def read_folder(folder: Path) -> list[Item]:
    """Read every document of the folder; its id is its path there, and its passages keep their places.

    Raises `EvaluationError`, with the file's name, when one cannot be read, or when there is none.
    """
    files = await asyncio.to_thread(lambda: list(discover([folder])) if folder.is_dir() else [])
    if not files:
        raise EvaluationError(f"{folder}: no document there")
    async with open_parser_pool(
        workers=PARSER_WORKERS, memory_bytes=PARSER_MEMORY, seconds=PARSER_SECONDS
    ) as parsers:
        return list(await asyncio.gather(*(_item(folder, file, parsers) for file in files)))


async def _item(folder: Path, file: Path, parsers: ParserPool) -> Item:
    name = file.relative_to(folder).as_posix()
    try:
        parsed = await parsers.parse(file)
    except ParsingError as error:
        raise EvaluationError(f"{file}: cannot be read ({error.code})") from error
    parts = tuple(Piece(name, part.text, locator=part.locator) for part in split(parsed))
    text = "\n\n".join(section.text for section in parsed.sections)[:_SAMPLE_CHARS]
    lang = await asyncio.to_thread(detect, text)
    return Item(name, DOCUMENTS_USER, parsed.title, parsed.media_type, parts, lang)
