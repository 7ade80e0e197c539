"""Short-term memory: the running conversation, as LangGraph checkpoints."""
