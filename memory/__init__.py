"""What Souvenir remembers: four kinds of memory, one folder each; only the archive is the source of truth."""
