"""Child processes for work on untrusted input: spawned, with limits, asked line by line, killed by handle.

`pool` and `child` are the parent's side, `serving` and `sandbox` the child's. What a child does is a module
of its own, which hands what answers a request to `serving.serve`.
"""
