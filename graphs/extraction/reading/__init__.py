"""Reading documents by rules in a child process, so that nobody who talks waits for Python's lock.

`reader` is the parent's side, `worker` the child's; `wire` turns what they hand over into JSON and back.
"""
