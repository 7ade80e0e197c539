"""Cypher text as tokens, read as Neo4j's and ArcadeDB's lexers read it; what cannot be read is refused.

Both engines read the same tokens (one grammar, `Cypher5Lexer` and `Cypher25Lexer`). Where versions could
differ, the text is refused rather than guessed: escapes of characters by number, which Neo4j up to Cypher 5
decodes before it reads anything (one in a comment could end it); separators of lines other than CR and LF;
invisible characters; the Unicode arrows. Keywords are ASCII: a look-alike is a name like any other.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tools.knowledge_graph.guard.errors import QueryNotAllowed

Kind = Literal["name", "quoted", "number", "string", "symbol", "end"]

BLANKS = (
    " \t\n\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)
"""What both engines take for white space, without what one of them might take for an end of line."""

_DIGITS = r"[0-9](?:_?[0-9])*+"
_EXPONENT = r"[eE][+-]?(?:_?[0-9])++"
_TOKEN = re.compile(
    rf"""
      (?P<blank>[{BLANKS}]++)
    | (?P<comment>//[^\r\n]*+|/\*.*?\*/)
    | (?P<number>(?:0[xX][0-9a-fA-F]++|0[oO]?[0-7]++
        |{_DIGITS}\.{_DIGITS}(?:{_EXPONENT})?|\.{_DIGITS}(?:{_EXPONENT})?|{_DIGITS}(?:{_EXPONENT})?)(?!\w))
    | (?P<name>[^\W\d][\w\u0300-\u036f]*+)
    | (?P<quoted>`(?:[^`]|``)*+`)
    | (?P<string>'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+")
    | (?P<symbol>\.\.|::|<=|>=|<>|!=|=~|\+=|\|\||[()\[\]{{}}.,:;=<>+\-*/%^|&!$])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\[uU]")
_LINE_ENDS = re.compile("[\x0b\x0c\x1c-\x1f\x85\u2028\u2029]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_OPENERS = {"'": "a string", '"': "a string", "`": "a name in backticks", "/*": "a comment"}


@dataclass(frozen=True, slots=True)
class Token:
    """One word, literal or symbol, and where it begins."""

    kind: Kind
    text: str
    at: int

    @property
    def word(self) -> str:
        """The keyword that this may be, in capitals; nothing for anything that cannot be one."""
        return self.text.upper() if self.kind == "name" and self.text.isascii() else ""

    @property
    def name(self) -> str:
        """What it names, without backticks."""
        return self.text[1:-1].replace("``", "`") if self.kind == "quoted" else self.text


def tokens(cypher: str) -> list[Token]:
    """Return the tokens of a query without blanks and comments, ended by one of kind `end`."""
    if found := _ESCAPE.search(cypher):
        raise QueryNotAllowed(
            "unicode-escape",
            f"Write the character itself, not its escape {cypher[found.start() : found.start() + 6]!r}.",
        )
    if found := _SURROGATES.search(cypher):
        raise _unreadable(cypher, found.start())
    return [*_scan(cypher), Token("end", "", len(cypher))]


def _scan(cypher: str) -> Iterator[Token]:
    at = 0
    while at < len(cypher):
        found = _TOKEN.match(cypher, at)
        if found is None or _unclosed(cypher, at, found):
            raise _unreadable(cypher, at)
        match found.lastgroup:
            case "blank":
                pass
            case "comment":
                if line_end := _LINE_ENDS.search(found.group()):
                    raise _unreadable(cypher, at + line_end.start())
            case "name" | "quoted" | "number" | "string" | "symbol" as kind:
                yield Token(kind, found.group(), at)
        at = found.end()


def _unclosed(cypher: str, at: int, found: re.Match[str]) -> bool:
    """Tell whether a comment opens here that ends nowhere, which leaves a division sign."""
    return found.lastgroup == "symbol" and cypher.startswith("/*", at)


def _unreadable(cypher: str, at: int) -> QueryNotAllowed:
    for opener, what in _OPENERS.items():
        if cypher.startswith(opener, at):
            return QueryNotAllowed(
                "not-cypher", f"Close {what}: the one that opens at character {at + 1} does not end."
            )
    return QueryNotAllowed(
        "not-cypher",
        f"Remove the character {cypher[at]!a} at position {at + 1}: Cypher has no use for it there.",
    )
