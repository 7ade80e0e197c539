"""The guard: whether a query that a language model wrote may be run on the knowledge graph.

A query is read from its first character to its last by a small grammar of clauses that read; what the
grammar does not have is refused, by the rule that it breaks. So nothing is looked for in the text: `SET` in a
string, a comment, a property or an alias is no clause, and one written between comments, in any case, is.

What it stops: writing, administration, procedures, functions that are not listed, files and addresses, other
graphs, several statements, paths without a short bound, regular expressions that go back and try again,
labels and types that are not in the ontology, escapes and characters that engines read differently, texts too
long or too deeply nested to be read safely.

What it leaves to the engine's limits of time, memory, rows and bytes, since only running tells: products of
patterns that share nothing, long `range`s and nested `UNWIND`s, texts that double with every step
(`s + s`), many bounded paths in one query. And to its refusal of
writing when reading, which is a second wall: each must hold alone. It does not separate people either:
`memory.knowledge.protocol.KnowledgeGraph.alone` says where a query can reach one graph only.
"""

from collections.abc import Collection

from memory.knowledge.ontology import LABELS, RELATIONSHIP_TYPES
from tools.knowledge_graph.guard.clauses import StatementReader
from tools.knowledge_graph.guard.errors import QueryNotAllowed, Rule
from tools.knowledge_graph.guard.lexer import BLANKS, tokens

__all__ = ["MAX_CHARS", "QueryNotAllowed", "Rule", "guarded"]

MAX_CHARS = 4_000


def guarded(
    cypher: str,
    *,
    labels: Collection[str] | None = LABELS,
    types: Collection[str] | None = RELATIONSHIP_TYPES,
) -> str:
    """Return the query to run, without blanks around it and without its semicolon.

    `labels` and `types` are those that it may name; None allows any. Raises `QueryNotAllowed` and nothing
    else, in a time that grows with the length of the text.
    """
    if len(cypher) > MAX_CHARS:
        raise QueryNotAllowed("too-long", f"Write a shorter query: {MAX_CHARS} characters at most.")
    reader = StatementReader(tokens(cypher), labels, types)
    return cypher[: reader.statement()].strip(BLANKS)
