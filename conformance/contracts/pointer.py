"""JSON pointers (RFC 6901): where a field of a record stands.

Compared with a general library, these read a path as data: a `*` step stands for every item.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, TypeAlias

__all__ = ["ABSENT", "Absent", "JsonObject", "escape", "get", "has", "set_at", "walk", "without"]


class Absent:
    """The type of `ABSENT`, which tells a missing field from a null one."""

    def __repr__(self) -> str:
        return "absent"

    def __bool__(self) -> bool:
        return False


ABSENT: Final = Absent()

JsonObject: TypeAlias = dict[str, Any]
"""A JSON object whose shape is another's: the target's, a schema's, a report format's."""


_LONGEST: Final = 18
"""Digits of an index; no list has more items, and a longer number costs more than its length to read."""


@lru_cache(4096)
def steps(pointer: str) -> tuple[str, ...]:
    """Split a pointer into its unescaped steps; the empty pointer is the whole."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])


def escape(step: str) -> str:
    """Write one key as a step of a pointer."""
    return step.replace("~", "~0").replace("/", "~1")


def get(node: Any, pointer: str) -> Any:
    """The value at `pointer`, or `ABSENT`."""
    for step in steps(pointer):
        if isinstance(node, dict) and step in node:
            node = node[step]
        elif isinstance(node, list) and step.isdecimal() and len(step) <= _LONGEST and int(step) < len(node):
            node = node[int(step)]
        else:
            return ABSENT
    return node


def has(node: Any, pointer: str) -> bool:
    """Tell whether something, if only null, stands at `pointer`."""
    return get(node, pointer) is not ABSENT


def set_at(node: dict[str, Any], pointer: str, value: Any) -> None:
    """Set the value at `pointer`, making the objects on the way; what is no object there gives way to one."""
    *way, last = steps(pointer)
    for step in way:
        if not isinstance(node.get(step), dict):
            node[step] = {}
        node = node[step]
    node[last] = value


def without(node: dict[str, Any], pointer: str) -> dict[str, Any]:
    """A copy of the object without the field at `pointer`."""
    first, *rest = steps(pointer)
    if first not in node:
        return node
    if not rest:
        return {key: value for key, value in node.items() if key != first}
    inner = node[first]
    tail = "".join(f"/{escape(step)}" for step in rest)
    return {**node, first: without(inner, tail)} if isinstance(inner, dict) else node


def walk(node: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf with its pointer; list indices are written `*`, so that a place is a kind of place."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from walk(value, f"{pointer}/{escape(key)}")
    elif isinstance(node, list):
        for value in node:
            yield from walk(value, f"{pointer}/*")
    else:
        yield pointer, node
