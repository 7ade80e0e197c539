"""Measuring retrieval on documents and questions with known answers, in a store of its own."""

from server.evaluation.retrieval import evaluate_retrieval
from server.evaluation.sets import EvaluationError

__all__ = ["EvaluationError", "evaluate_retrieval"]
