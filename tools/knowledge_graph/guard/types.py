"""Types of values, as `IS ::` names them."""

from tools.knowledge_graph.guard.labels import LabelReader
from tools.knowledge_graph.guard.vocabulary import TYPE_WORDS


class TypeReader(LabelReader):
    """Reads types such as `INTEGER`, `LIST<STRING NOT NULL>`, `ZONED DATETIME | DATE`."""

    def type_name(self) -> None:
        """Read a type, or several joined by `|`."""
        self._one_type()
        while (
            self.is_symbol("|")
            and self.ahead().word in TYPE_WORDS
            and not (self.bar_ends and self.is_last_bar())
        ):
            self.read()
            self._one_type()

    def _one_type(self) -> None:
        if not self.is_word(*TYPE_WORDS):
            raise self.unexpected()
        while self.is_word(*TYPE_WORDS):
            listed = self.read().word in ("LIST", "ARRAY")
            if listed and self.skip_symbol("<"):
                with self.deeper():
                    self.type_name()
                self.need_symbol(">")
            self._zone()
        if self.ahead().word == "NULL":
            self.skip_word("NOT") and self.read()
        self.skip_symbol("!")

    def _zone(self) -> None:
        if self.ahead().word in ("TIME", "TIMEZONE"):
            self.skip_word("WITH", "WITHOUT")
