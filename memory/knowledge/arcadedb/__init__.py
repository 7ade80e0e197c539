"""The knowledge graph in this process: ArcadeDB in a Java machine, one database for each user."""

from memory.knowledge.arcadedb.graph import open_arcadedb

__all__ = ["open_arcadedb"]
