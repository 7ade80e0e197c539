"""What the agent may do: search its memory and read a document."""
