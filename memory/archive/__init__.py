"""The archive, source of truth of every memory: documents, conversations, the ledger of their projections.

`entities` says what it holds, `archive` opens it, `errors` says how it fails. Everything else Souvenir
remembers can be rebuilt from here.
"""
