"""Acceptance: what Souvenir promises, seen from outside, through its processes, sockets and files."""
