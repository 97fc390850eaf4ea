"""Calls that nobody deleted must stay as they are: what is looked at beforehand, and what is compared afterwards."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conformance.contracts import pointer
from conformance.contracts.terms import Artifact
from conformance.deletion import oracles
from conformance.deletion.calls import Call, fetch, record_in
from conformance.engine.context import Context
from conformance.engine.supporting import ARTIFACTS, can
from conformance.http.exchange import Exchange
from conformance.results.findings import Violation

__all__ = ["Still", "known_fields", "still", "untouched"]


@dataclass(frozen=True)
class Still:
    """What of a call held still between two looks before the act; only that is compared (DESIGN, 11).

    `names` are the fields of its record, `artifacts` two answers by role.
    """

    call: Call
    read: Exchange | None
    names: tuple[str, ...]
    artifacts: dict[Artifact, tuple[Exchange, Exchange]]


def known_fields(context: Context) -> list[str]:
    """The contract's own fields of a record."""
    schema = context.contract.document.root["components"]["schemas"][context.contract.record.schema]
    return list(schema["properties"])


def still(context: Context, call: Call) -> Still:
    """Look at a call twice: as it was set up, or as it was last known, and now."""
    read: Exchange | None = None
    names: tuple[str, ...] = ()
    if can(context, "get") and call.shown is not None:
        read = fetch(context, "get", call)
        moved = set(oracles.changed(call.shown.json, read.json, known_fields(context))) if record_in(read) else set()
        names = tuple(name for name in known_fields(context) if name not in moved)
    artifacts = {
        role: (before, fetch(context, role, call)) for role, before in call.artifacts.items() if can(context, role)
    }
    return Still(call, read, names, artifacts)


def untouched(context: Context, before: Still, what: str) -> Iterator[Violation]:
    """The call reads as it did: the fields of its record, and what is served of it."""
    if before.read is not None and record_in(before.read) is not None:
        after = fetch(context, "get", before.call)
        context.prove("before", before.read)
        context.prove("after", after)
        yield from _same_record(context, before, after, what)
    for role in ARTIFACTS:
        if role in before.artifacts:
            first, second = before.artifacts[role]
            served = fetch(context, role, before.call)
            if not oracles.same_artifact(first, second, served, context.contract.of_role(role).content or None):
                yield Violation(
                    "changed",
                    f"the {role} of {what} is not served as before",
                    f"{second.status}, the same content",
                    f"{served.status}" if served.status != second.status else f"{served.status}, other content",
                    role,
                    about=(second, served),
                )


def _same_record(context: Context, before: Still, after: Exchange, what: str) -> Iterator[Violation]:
    assert before.read is not None  # noqa: S101 - asked for by the caller; tells the type checker
    record = record_in(after)
    if record is None:
        yield Violation(
            "changed",
            f"{what} can no longer be read",
            "200 and its record",
            str(after.status),
            "unreadable",
            about=(before.read, after),
        )
        return
    marker = context.contract.record.marker
    for name in oracles.changed(before.read.json, record, before.names):
        was, now = (_field(one, name) for one in (before.read.json, record))
        # What is made after a call has ended (a summary) may come at any time; a mark may not.
        if was in (None, pointer.ABSENT) and f"/{name}" != marker:
            continue
        yield Violation(
            "changed",
            f"/{name} of {what} is no longer what it was",
            oracles.shown(was),
            oracles.shown(now),
            f"/{name}",
            about=(before.read, after),
        )


def _field(record: Any, name: str) -> Any:
    return pointer.get(record, f"/{pointer.escape(name)}")
