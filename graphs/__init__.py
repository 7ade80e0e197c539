"""How work flows: the agent graph, the ingestion graph, and the models that they call."""
