"""The revisions of the archive's tables that this Souvenir knows, without importing Alembic to ask.

Opening an archive that is up to date is what happens at every start; it must not cost Alembic's import. A
test holds this list equal to the migration scripts.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True)
class Lineage:
    """Revisions, oldest first, and the folder of their scripts (Alembic's script location)."""

    revisions: tuple[str, ...]
    scripts: Path

    @property
    def head(self) -> str:
        """Return the newest revision."""
        return self.revisions[-1]


LINEAGE: Final = Lineage(
    revisions=("0001", "0002", "0003", "0004"), scripts=Path(__file__).parent / "migrations"
)
