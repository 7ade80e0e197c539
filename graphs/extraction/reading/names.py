"""The names that a graph knows already, as they are handed to who reads."""

from dataclasses import dataclass

from memory.knowledge.facts import Entity


@dataclass(frozen=True, slots=True)
class Names:
    """What to look for in the texts of a user; two of one user and one version are the same names."""

    user: str
    version: int
    entities: tuple[Entity, ...]
    """In any order."""
