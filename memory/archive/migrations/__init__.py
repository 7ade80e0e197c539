"""The history of the archive's tables, a file for each revision; `memory.archive.upgrade` runs it."""
