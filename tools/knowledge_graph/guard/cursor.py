"""A place in the tokens of a query, with what every reader of them needs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tools.knowledge_graph.guard.errors import QueryNotAllowed
from tools.knowledge_graph.guard.lexer import Token
from tools.knowledge_graph.guard.vocabulary import ADMINISTERED, REFUSED, WHY, WRITING

MAX_DEPTH = 48
"""Of brackets, subqueries and CASE in each other: what reads them calls itself no deeper."""

_CLOSES = {")": "(", "]": "[", "}": "{"}


class Cursor:
    """Reads tokens from left to right, once; no token is read twice, so time grows with their number."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._partner, self._last_bar = _brackets(tokens)

    @property
    def token(self) -> Token:
        """The next token."""
        return self._tokens[self._at]

    def ahead(self, count: int = 1) -> Token:
        """Return a token after the next one, without reading."""
        return self._tokens[min(self._at + count, len(self._tokens) - 1)]

    def before(self) -> Token:
        """Return the token that was read last; at the beginning, the next one."""
        return self._tokens[max(self._at - 1, 0)]

    def is_symbol(self, *symbols: str) -> bool:
        """Tell whether the next token is one of these symbols."""
        return self.token.kind == "symbol" and self.token.text in symbols

    def is_word(self, *words: str) -> bool:
        """Tell whether the next token is one of these words, whatever its case."""
        return self.token.word in words if self.token.word else False

    def is_name(self) -> bool:
        """Tell whether the next token can name something."""
        return self.token.kind in ("name", "quoted")

    def read(self) -> Token:
        """Read the next token."""
        token = self.token
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def skip_symbol(self, *symbols: str) -> bool:
        """Read the next token if it is one of these symbols, and tell."""
        found = self.is_symbol(*symbols)
        if found:
            self.read()
        return found

    def skip_word(self, *words: str) -> bool:
        """Read the next token if it is one of these words, and tell."""
        found = self.is_word(*words)
        if found:
            self.read()
        return found

    def need_symbol(self, symbol: str) -> None:
        """Read this symbol; without it the query is refused."""
        if not self.skip_symbol(symbol):
            raise self.unexpected()

    def need_word(self, word: str) -> None:
        """Read this word; without it the query is refused."""
        if not self.skip_word(word):
            raise self.unexpected()

    def need_name(self) -> Token:
        """Read a name; without it the query is refused."""
        if not self.is_name():
            raise self.unexpected()
        return self.read()

    def after_partner(self) -> Token:
        """Return the token that follows the bracket that closes the next token."""
        return self._tokens[self._partner[self._at] + 1]

    def between_lines(self) -> bool:
        """Tell whether the next token opens what a relationship says: `-[` … `]-`."""
        return self.is_symbol("[") and self.before().text == "-" and self.after_partner().text == "-"

    def is_last_bar(self) -> bool:
        """Tell whether the next token is the last `|` of its bracket."""
        return self._at in self._last_bar

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """Count one level of nesting while it is read."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise QueryNotAllowed(
                "too-deep", f"Write a simpler query: nothing may be nested more than {MAX_DEPTH} deep."
            )
        yield
        self._depth -= 1

    def unexpected(self) -> QueryNotAllowed:
        """Return the refusal of the next token, which has no place where it stands."""
        token = self.token
        if token.text == ";":
            return QueryNotAllowed("one-statement", "Write one statement only, and no semicolon inside it.")
        if token.word in REFUSED:
            return refused_word(token.word, self.ahead().word)
        if self.before().word in WRITING and token.kind != "symbol":
            return refused_word(self.before().word, token.word)
        what = (
            f"{token.text[:40]!r} at character {token.at + 1}"
            if token.kind != "end"
            else "the end of the query"
        )
        return QueryNotAllowed("not-cypher", f"Correct the query: {what} has no place there.")


def refused_word(word: str, following: str = "") -> QueryNotAllowed:
    """Return the refusal of a word that begins a clause which may not be used."""
    rule = REFUSED[word]
    if word == "CREATE" and following in ADMINISTERED:
        rule = "administration"
    return QueryNotAllowed(rule, WHY[rule].format(word=word))


def _brackets(tokens: Sequence[Token]) -> tuple[dict[int, int], set[int]]:
    """Return where each bracket closes, and the last `|` directly inside each."""
    partner: dict[int, int] = {}
    opened: list[int] = []
    bars: dict[int, int] = {}
    for at, token in enumerate(tokens):
        if token.kind != "symbol":
            continue
        if token.text in ("(", "[", "{"):
            opened.append(at)
        elif token.text in _CLOSES:
            if not opened or tokens[opened[-1]].text != _CLOSES[token.text]:
                raise _unbalanced(token)
            partner[opened.pop()] = at
        elif token.text == "|" and opened:
            bars[opened[-1]] = at
    if opened:
        raise _unbalanced(tokens[opened[-1]])
    return partner, set(bars.values())


def _unbalanced(token: Token) -> QueryNotAllowed:
    return QueryNotAllowed(
        "not-cypher", f"Correct the brackets: the {token.text!r} at character {token.at + 1} has no partner."
    )
