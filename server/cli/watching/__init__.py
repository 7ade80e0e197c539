"""Watching folders for `souvenir ingest --watch`: what is there, what rings when it changes, what to do then.

`survey` looks at the folders; `changes` compares what it sees with what was taken in; `bell` rings when
something may have changed, so that one looks again; `watcher` is the loop, a client of the API.
What counts is always what a survey sees: a ring that is missed or one too many does no harm.
"""
