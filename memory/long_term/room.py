"""Room on the disk for the long-term index.

The engine writes through sparse files that are mapped into memory: where the disk has no block left for
a page, the system ends the whole process (SIGBUS, mmap(2)), and nothing can catch that. So room is asked
for before each write; other programs may still take it meanwhile, but not by accident the last of it.
"""

import shutil
from pathlib import Path
from typing import Final

from memory.long_term.errors import IndexFull

MEGABYTE: Final = 1024**2
TO_OPEN: Final = 48 * MEGABYTE
"""What opening an index may write: measured 29 MB for a small one on a tmpfs, which has few sparse files."""
TO_WRITE: Final = 64 * MEGABYTE
"""A segment of the engine's log (32 MB), and the pages of one group of documents."""


def require(folder: Path, wanted: int) -> None:
    """Raise `IndexFull` when the disk that holds `folder` has less than `wanted` bytes free."""
    place = folder
    while not place.exists():
        place = place.parent
    if shutil.disk_usage(place).free < wanted:
        raise IndexFull(
            f"less than {wanted // MEGABYTE} MB are free for the long-term index {folder}: free some space"
        )
