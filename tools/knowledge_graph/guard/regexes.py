"""Regular expressions that end soon, whatever text they meet.

Both engines hand `=~` to Java's matcher, which goes back and tries again (`java.util.regex`), and which
neither of them can stop: `(a+)+$` on forty letters keeps a processor for hours after its query was given up.
So a pattern has to be there to be read, repeats no group, and repeats little.
"""

import re
from typing import Final

from tools.knowledge_graph.guard.errors import QueryNotAllowed
from tools.knowledge_graph.guard.lexer import Token

MAX_REPEATS: Final = 3
"""Three that may each be of any length: a name of some hundred letters is read in a moment."""
_ESCAPE: Final = re.compile(r"\\.", re.DOTALL)
_CLASS: Final = re.compile(r"\[\^?\]?[^\]]*\]")
_REPEATED_GROUP: Final = re.compile(r"\)[*+{]")
_REPEAT: Final = re.compile(r"[*+{]")


def require_tame(pattern: Token, after: Token) -> None:
    """Raise QueryNotAllowed unless the operand that follows `=~` is a literal that is safe to match."""
    if pattern.kind != "string" or after.text in ("+", "||", "[", ".", ":", "::"):
        raise _refused("Write the regular expression as one string, or use CONTAINS")
    # First as Cypher reads the literal, then without what stands for one character.
    regex = _ESCAPE.sub(lambda found: found.group()[1], pattern.text[1:-1])
    bare = _CLASS.sub("c", _ESCAPE.sub("e", regex))
    if _REPEATED_GROUP.search(bare):
        raise _refused("Repeat no group in a regular expression, or use CONTAINS")
    if len(_REPEAT.findall(bare)) > MAX_REPEATS:
        raise _refused(f"Repeat {MAX_REPEATS} times at most in a regular expression, or use CONTAINS")


def _refused(advice: str) -> QueryNotAllowed:
    return QueryNotAllowed("regular-expression", f"{advice}: some of them never end.")
