"""What a file is, from its bytes: a wrong extension gets a clear error instead of garbage in memory."""

from __future__ import annotations

import mmap
import re
from pathlib import Path
from typing import Final

from graphs.ingestion.parsing.errors import ParsingError
from graphs.ingestion.parsing.registry import Family

SAMPLE_BYTES: Final = 8192

OLE: Final = bytes.fromhex("D0CF11E0A1B11AE1")
"""Compound File Binary Format, [MS-CFB] 2.2: old Office files, and the envelope of encrypted new ones."""

_MAGIC: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x7fELF", "ELF"),
    (b"MZ\x90", "EXE"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"SQLite format 3\x00", "SQLite"),
    (b"{\\rtf", "RTF"),
    (OLE, "OLE"),
    (b"PK\x03\x04", "ZIP"),
    (b"PK\x05\x06", "ZIP"),
    (b"%PDF-", "PDF"),
)
_MAGIC_THAT_A_TEXT_MAY_HAVE: Final[tuple[tuple[bytes, str], ...]] = (
    (b"GIF8", "GIF"),
    (b"RIFF", "RIFF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"BZh", "bzip2"),
    (b"OggS", "Ogg"),
    (b"ID3", "MP3"),
)

_CONTROLS: Final = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
_OLD_OFFICE: Final[tuple[tuple[str, str], ...]] = (
    ("WordDocument", ".doc"),
    ("Workbook", ".xls"),
    ("PowerPoint Document", ".ppt"),
)


def check(path: Path, family: Family) -> None:
    """Raise ParsingError when the bytes of the file are not of the family that its suffix announces."""
    with path.open("rb") as file:
        sample = file.read(SAMPLE_BYTES)
    seen = _binary_kind(sample)
    if family == "text":
        if seen:
            raise ParsingError("unsupported", seen)
    elif family == "pdf":
        # Readers accept the header anywhere in the first 1024 bytes (ISO 32000-1, annex H, 3.4.1).
        if b"%PDF-" not in sample[:1024]:
            raise ParsingError("not_a_pdf", seen or "text")
    elif seen == "OLE":
        _refuse_ole(path)
    elif seen != "ZIP":
        raise ParsingError("corrupt", seen or "text")


def _binary_kind(sample: bytes) -> str:
    """The name of the binary format, "binary" when unknown, "" for text."""
    certain = _named(sample, _MAGIC)
    if certain or _looks_like_text(sample):
        return certain
    return _named(sample, _MAGIC_THAT_A_TEXT_MAY_HAVE) or ("MP4" if sample[4:8] == b"ftyp" else "binary")


def _named(sample: bytes, table: tuple[tuple[bytes, str], ...]) -> str:
    return next((name for magic, name in table if sample.startswith(magic)), "")


def _looks_like_text(sample: bytes) -> bool:
    """Few control bytes. NULs are every other byte of UTF-16, and a stray one does not make a text binary."""
    size = len(sample) or 1
    if len(_CONTROLS.findall(sample)) > 0.05 * size:
        return False
    nulls = sample.count(0)
    if nulls <= 0.01 * size or sample.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
        return True
    even = sample[::2].count(0)
    return max(even, nulls - even) > 0.9 * nulls


def _refuse_ole(path: Path) -> None:
    """Raise `unsupported` for an old Office file, `encrypted` otherwise ([MS-OFFCRYPTO] 1.3.2)."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find("EncryptedPackage".encode("utf-16-le")) < 0:
            for stream, suffix in _OLD_OFFICE:
                if content.find(stream.encode("utf-16-le")) >= 0:
                    raise ParsingError("unsupported", suffix)
    raise ParsingError("encrypted", "OLE")
