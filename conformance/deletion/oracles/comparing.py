"""When two records, or two fields of them, are the same."""

from collections.abc import Iterable
from typing import Any

from conformance.contracts import pointer
from conformance.http import instants

__all__ = ["changed", "equal", "field_of", "is_nothing"]


def is_nothing(value: Any) -> bool:
    """Whether a field is null or absent, which are the same where nothing tells them apart."""
    return value is None or value is pointer.ABSENT


def field_of(record: Any, name: str) -> Any:
    """The field of this name, or `ABSENT`."""
    return pointer.get(record, f"/{pointer.escape(name)}")


def changed(before: Any, after: Any, known: Iterable[str]) -> list[str]:
    """Names of the contract's own fields in which two records differ; null equals absent."""
    return [name for name in known if not equal(field_of(before, name), field_of(after, name))]


def equal(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same: instants as instants, and null as absent at every depth."""
    if is_nothing(one) and is_nothing(other):
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return all(equal(one.get(key), other.get(key)) for key in {*one, *other})
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    return instants.same(one, other)
