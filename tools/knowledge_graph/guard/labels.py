"""Labels and relationship types: only those of the ontology, and only by name."""

from collections.abc import Collection, Sequence

from tools.knowledge_graph.guard.cursor import Cursor
from tools.knowledge_graph.guard.errors import QueryNotAllowed, Rule
from tools.knowledge_graph.guard.lexer import Token

_WHAT: dict[Rule, str] = {"label": "labels", "relationship-type": "relationship types"}


class LabelReader(Cursor):
    """Reads what stands after `:` or IS: `A`, `A|B`, `A&!B`, `(A|B)`, `%`."""

    def __init__(
        self, tokens: Sequence[Token], labels: Collection[str] | None, types: Collection[str] | None
    ) -> None:
        super().__init__(tokens)
        self._labels = labels
        self._types = types
        self.bar_ends = False
        """The last `|` of the bracket that is being read belongs to no label: `[n IN x WHERE n:A | n]`."""

    def node_labels(self) -> None:
        """Read the labels in a node of a pattern, if it has any."""
        if self.skip_symbol(":") or self._skip_is():
            self._label_expression(self._labels, "label")

    def relationship_types(self) -> None:
        """Read the types in a relationship of a pattern, if it has any."""
        if self.skip_symbol(":") or self._skip_is():
            self._label_expression(self._types, "relationship-type")

    def label_predicate(self) -> None:
        """Read what is asked of a variable, which may be a node or a relationship."""
        either = None if self._labels is None or self._types is None else {*self._labels, *self._types}
        self._label_expression(either, "label")

    def _skip_is(self) -> bool:
        following = self.ahead()
        return (
            following.kind in ("name", "quoted") or following.text in ("!", "(", "%", "$")
        ) and self.skip_word("IS")

    def _label_expression(self, known: Collection[str] | None, rule: Rule) -> None:
        self._label_term(known, rule)
        while True:
            if self.is_symbol("|") and not (self.bar_ends and self.is_last_bar()):
                self.read()
                self.skip_symbol(":")
            elif not self.skip_symbol("&", ":"):
                return
            self._label_term(known, rule)

    def _label_term(self, known: Collection[str] | None, rule: Rule) -> None:
        while self.skip_symbol("!"):
            pass
        if self.is_symbol("$"):
            raise QueryNotAllowed(
                "dynamic-label", "Write labels and types by name: they cannot be computed with $."
            )
        if self.skip_symbol("%"):
            return
        if self.skip_symbol("("):
            with self.deeper():
                self._label_expression(known, rule)
            self.need_symbol(")")
            return
        name = self.need_name().name
        if known is not None and name not in known:
            raise QueryNotAllowed(
                rule, f"Use only the {_WHAT[rule]} {', '.join(sorted(known))}: there is no {name[:40]!r}."
            )
