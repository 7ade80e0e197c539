"""Reading files from outside: one small module per format, run in a child process with limits.

`client` is the parent's side (a pool of children), `worker` the child's; `reading` is what a child does
with one file. The parent's event loop never touches the bytes of a file.
"""
