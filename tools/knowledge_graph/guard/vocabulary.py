"""Words of Cypher: those that begin a clause, and those that are refused where a clause begins."""

from typing import Final

from tools.knowledge_graph.guard.errors import Rule


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


WRITING: Final = _words("CREATE MERGE SET DELETE DETACH NODETACH REMOVE FOREACH INSERT")

_REFUSED: Final[dict[Rule, str]] = {
    "writes": " ".join(WRITING),
    "load-csv": "LOAD",
    "prefix": "EXPLAIN PROFILE CYPHER USE",
    "administration": (
        "ALTER BACKUP BEGIN COMMIT DEALLOCATE DEFINE DENY DROP DRYRUN ENABLE GRANT REALLOCATE RENAME REVOKE"
        " ROLLBACK SESSION SHOW START STOP TERMINATE"
    ),
    "clause": "ELSE FILTER FINISH FOR LET NEXT SEARCH THEN USING WHEN YIELD",
}
REFUSED: Final[dict[str, Rule]] = {word: rule for rule, words in _REFUSED.items() for word in words.split()}
"""What rule a word breaks where a clause may begin; the same word may be a name elsewhere."""

ADMINISTERED: Final = _words(
    "ALIAS BTREE COMPOSITE CONSTRAINT DATABASE FULLTEXT IMMUTABLE INDEX LOOKUP OR POINT RANGE ROLE TEXT USER"
    " VECTOR"
)
"""What CREATE makes when it makes no part of the graph."""

WHY: Final[dict[Rule, str]] = {
    "writes": "Only read: leave out {word}, nothing may be created, changed or removed.",
    "load-csv": "Leave out {word}: only the graph may be read, no file and no address.",
    "prefix": "Begin with a reading clause such as MATCH: {word} is not allowed.",
    "administration": "Leave out {word}: only the graph's contents may be read, nothing may be administered.",
    "clause": (
        "Leave out {word}: use MATCH, WHERE, WITH, UNWIND, CALL {{…}}, UNION, RETURN, ORDER BY, SKIP, LIMIT."
    ),
}

OPERATORS: Final = frozenset(
    ["=", "<>", "!=", "<", ">", "<=", ">=", "=~", "+", "-", "*", "/", "%", "^", "||"]
)
OPERATOR_WORDS: Final = _words("AND OR XOR IN CONTAINS STARTS ENDS")
SUBQUERIES: Final = _words("EXISTS COUNT COLLECT")
PATH_WORDS: Final = _words("SHORTEST ANY ALL WALK TRAIL ACYCLIC PATH PATHS GROUP GROUPS")
SHORTEST: Final = _words("SHORTESTPATH ALLSHORTESTPATHS")
NORMAL_FORMS: Final = _words("NFC NFD NFKC NFKD")
TYPE_WORDS: Final = _words(
    "ANY ARRAY BOOL BOOLEAN DATE DATETIME DURATION EDGE FLOAT INT INTEGER LIST LOCAL MAP NODE NOTHING NULL"
    " PATH POINT PROPERTY RELATIONSHIP SIGNED STRING TIME TIMESTAMP TIMEZONE VALUE VARCHAR VERTEX"
    " ZONE ZONED"
)
