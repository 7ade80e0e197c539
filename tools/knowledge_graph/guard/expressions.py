"""Expressions: anything that gives a value, patterns among them; every word is an operand or joins two.

Two operands never follow each other, so a clause that hides where a value is expected (`WITH DELETE n`)
is a name and then something that has no place. Precedence does not matter for reading, so there is none.
"""

from abc import abstractmethod
from collections.abc import Callable

from tools.knowledge_graph.guard.cursor import refused_word
from tools.knowledge_graph.guard.errors import QueryNotAllowed
from tools.knowledge_graph.guard.functions import FUNCTIONS
from tools.knowledge_graph.guard.lexer import Token
from tools.knowledge_graph.guard.regexes import require_tame
from tools.knowledge_graph.guard.values import ValueReader
from tools.knowledge_graph.guard.vocabulary import (
    NORMAL_FORMS,
    OPERATOR_WORDS,
    OPERATORS,
    SUBQUERIES,
    WRITING,
)


class ExpressionReader(ValueReader):
    """Reads an expression; what only a clause or a pattern can hold is read by those who inherit."""

    @abstractmethod
    def subquery(self) -> None:
        """Read `{ … }` after EXISTS, COUNT or COLLECT."""

    @abstractmethod
    def relationship_details(self) -> None:
        """Read `[ … ]` between the lines of a relationship."""

    def expression(self) -> None:
        """Read operands and what joins them."""
        self._operand()
        while self._skip_operator():
            self._operand()

    def _skip_operator(self) -> bool:
        if self.is_word("STARTS", "ENDS"):
            self.read()
            self.need_word("WITH")
            return True
        return self._skip_comparison() or self.skip_word(*OPERATOR_WORDS)

    def _skip_comparison(self, *symbols: str) -> bool:
        matches = self.is_symbol("=~")
        found = self.skip_symbol(*(symbols or OPERATORS))
        if found and matches:
            require_tame(self.token, self.ahead())
        return found

    def _operand(self) -> None:
        self._signs()
        readers: dict[str, Callable[[], None]] = {
            "$": self.parameter,
            "(": self._parentheses,
            "[": self.relationship_details if self.between_lines() else self.list_value,
            "{": self.map_value,
        }
        if self.token.kind in ("number", "string"):
            self.read()
        elif self.is_name():
            self._named()
        elif self.token.text in readers:
            readers[self.token.text]()
        else:
            raise self.unexpected()
        self._postfixes()

    def _signs(self) -> None:
        """Read NOT, signs, and the head of an arrow: `(a)-->(b)` is read as a difference."""
        while self.skip_word("NOT"):
            pass
        while self.is_symbol("+", "-") or self._is_arrow_head():
            self.read()

    def _is_arrow_head(self) -> bool:
        return self.is_symbol(">") and self.before().text == "-" and self.ahead().text == "("

    def _named(self) -> None:
        if self.is_word("CASE"):
            self._case()
        elif self.is_word(*SUBQUERIES) and self.ahead().text == "{":
            self.read()
            self.subquery()
        else:
            self._variable_or_call()

    def _variable_or_call(self) -> None:
        names = [self.read()]
        while self.is_symbol(".") and self.ahead().kind in ("name", "quoted"):
            self.read()
            names.append(self.read())
        if self.is_symbol("("):
            self._call(names)
        elif len(names) == 1 and names[0].word in WRITING and self.is_symbol("[", "{", "+", "-"):
            # `RETURN DISTINCT DELETE [n][0]`: were DISTINCT a name, this would be a clause.
            raise refused_word(names[0].word)
        elif len(names) == 1 and self.is_symbol("{"):
            self.projection()

    def _call(self, names: list[Token]) -> None:
        name = ".".join(one.name for one in names).lower()
        if name not in FUNCTIONS:
            if len(names) == 1 and names[0].word in WRITING:
                raise refused_word(names[0].word)
            raise QueryNotAllowed("function", f"Do without the function {name[:60]!r}: it may not be called.")
        self.need_symbol("(")
        with self.deeper(), self.bars(name == "reduce"):
            if name == "count" and self.skip_symbol("*"):
                self.need_symbol(")")
                return
            if name == "trim":
                self.skip_word("BOTH", "LEADING", "TRAILING")
            self.skip_word("DISTINCT")
            self.items(")", *(["FROM"] if name == "trim" else []))

    def _parentheses(self) -> None:
        """Read an expression in parentheses or a node of a pattern, which may stand wherever a value may."""
        connected = self.before().text in ("-", ">") or self.ahead(2).text in ("-", "<")
        self.need_symbol("(")
        if self.is_symbol(")") and not connected:
            raise self.unexpected()
        with self.deeper(), self.bars(False):
            if self.is_symbol(":"):
                self.node_labels()
            elif not (self.is_symbol(")") or self.is_word("WHERE")):
                self.expression()
            self.properties()
            self.where()
            self.need_symbol(")")

    def _case(self) -> None:
        self.need_word("CASE")
        with self.deeper():
            if not self.is_word("WHEN"):
                self.expression()
            self.need_word("WHEN")
            self._alternative()
            while self.skip_word("WHEN"):
                self._alternative()
            if self.skip_word("ELSE"):
                self.expression()
            self.need_word("END")

    def _alternative(self) -> None:
        while True:
            if self.is_word("IS") and self.ahead().text != ".":
                self._postfixes()
            else:
                self._skip_comparison("=", "<>", "<", ">", "<=", ">=", "=~")
                self.expression()
            if not self.skip_symbol(","):
                break
        self.need_word("THEN")
        self.expression()

    def _postfixes(self) -> None:
        while True:
            if self.skip_symbol("."):
                name = self.need_name()
                if self.is_symbol("("):
                    self._call([name])
            elif self.is_symbol("["):
                self.index()
            elif self.skip_symbol(":"):
                self.label_predicate()
            elif self.skip_symbol("::"):
                self.type_name()
            elif self.skip_word("IS"):
                self._is()
            else:
                return

    def _is(self) -> None:
        negated = self.skip_word("NOT")
        if self.skip_word("NULL", "NORMALIZED"):
            return
        if self.skip_word("TYPED") or self.skip_symbol("::"):
            self.type_name()
        elif self.skip_word(*NORMAL_FORMS):
            self.need_word("NORMALIZED")
        elif negated:  # NOT would be a label, and what follows a clause
            raise self.unexpected()
        else:
            self.label_predicate()
