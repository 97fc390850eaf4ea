"""Parse an answer as JSON and see what lenient parsers hide."""

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from conformance.contracts.pointer import JsonObject

__all__ = ["Parsed", "parse"]

_DEEPEST = 200
"""Levels of nesting that are read; RFC 8259, section 9, lets a parser set a limit."""

_MOST_REPEATED = 20
"""Repeated names that are kept: enough to see what is wrong with a body of any length."""

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A body's value and what is wrong with its text.

    `error` is set where the text is no JSON (RFC 8259): then `value` is None. `duplicate_keys` (the first
    20 of them) and `lone_surrogate` are interoperability defects of a text that parses.
    """

    value: Any
    error: str | None = None
    duplicate_keys: tuple[str, ...] = ()
    lone_surrogate: bool = False


def parse(body: bytes) -> Parsed:
    """Parse UTF-8 JSON; NaN, infinities, a byte order mark and invalid UTF-8 are errors."""
    repeated: dict[str, None] = {}

    def build(pairs: list[tuple[str, Any]]) -> JsonObject:
        built = dict(pairs)
        if len(built) < len(pairs):
            seen: set[str] = set()
            for name, _ in pairs:
                if len(repeated) == _MOST_REPEATED:
                    break
                if name in seen:
                    repeated[name] = None
                seen.add(name)
        return built

    try:
        text = body.decode()
        value = json.loads(text, object_pairs_hook=build, parse_constant=_refuse)
    except (UnicodeDecodeError, ValueError, RecursionError) as problem:
        return Parsed(None, error=f"{type(problem).__name__}: {problem}"[:200])
    if text.count("[") + text.count("{") > _DEEPEST and _deeper_than(value, _DEEPEST):
        return Parsed(None, error=f"nested deeper than {_DEEPEST} levels, which parsers may refuse")
    lone = "\\u" in text and _LONE_SURROGATE.search(json.dumps(value, ensure_ascii=False)) is not None
    return Parsed(value, duplicate_keys=tuple(repeated), lone_surrogate=lone)


def _deeper_than(value: Any, levels: int) -> bool:
    level = [value]
    for _ in range(levels):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return bool(level)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")
