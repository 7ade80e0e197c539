"""The agent: one turn of a conversation, as a graph."""
