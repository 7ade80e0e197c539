"""Language models: which one answers, in which order, within which limits."""
