"""Benchmarks: measured on demand, reported in docs/benchmarks.md."""
