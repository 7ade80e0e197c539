"""From a file to passages in memory: discover, parse, split, commit, project."""
