"""What an oracle saw broken, and what is kept of it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.contracts.pointer import JsonObject
from conformance.contracts.terms import Requirement
from conformance.http.exchange import Exchange
from conformance.results.lines import RecordedExchange

__all__ = ["Evidence", "Finding", "Shown", "StoredFinding", "Violation", "fingerprint"]


@dataclass(frozen=True, repr=False)
class Shown:
    """A JSON value that the target showed, with a note: how it may be told is for the one who writes it to decide."""

    value: Any
    note: str = ""


@dataclass(frozen=True)
class Violation:
    """What an oracle saw broken. `code` and `where` are free of ids and times: they make the fingerprint.

    `expected` and `observed` are words, or a `Shown` value of the target's. `requirement` is set where the violation
    belongs to another requirement than the one under test, `unless` where it would, were that one known to be broken.
    `about` are the exchanges that show it, the offending one last; where none are named, all of its case.
    """

    code: str
    message: str
    expected: "str | Shown"
    observed: "str | Shown"
    where: str = ""
    requirement: Requirement | None = None
    unless: Requirement | None = None
    about: tuple[Exchange, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Evidence:
    """What shows a violation: the example as data, as a script, and its exchanges in order."""

    example: JsonObject
    curl: list[str]
    exchanges: Sequence[Exchange]


@dataclass(frozen=True)
class Finding:
    """A violation with the smallest example that shows it, ready to be written.

    `unless` names the requirement that it belongs to where that one is broken.
    """

    code: str
    message: str
    expected: str
    observed: str
    fingerprint: str
    reproduced: bool
    example: JsonObject
    curl: list[str]
    exchanges: list[RecordedExchange]
    unless: str | None = None


@dataclass(frozen=True)
class StoredFinding:
    """A finding of an earlier run: its requirement and fingerprint, its example, and whether it came a second time."""

    requirement: str
    fingerprint: str
    example: Mapping[str, Any]
    reproduced: bool = True


def fingerprint(requirement: str, violation: Violation) -> str:
    """A stable name of a violation: the same in every run that sees it, whatever the ids."""
    text = f"{requirement}\0{violation.code}\0{violation.where}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]
