"""The command line: a client of the HTTP API, whether `souvenir serve` runs or not."""
