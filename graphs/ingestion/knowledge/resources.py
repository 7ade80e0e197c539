"""What the knowledge graph is filled with."""

from dataclasses import dataclass

from graphs.extraction.model import ModelReader
from graphs.extraction.reading.reader import RulesReader
from graphs.extraction.unlooked import Unlooked
from memory.knowledge.protocol import KnowledgeGraph


@dataclass(frozen=True, slots=True)
class Understanding:
    """A graph, who reads documents for it, and what is still to be looked at again."""

    graph: KnowledgeGraph
    unlooked: Unlooked
    rules: RulesReader
    model: ModelReader | None = None
    """None where no route names one: then rules alone read."""
