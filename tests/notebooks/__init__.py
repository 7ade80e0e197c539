"""The notebooks, run as a reader runs them."""
