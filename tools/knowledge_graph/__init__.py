"""What the agent may do with the knowledge graph, and what may be run on it."""

GRAPH_TOOLS = frozenset(
    {"find_entity", "entity_neighbours", "documents_about", "path_between", "timeline", "query_graph"}
)
"""The names of the tools: they are offered where there is a graph to ask."""
