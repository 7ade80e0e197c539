"""Studio, driven as its page drives it."""
