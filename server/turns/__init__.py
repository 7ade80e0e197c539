"""Turns above the graph: who runs them, who listens to them, and how they end."""

from server.turns.broadcast import Event
from server.turns.checkpoints import Checkpoints
from server.turns.errors import Ending, QuestionRefused, UnknownCheckpoint, UnknownThread, UnknownTurn
from server.turns.execution import Execution, Place
from server.turns.runner import MAX_QUESTION_CHARS, TurnRunner

__all__ = [
    "MAX_QUESTION_CHARS",
    "Checkpoints",
    "Ending",
    "Event",
    "Execution",
    "Place",
    "QuestionRefused",
    "TurnRunner",
    "UnknownCheckpoint",
    "UnknownThread",
    "UnknownTurn",
]
