"""The knowledge graph's place: documents wait for it in the ledger, as `pending`."""

NOT_BUILT = "the knowledge graph is not part of this version yet"
