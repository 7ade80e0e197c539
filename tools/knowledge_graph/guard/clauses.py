"""Clauses: the few that read. A word that begins another one is refused where a clause may begin."""

from collections.abc import Callable

from tools.knowledge_graph.guard.errors import QueryNotAllowed
from tools.knowledge_graph.guard.patterns import PatternReader


class StatementReader(PatternReader):
    """Reads one statement from its first token to its last; whatever is not read is refused."""

    def statement(self) -> int:
        """Read it all, and return where it ends: at its semicolon, or at the end of the text."""
        self._query()
        end = self.token.at
        if self.skip_symbol(";") and self.token.kind != "end":
            raise QueryNotAllowed(
                "one-statement", "Write one statement only: nothing may follow its semicolon."
            )
        if self.token.kind != "end":
            raise self.unexpected()
        return end

    def subquery(self) -> None:
        """Read `{ … }` after EXISTS, COUNT or COLLECT: a pattern, or clauses."""
        self._in_braces(self._patterns_or_query)

    def _patterns_or_query(self) -> None:
        if self.begins_pattern():
            self.patterns()
            self.where()
        else:
            self._query()

    def _in_braces(self, read: Callable[[], None]) -> None:
        self.need_symbol("{")
        with self.deeper(), self.bars(False):
            read()
            self.need_symbol("}")

    def _query(self) -> None:
        self._clauses()
        while self.skip_word("UNION"):
            self.skip_word("ALL", "DISTINCT")
            self._clauses()

    def _clauses(self) -> None:
        self._clause()
        while not (self.token.kind == "end" or self.is_symbol("}", ";") or self.is_word("UNION")):
            self._clause()

    def _clause(self) -> None:
        readers: dict[str, Callable[[], None]] = {
            "MATCH": self._match,
            "OPTIONAL": self._optional,
            "WHERE": self.where,
            "WITH": self._projected,
            "RETURN": self._projected,
            "ORDER": self._order,
            "SKIP": self._amount,
            "OFFSET": self._amount,
            "LIMIT": self._amount,
            "UNWIND": self._unwind,
            "CALL": self._call_subquery,
        }
        if self.token.word not in readers:
            raise self.unexpected()
        readers[self.token.word]()

    def _match(self) -> None:
        self.need_word("MATCH")
        if self.ahead().word in ("ELEMENT", "ELEMENTS", "RELATIONSHIP", "RELATIONSHIPS"):
            self.skip_word("REPEATABLE", "DIFFERENT") and self.read()
            self.skip_word("BINDINGS")
        self.patterns()

    def _optional(self) -> None:
        self.need_word("OPTIONAL")
        if self.is_word("CALL"):
            self._call_subquery()
        else:
            self._match()

    def _projected(self) -> None:
        """Read WITH or RETURN and what they hand on; what orders and cuts it is read as clauses."""
        self.read()
        if self.ahead().text != "(":
            self.skip_word("ALL")
        self.skip_word("DISTINCT")
        self._projected_item()
        while self.skip_symbol(","):
            self._projected_item()

    def _projected_item(self) -> None:
        if self.skip_symbol("*"):
            return
        self.expression()
        if self.skip_word("AS"):
            self.need_name()

    def _order(self) -> None:
        self.need_word("ORDER")
        self.need_word("BY")
        while True:
            self.expression()
            self.skip_word("ASC", "ASCENDING", "DESC", "DESCENDING")
            if not self.skip_symbol(","):
                return

    def _amount(self) -> None:
        self.read()
        self.expression()

    def _unwind(self) -> None:
        self.need_word("UNWIND")
        self.expression()
        self.need_word("AS")
        self.need_name()

    def _call_subquery(self) -> None:
        self.need_word("CALL")
        if self.is_symbol("(") and self.after_partner().text == "{":
            self._scope()
        if not self.is_symbol("{"):
            raise QueryNotAllowed(
                "procedure", "Call no procedure: read the graph with MATCH, by the schema you know."
            )
        self._in_braces(self._query)
        if self.is_word("IN"):
            raise QueryNotAllowed(
                "subquery", "Leave out IN TRANSACTIONS: a query runs in one transaction that reads."
            )

    def _scope(self) -> None:
        self.need_symbol("(")
        while not self.skip_symbol(")"):
            if not self.skip_symbol("*"):
                self.need_name()
            if not self.skip_symbol(","):
                self.need_symbol(")")
                return
