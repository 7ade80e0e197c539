"""Zip containers (DOCX, XLSX, PPTX), checked from their central directory before anything is unpacked.

Structures: PKWARE APPNOTE 6.3.10, 4.3.12 (central directory) and 4.3.16 (its end record).
"""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path
from typing import Final

from graphs.ingestion.parsing.errors import ParsingError

MAX_ENTRIES: Final = 10_000
MAX_DIRECTORY_BYTES: Final = 8 * 1024 * 1024
MAX_UNPACKED_BYTES: Final = 500 * 1024 * 1024
MAX_RATIO: Final = 200
"""Deflate reaches 1032; sheets of repeated cells, which are honest, stay under 100."""
RATIO_APPLIES_FROM_BYTES: Final = 8 * 1024 * 1024

_END: Final = b"PK\x05\x06"
_END_BYTES: Final = 22
_MAX_COMMENT_BYTES: Final = 65_535


def check(path: Path, folder: str) -> None:
    """Raise `zip_bomb` when the container is out of bounds, `corrupt` when it has nothing in `folder`."""
    _check_end_record(path)
    try:
        with zipfile.ZipFile(path) as container:
            entries = container.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as error:
        raise ParsingError("corrupt", str(error)) from error
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED_BYTES:
        raise ParsingError("zip_bomb", f"{len(entries)} entries, {unpacked} bytes unpacked")
    # The directory may lie about what is packed; the file cannot be smaller than that.
    ratio = unpacked / max(1, min(packed, path.stat().st_size))
    if unpacked > RATIO_APPLIES_FROM_BYTES and ratio > MAX_RATIO:
        raise ParsingError("zip_bomb", f"{unpacked} bytes unpacked from {packed}")
    if any(entry.flag_bits & 1 for entry in entries):
        raise ParsingError("encrypted", "zip encryption")
    if not any(entry.filename.startswith(folder) for entry in entries):
        raise ParsingError("corrupt", f"nothing in {folder}")


def _check_end_record(path: Path) -> None:
    """Bound the central directory before `zipfile` makes an object of each of its entries."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _END_BYTES - _MAX_COMMENT_BYTES))
        tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or at + _END_BYTES > len(tail):
        raise ParsingError("corrupt", "no end of central directory")
    entries, directory_bytes = struct.unpack_from("<HI", tail, at + 10)
    # 0xFFFF and 0xFFFFFFFF announce ZIP64, which no document of a sensible size needs.
    if entries > MAX_ENTRIES or directory_bytes > MAX_DIRECTORY_BYTES:
        raise ParsingError("zip_bomb", f"{entries} entries, {directory_bytes} bytes of directory")
