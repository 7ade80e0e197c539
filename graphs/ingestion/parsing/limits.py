"""How large a file, and what is read from it, may be."""

from __future__ import annotations

from typing import Final

MAX_FILE_BYTES: Final = 200 * 1024 * 1024
MAX_CHARS: Final = 20_000_000
"""Characters of text from one file."""
MAX_SECTIONS: Final = 500_000
"""Sections from one file: a million-row sheet of tiny rows would pass the cap on characters."""
