"""Long-term memory: passages of documents and past turns, found again by their words."""
