"""Parse an answer as JSON and see what lenient parsers hide."""

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

__all__ = ["Parsed", "parse"]

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A body's value and what is wrong with its text.

    `error` is set where the text is no JSON (RFC 8259): then `value` is None. `duplicate_keys` and
    `lone_surrogate` are interoperability defects of a text that parses.
    """

    value: Any
    error: str | None = None
    duplicate_keys: tuple[str, ...] = ()
    lone_surrogate: bool = False


def parse(body: bytes) -> Parsed:
    """Parse UTF-8 JSON; NaN, infinities, a byte order mark and invalid UTF-8 are errors."""
    repeated: list[str] = []

    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        built = dict(pairs)
        if len(built) < len(pairs):
            names = [name for name, _ in pairs]
            repeated.extend(sorted({name for name in names if names.count(name) > 1}))
        return built

    try:
        text = body.decode()
        value = json.loads(text, object_pairs_hook=build, parse_constant=_refuse)
    except (UnicodeDecodeError, ValueError, RecursionError) as problem:
        return Parsed(None, error=f"{type(problem).__name__}: {problem}"[:200])
    lone = "\\u" in text and _LONE_SURROGATE.search(json.dumps(value, ensure_ascii=False)) is not None
    return Parsed(value, duplicate_keys=tuple(repeated), lone_surrogate=lone)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")
