"""Tests of `graphs/models`, against a scripted Ollama where models answer."""
