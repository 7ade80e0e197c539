"""Answers of models to questions that depend on no conversation, kept in Redis for a few days."""
