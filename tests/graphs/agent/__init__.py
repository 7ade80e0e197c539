"""Tests of `graphs/agent`, against a scripted Ollama where models answer."""
