"""Projecting documents into the knowledge graph: by rules at once, by a model when one has the time."""
