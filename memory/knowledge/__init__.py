"""The knowledge graph: who, with whom, about what and when, behind one protocol on two engines."""
