"""Reading documents by rules: people, organisations, events and topics, where no model is asked."""

from graphs.extraction.rules.gazetteer import Gazetteer
from graphs.extraction.rules.reading import read_by_rules, written_by

__all__ = ["Gazetteer", "read_by_rules", "written_by"]
