"""Embedding models: texts into vectors, in batches, with every answer verified."""
