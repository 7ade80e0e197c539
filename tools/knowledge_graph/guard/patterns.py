"""Patterns, as MATCH and EXISTS { … } hold them, and how long their paths may be."""

import re

from tools.knowledge_graph.guard.errors import QueryNotAllowed
from tools.knowledge_graph.guard.expressions import ExpressionReader
from tools.knowledge_graph.guard.vocabulary import PATH_WORDS, SHORTEST

MAX_HOPS = 6
"""What a path of variable length may be at most."""

_COUNT = re.compile(r"[0-9]{1,4}")


class PatternReader(ExpressionReader):
    """Reads patterns; a path of variable length says how long it may be, and that is not long."""

    def patterns(self) -> None:
        """Read patterns separated by commas."""
        self._pattern()
        while self.skip_symbol(","):
            self._pattern()

    def begins_pattern(self) -> bool:
        """Tell whether what follows is a pattern and no clause."""
        named = self.is_name() and self.ahead().text == "="
        return named or self.is_symbol("(") or self.is_word(*SHORTEST, *PATH_WORDS)

    def relationship_details(self) -> None:
        """Read `[r:TYPE*1..3 {…} WHERE …]`."""
        self.need_symbol("[")
        with self.deeper(), self.bars(False):
            self._variable()
            self.relationship_types()
            if self.skip_symbol("*"):
                self._path_length()
            self.properties()
            self.where()
            self.need_symbol("]")

    def _pattern(self) -> None:
        if self.is_name() and self.ahead().text == "=":
            self.read()
            self.read()
        if self.is_word(*SHORTEST) and self.ahead().text == "(":
            self.read()
            self.need_symbol("(")
            self._path()
            self.need_symbol(")")
            return
        while self.skip_word(*PATH_WORDS):
            if self.token.kind == "number":
                self.read()
        self._path()

    def _path(self) -> None:
        while True:
            if self._is_group():
                self._group()
            else:
                self._chain()
            if not self.is_symbol("("):
                return

    def _is_group(self) -> bool:
        return self.is_symbol("(") and (self.ahead().text == "(" or self.ahead(2).text == "=")

    def _group(self) -> None:
        self.need_symbol("(")
        with self.deeper(), self.bars(False):
            self._pattern()
            self.where()
            self.need_symbol(")")
        self._quantifier()

    def _chain(self) -> None:
        self._node()
        while self.is_symbol("-", "<"):
            self._relationship()
            self._quantifier()
            if self._is_group():
                return
            self._node()

    def _node(self) -> None:
        self.need_symbol("(")
        with self.deeper(), self.bars(False):
            self._variable()
            self.node_labels()
            self.properties()
            self.where()
            self.need_symbol(")")

    def _variable(self) -> None:
        named_is = self.is_word("IS") and self.ahead().kind in ("name", "quoted")
        if self.is_name() and not self.is_word("WHERE") and not named_is:
            self.read()

    def _relationship(self) -> None:
        self.skip_symbol("<")
        self.need_symbol("-")
        if self.is_symbol("["):
            self.relationship_details()
        self.need_symbol("-")
        self.skip_symbol(">")

    def _path_length(self) -> None:
        """Read what follows `*` in a relationship: `2`, `1..3`, `..3`."""
        most = self._count()
        if self.skip_symbol(".."):
            most = self._count()
        self._require_short(most)

    def _quantifier(self) -> None:
        """Read `{2}`, `{1,3}` or `{,3}` after a part of a path, if it is there."""
        if self.is_symbol("+", "*"):
            self._require_short(None)
        if self.skip_symbol("{"):
            most = self._count()
            if self.skip_symbol(","):
                most = self._count()
            self._require_short(most)
            self.need_symbol("}")

    def _count(self) -> int | None:
        if self.token.kind != "number":
            return None
        text = self.read().text
        return int(text) if _COUNT.fullmatch(text) else MAX_HOPS + 1

    def _require_short(self, most: int | None) -> None:
        if most is None or most > MAX_HOPS:
            raise QueryNotAllowed(
                "path-length", f"Bound every path of variable length, and by {MAX_HOPS} at most, as in *1..3."
            )
