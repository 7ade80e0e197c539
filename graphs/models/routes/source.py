"""A YAML file with the line of everything in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml.constructor import ConstructorError

from graphs.models.routes.chains import Where
from graphs.models.routes.errors import RoutesError, refusal, shown

_SYNTAX = "mend it there or just before, where a bracket, a quote or the indentation is wrong"
_MERGE = "tag:yaml.org,2002:merge"


@dataclass(frozen=True)
class Source:
    """What a file holds, and where."""

    file: Path
    root: yaml.Node | None
    content: Any
    """The same as Python's lists, dictionaries and scalars; all keys are strings."""

    def line(self, where: Where) -> int:
        """Return the line of a place, or of the nearest thing around it that is written."""
        mark, node = None, self.root
        for part in where:
            found = _child(node, part)
            if found is None:
                break
            (mark, node) = found
        return mark or 1

    def text(self, where: Where) -> str:
        """Return what stands at a place, as a message can quote it."""
        node = self.root
        for part in where:
            found = _child(node, part)
            node = found[1] if found else None
        if isinstance(node, yaml.ScalarNode):
            return shown(str(node.value)) if node.value else "nothing"
        return "a list" if isinstance(node, yaml.SequenceNode) else "a mapping"

    def lines(self) -> dict[Where, int]:
        """Return the line of every section, of every entry of a list in it, and of every key of these."""
        return {where: self.line(where) for where in _places(self.content)}

    def refused(self, where: Where, wrong: str, instead: str) -> RoutesError:
        """Return the error for a place in this file."""
        return refusal(f"{self.file}:{self.line(where)}", wrong, instead)


def read_source(file: Path) -> Source:
    """Read a file; raises `RoutesError` when it cannot be read, is not YAML, or says a thing twice."""
    text = _text(file)
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
        _check_keys(file, root)
        return Source(file, root, None if root is None else loader.construct_document(root))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{file}:{mark.line + 1}" if mark else str(file)
        raise refusal(place, f"not valid YAML ({error.problem or error.context})", _SYNTAX) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise refusal(f"{file}:{line}", "not valid YAML (a control character)", "remove it") from None
    except RecursionError:
        raise refusal(
            str(file), "too many lists and mappings in each other", "write it as documented"
        ) from None


class _Loader(yaml.SafeLoader):
    """Yaml's own, but every text that does not suit its tag is an error with a line."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> object:
        try:
            return super().construct_object(node, deep)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            # What yaml's constructors let through, for a date such as 2026-13-01 or `!!int many`.
            kind = node.tag.rpartition(":")[2]
            raise ConstructorError(None, None, f"this is no {kind}", node.start_mark) from error


def _text(file: Path) -> str:
    try:
        content = file.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name.
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise refusal(
            str(file), f"cannot be read ({reason})", "name a file that exists and may be read"
        ) from error
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise refusal(f"{file}:{line}", "cannot be read as UTF-8", "save the file as UTF-8") from error


def _check_keys(file: Path, root: yaml.Node | None) -> None:
    """Refuse keys that are no words, and those written twice in one mapping."""
    for node in _mappings(root):
        first: dict[str, int] = {}
        for key, _ in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode) or not (key.tag == _MERGE or key.tag.endswith(":str")):
                raise refusal(f"{file}:{line}", "a key that is not a word", "write the name of a setting")
            if key.value in first and key.tag != _MERGE:
                twice = f"{shown(key.value)} is written twice, first on line {first[key.value]}"
                raise refusal(f"{file}:{line}", twice, "keep one of them")
            first[key.value] = line


def _mappings(root: yaml.Node | None) -> Iterator[yaml.MappingNode]:
    """Give every mapping once, however often it is repeated by aliases, in the order of the file."""
    waiting, seen = [root], set[int]()
    while waiting:
        node = waiting.pop()
        if id(node) in seen or not isinstance(node, yaml.CollectionNode):
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            yield node
            waiting.extend(part for pair in reversed(node.value) for part in reversed(pair))
        else:
            waiting.extend(reversed(node.value))


def _child(node: yaml.Node | None, part: str | int) -> tuple[int, yaml.Node] | None:
    """Return a child and its line; of a repeated key the last counts, as what is merged comes first."""
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark.line + 1, node.value[part]
    if isinstance(node, yaml.MappingNode):
        for key, value in reversed(node.value):
            if key.value == part:
                return key.start_mark.line + 1, value
    return None


def _places(content: object) -> Iterator[Where]:
    for section, value in (content if isinstance(content, dict) else {}).items():
        yield (section,)
        for index, entry in enumerate(value) if isinstance(value, list) else ():
            yield section, index
            yield from ((section, index, key) for key in (entry if isinstance(entry, dict) else ("model",)))
        yield from ((section, key) for key in (value if isinstance(value, dict) else ()))
