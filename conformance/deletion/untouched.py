"""Calls that nobody deleted must stay as they are: what is looked at beforehand, and what is compared afterwards."""

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.contracts.terms import Artifact
from conformance.deletion import oracles
from conformance.deletion.call import Call, record_in
from conformance.deletion.calls import fetch
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


def untouched(context: Context, before: Still, whose: str) -> Iterator[Violation]:
    """The call reads as it did: the fields of its record, and what is served of it."""
    record, call, read = context.contract.record, before.call, before.read
    if read is not None and record_in(read) is not None:
        after = fetch(context, "get", call)
        context.prove("before", read)
        context.prove("after", after)
        yield from oracles.reads_as_before(call, read, after, before.names, record.marker, whose=whose)
    for role in ARTIFACTS:
        if role in before.artifacts:
            looks, content = before.artifacts[role], context.contract.of_role(role).content or None
            yield from oracles.served_as_before(call, role, looks, fetch(context, role, call), content, whose=whose)
