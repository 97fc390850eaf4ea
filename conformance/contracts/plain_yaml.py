"""Read YAML as JSON would have it: words mean what YAML 1.2 says, and no text costs more than its length.

Of the two ways to write a document, OpenAPI allows what JSON can express: text keys, and no value that JSON has no
word for. A number with an underscore or colons in it, an octal or hexadecimal one, a date, `no`, `on` and `yes` are
words.
"""

import math
import re
from functools import cache
from typing import Any

__all__ = ["DEEPEST", "LARGEST", "PlainYamlError", "compose", "extent", "load"]

DEEPEST = 200
"""Levels of nesting that are read."""
LARGEST = 1_000_000
"""Values that a document may come to, each alias counted with all that it stands for."""

_TAG = "tag:yaml.org,2002:"
_WORDS = (
    ("null", re.compile(r"(?:~|null|Null|NULL|)\Z"), ["~", "n", "N", ""]),
    ("bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"), [*"tTfF"]),
    ("int", re.compile(r"[-+]?[0-9]+\Z"), [*"-+0123456789"]),
    (
        "float",
        re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?\Z"),
        [*"-+.0123456789"],
    ),
)


class PlainYamlError(ValueError):
    """The text is no YAML that can be read; the words say where, from line 1, and why."""


def load(text: bytes) -> Any:
    """Read a document as JSON values; no value is shared between two places.

    Raises:
        PlainYamlError: it is no YAML, too deep or too large, or holds what JSON has no word for.
    """
    import yaml

    _refuse_bombs(text)
    try:
        return _unshared(yaml.load(text, Loader=_loader()))  # noqa: S506 - it makes JSON values only
    except (yaml.YAMLError, ValueError) as problem:
        raise PlainYamlError(_one_line(problem)) from None


def compose(text: bytes) -> Any:
    """The document's tree of nodes, each with its line.

    Raises:
        PlainYamlError: it is no YAML, or too deep or too large.
    """
    import yaml

    _refuse_bombs(text)
    try:
        return yaml.compose(text, Loader=_loader())
    except (yaml.YAMLError, ValueError) as problem:
        raise PlainYamlError(_one_line(problem)) from None


def extent(value: Any) -> tuple[int, int]:
    """How many values a JSON value comes to, and in how many levels; beyond the bounds it counts no further."""
    count, levels, level = 0, 0, [value]
    while level and count <= LARGEST and levels <= DEEPEST:
        count += len(level)
        levels += 1
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return count, levels


def _one_line(problem: Exception) -> str:
    words = getattr(problem, "problem", None) or getattr(problem, "reason", None) or str(problem)
    return _at(problem, "problem_mark") + " ".join(str(words).split())


def _at(what: object, mark: str = "start_mark") -> str:
    place = getattr(what, mark, None)
    return f"line {place.line + 1}: " if place is not None else ""


def _refuse_bombs(text: bytes) -> None:
    """Look at a document before it is built: building it costs what it comes to, and the library's own recursion."""
    import yaml

    open_nodes: list[tuple[str | None, int]] = []
    sizes: dict[str, int] = {}
    count = 0
    try:
        for event in yaml.parse(text, Loader=_loader()):
            if isinstance(event, yaml.CollectionStartEvent):
                open_nodes.append((event.anchor, count))
                if len(open_nodes) > DEEPEST:
                    raise PlainYamlError(f"{_at(event)}nested deeper than {DEEPEST} levels")
                count += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                anchor, before = open_nodes.pop()
                if anchor is not None:
                    sizes[anchor] = count - before
            elif isinstance(event, yaml.AliasEvent):
                if event.anchor not in sizes:
                    raise PlainYamlError(f"{_at(event)}*{event.anchor} stands for nothing, or for what it stands in")
                count += sizes[event.anchor]
            elif isinstance(event, yaml.ScalarEvent):
                count += 1
                if event.anchor is not None:
                    sizes[event.anchor] = 1
            if count > LARGEST:
                raise PlainYamlError(f"its aliases make it more than {LARGEST:,} values")
    except yaml.YAMLError as problem:
        raise PlainYamlError(_one_line(problem)) from None
    except UnicodeError as problem:
        raise PlainYamlError(str(problem)) from None


def _unshared(value: Any) -> Any:
    """A copy in which what an alias repeats stands there twice, so that changing one place changes no other."""
    if isinstance(value, dict):
        return {name: _unshared(inner) for name, inner in value.items()}
    return [_unshared(inner) for inner in value] if isinstance(value, list) else value


@cache
def _loader() -> Any:
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc] # one of two classes, as the library was built
        yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012 - the library's own attribute
        yaml_constructors: dict[Any, Any] = {}  # noqa: RUF012 - the library's own attribute

        def refuse(self, node: Any, why: str) -> Any:
            raise yaml.constructor.ConstructorError(None, None, why, node.start_mark)

        def mapping(self, node: Any) -> Any:
            if not isinstance(node, yaml.MappingNode):
                return self.refuse(node, f"{node.tag} of a value that is no mapping")
            for key, _ in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    self.refuse(key, "a key that is no text")
            # JSON's keys are text, whatever else the word could mean.
            return {key.value: self.construct_object(value, deep=True) for key, value in node.value}

        def sequence(self, node: Any) -> Any:
            if not isinstance(node, yaml.SequenceNode):
                return self.refuse(node, f"{node.tag} of a value that is no list")
            return [self.construct_object(value, deep=True) for value in node.value]

        def scalar(self, node: Any) -> Any:
            if not isinstance(node, yaml.ScalarNode):
                return self.refuse(node, f"{node.tag} of a value that is no single word")
            kind, text = node.tag.removeprefix(_TAG), node.value
            if kind == "str":
                return text
            if not next(fits for name, fits, _ in _WORDS if name == kind).match(text):
                return self.refuse(node, f"{text[:40]!r} is no {kind}")
            if kind in {"int", "float"}:
                number = int(text) if kind == "int" else float(text)
                return number if math.isfinite(number) else self.refuse(node, "a number beyond any float")
            return None if kind == "null" else text.lower() == "true"

        def unknown(self, node: Any) -> Any:
            return self.refuse(node, f"the tag {node.tag!r} has no meaning here")

    for name, fits, first in _WORDS:
        Loader.add_implicit_resolver(_TAG + name, fits, first)
        Loader.add_constructor(_TAG + name, Loader.scalar)
    Loader.add_constructor(_TAG + "str", Loader.scalar)
    Loader.add_constructor(_TAG + "map", Loader.mapping)
    Loader.add_constructor(_TAG + "seq", Loader.sequence)
    Loader.add_constructor(None, Loader.unknown)
    return Loader
