"""Running conversations on a Redis server: each session one hash, core commands only."""
