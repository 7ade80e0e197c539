"""What a document says, as facts for the knowledge graph: by rules, and by a model where there is one."""
