"""Queries that the engine could not stop once they run: it looks at the time between steps only."""

from typing import Any, Final

from memory.knowledge.errors import QueryRefused

_MOST_LOOPS: Final = 4
"""Loops inside expressions in one query, none inside another; each may go through 100,000 elements."""


def refuse(jpype: Any, cypher: str) -> None:
    """Raise QueryRefused for `reduce`, for a loop inside a loop of an expression, and for many of them.

    Told by the engine's own lexer, so that comments, quotes and backticks mean what they mean there.
    """
    lexer = jpype.JClass("com.arcadedb.query.opencypher.grammar.Cypher25Lexer")
    text = jpype.JClass("org.antlr.v4.runtime.CharStreams").fromString(cypher)
    reader = lexer(text)
    reader.removeErrorListeners()
    kinds = [int(one.getType()) for one in reader.getAllTokens() if int(one.getChannel()) == 0]
    kinds = [one for one in kinds if one != int(lexer.SPACE)]
    if int(lexer.REDUCE) in kinds:
        raise QueryRefused("reduce() is not allowed here: it cannot be stopped")
    if _Loops(lexer, kinds).count() > _MOST_LOOPS:
        raise QueryRefused("too many loops over lists in one query: they cannot be stopped")


class _Loops:
    """Finds the comprehensions, and `all`, `any`, `none`, `single`, in the kinds of a query's tokens."""

    def __init__(self, lexer: Any, kinds: list[int]) -> None:
        self._kinds = kinds
        self._in = int(lexer.IN)
        self._list = int(lexer.LBRACKET)
        self._open = {self._list, int(lexer.LPAREN), int(lexer.LCURLY)}
        self._close = {int(lexer.RBRACKET), int(lexer.RPAREN), int(lexer.RCURLY)}
        self._body = {int(lexer.WHERE), int(lexer.BAR)}
        self._predicates = {int(lexer.ALL), int(lexer.ANY), int(lexer.NONE), int(lexer.SINGLE)}

    def count(self) -> int:
        """Return how many there are. Raises QueryRefused where one is inside another's body."""
        found = 0
        around: list[str] = []
        for at, kind in enumerate(self._kinds):
            if kind in self._open:
                loop = self._is_loop(at)
                if loop and "body" in around:
                    raise QueryRefused(
                        "a loop over a list inside another is not allowed: it cannot be stopped"
                    )
                found += loop
                around.append("loop" if loop else "")
            elif kind in self._close and around:
                around.pop()
            elif kind in self._body and around and around[-1] == "loop":
                around[-1] = "body"
        return found

    def _is_loop(self, at: int) -> bool:
        """Tell a loop from a comparison in brackets, which begins alike."""
        if self._kinds[at + 2 : at + 3] != [self._in]:
            return False
        return self._kinds[at] == self._list or (at > 0 and self._kinds[at - 1] in self._predicates)
