"""Calls that nobody deleted stay as they are: what another call's, or no call's, deletion must not touch."""

from collections.abc import Iterable, Iterator

from conformance.contracts import pointer
from conformance.contracts.pointer import JsonObject
from conformance.deletion.call import Call, record_in
from conformance.deletion.oracles.comparing import changed, field_of, is_nothing
from conformance.deletion.oracles.evidence import operation
from conformance.http.exchange import Exchange
from conformance.results.findings import Shown, Violation

__all__ = ["reads_as_before", "untouched_by"]


def reads_as_before(
    call: Call, before: Exchange, after: Exchange, names: Iterable[str], marker: str, *, whose: str
) -> Iterator[Violation]:
    """The call can still be read, and those fields of its record that held still are as they were."""
    asked = operation(after, call.id)
    record = record_in(after)
    if record is None:
        yield Violation(
            "changed",
            f"{asked} no longer returns the record of {whose}",
            "200 and its record",
            str(after.status),
            "unreadable",
            about=(before, after),
        )
        return
    for name in changed(before.json, record, names):
        was, now = field_of(before.json, name), field_of(record, name)
        # What is made after a call has ended (a summary) may come at any time; a mark may not.
        if is_nothing(was) and f"/{name}" != marker:
            continue
        yield Violation(
            "changed",
            f"{asked} returns another /{name} of {whose} than before",
            Shown(was),
            Shown(now),
            f"/{name}",
            about=(before, after),
        )


def untouched_by(call: Call, answer: Exchange, after: Exchange, marker: str, what: str) -> Iterator[Violation]:
    """DELETE of what is not the call's id left the call as it was; `after` is a look at it."""
    touched = list(_touched(call, record_in(after), marker))
    if touched:
        yield Violation(
            "touched",
            f"DELETE of what is not the call's id ({what}) reached the call",
            "4xx, and the call as it was",
            f"{answer.status}; {', '.join(touched)}",
            what,
            about=(*((call.shown,) if call.shown else ()), answer, after),
        )


def _touched(call: Call, after: JsonObject | None, marker: str) -> Iterator[str]:
    if after is None:
        yield "it can no longer be read"
    elif call.before is not None:
        for name in changed(call.before, after, call.before):
            yield f"/{name} changed"
        if not pointer.has(call.before, marker) and not is_nothing(pointer.get(after, marker)):
            yield f"{marker} is set"
