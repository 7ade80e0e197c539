"""Why a query is not run."""

from typing import Literal

Rule = Literal[
    "administration",
    "clause",
    "dynamic-label",
    "function",
    "label",
    "load-csv",
    "not-cypher",
    "one-statement",
    "path-length",
    "prefix",
    "procedure",
    "regular-expression",
    "relationship-type",
    "subquery",
    "too-deep",
    "too-long",
    "unicode-escape",
    "writes",
]


class QueryNotAllowed(Exception):
    """A query that is not run; `explanation` is one sentence for the model that wrote it."""

    def __init__(self, rule: Rule, explanation: str) -> None:
        super().__init__(f"{rule}: {explanation}")
        self.rule: Rule = rule
        self.explanation = explanation
