"""The knowledge graph on a Neo4j server: one database for all users, told apart by their `user`."""

from memory.knowledge.neo4j.graph import open_neo4j

__all__ = ["open_neo4j"]
