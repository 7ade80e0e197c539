"""Values in brackets: lists, maps, projections, indexes; what stands in them is read by those who inherit."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

from tools.knowledge_graph.guard.types import TypeReader


class ValueReader(TypeReader, ABC):
    """Reads what holds expressions: `[…]`, `{…}`, `x {…}`, `x[…]`, and `$x`, which holds none."""

    @abstractmethod
    def expression(self) -> None:
        """Read one expression."""

    def where(self) -> None:
        """Read WHERE and its expression, if they are there."""
        if self.skip_word("WHERE"):
            self.expression()

    def properties(self) -> None:
        """Read the properties in a node or relationship of a pattern, if it has any."""
        if self.is_symbol("{"):
            self.map_value()
        elif self.is_symbol("$"):
            self.parameter()

    def items(self, closer: str, *separators: str) -> None:
        """Read what a list or a call holds: values, `x IN list WHERE …`, `… | …`."""
        while not self.skip_symbol(closer):
            self.expression()
            self.where()
            if self.skip_symbol("|"):
                self.expression()
            if not (self.skip_symbol(",") or self.skip_word(*separators)):
                self.need_symbol(closer)
                return

    def list_value(self) -> None:
        """Read a list or a comprehension."""
        self.need_symbol("[")
        with self.deeper(), self.bars(True):
            self.items("]")

    def map_value(self) -> None:
        """Read a map."""
        self.need_symbol("{")
        with self.deeper(), self.bars(False):
            while not self.skip_symbol("}"):
                self.need_name()
                self.need_symbol(":")
                self.expression()
                if not self.skip_symbol(","):
                    self.need_symbol("}")
                    return

    def projection(self) -> None:
        """Read what a map takes of a variable."""
        self.need_symbol("{")
        with self.deeper(), self.bars(False):
            while not self.skip_symbol("}"):
                if self.skip_symbol("."):
                    if not self.skip_symbol("*"):
                        self.need_name()
                else:
                    self.need_name()
                    if self.skip_symbol(":"):
                        self.expression()
                if not self.skip_symbol(","):
                    self.need_symbol("}")
                    return

    def parameter(self) -> None:
        """Read a parameter."""
        self.need_symbol("$")
        if self.token.kind not in ("name", "quoted", "number"):
            raise self.unexpected()
        self.read()

    def index(self) -> None:
        """Read an index or a slice."""
        self.need_symbol("[")
        with self.deeper(), self.bars(False):
            if not self.is_symbol("..", "]"):
                self.expression()
            if self.skip_symbol("..") and not self.is_symbol("]"):
                self.expression()
            self.need_symbol("]")

    @contextmanager
    def bars(self, end: bool) -> Iterator[None]:
        """Say, while a bracket is read, whether its last `|` ends a label."""
        before, self.bar_ends = self.bar_ends, end
        yield
        self.bar_ends = before
