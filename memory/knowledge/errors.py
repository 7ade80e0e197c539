"""What can go wrong with the knowledge graph, by name."""


class KnowledgeError(Exception):
    """Something about the knowledge graph failed; the message is for people, and holds no secret."""


class KnowledgeUnavailable(KnowledgeError):
    """The engine does not answer, or not in time; what waits in the ledger is tried again."""


class KnowledgeMisconfigured(KnowledgeUnavailable):
    """A setting is wrong; the message names it. Trying again does not help until it is changed."""


class QueryRefused(KnowledgeError):
    """The engine says that the query is not a plain read."""


class QueryFailed(KnowledgeError):
    """The engine cannot run the query; the message says why, for who wrote it."""


class QueryTooSlow(KnowledgeError):
    """The query did not end in its time and was stopped."""
