"""What must hold of a deleted call's record: pure functions from what was seen to violations."""

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from conformance import instants, pointer
from conformance.deletion.calls import Call, View
from conformance.exchange import Exchange
from conformance.pointer import ABSENT
from conformance.results import Violation

__all__ = [
    "absent_not_null",
    "changed",
    "gone",
    "held_fields",
    "keeps",
    "marked",
    "no_trace",
    "omits",
    "same_marker",
    "same_record",
    "served",
    "shown",
    "status_is",
]

_EMPTY: tuple[Any, ...] = (None, "", [], {})


def shown(value: Any, longest: int = 120) -> str:
    """A value for a message, cut to a readable length."""
    text = "absent" if value is ABSENT else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= longest else text[:longest] + "..."


def status_is(answer: Exchange, expected: int, done: str) -> Iterator[Violation]:
    """The answer has the one status that is promised."""
    if answer.status != expected:
        yield Violation("status", done, str(expected), str(answer.status), f"{answer.request.method} {answer.status}")


def held_fields(call: Call, fields: Iterable[str]) -> list[str]:
    """Those of the fields that held something before the deletion."""
    return [f for f in fields if pointer.get(call.held, f) not in (ABSENT, *_EMPTY)]


def omits(call: Call, views: Iterable[View], fields: Iterable[str]) -> Iterator[Violation]:
    """No erased field still has content; an emptied one is for `absent_not_null`."""
    for place in held_fields(call, fields):
        for view in views:
            value = pointer.get(view.record, place)
            if (
                value is not ABSENT
                and value not in _EMPTY
                and (not isinstance(value, str) or _survives(call, place, value))
            ):
                yield Violation(
                    "survives",
                    f"{place} still has content in the answer of {view.where}",
                    "the field is omitted",
                    shown(value),
                    f"{view.where} {place}",
                )


def _survives(call: Call, place: str, value: str) -> bool:
    before = str(pointer.get(call.held, place))
    return bool(call.canaries.traces(value)) or value in before


def absent_not_null(call: Call, views: Iterable[View], fields: Iterable[str]) -> Iterator[Violation]:
    """A field that held something is absent: neither null, nor empty, nor masked."""
    for place in held_fields(call, fields):
        for view in views:
            value = pointer.get(view.record, place)
            if value is None:
                code = "null"
            elif value in _EMPTY and value is not ABSENT:
                code = "empty"
            elif isinstance(value, str) and not _survives(call, place, value):
                code = "masked"
            else:
                continue
            yield Violation(
                code,
                f"{place} is there in the answer of {view.where}, though without its content",
                "the field is omitted",
                shown(value),
                f"{view.where} {place}",
            )


def keeps(call: Call, views: Iterable[View], fields: Iterable[str]) -> Iterator[Violation]:
    """Fields that are not erased read as they did before; null equals absent."""
    for place in fields:
        before = pointer.get(call.held, place)
        for view in views:
            after = pointer.get(view.record, place)
            if _nothing(before) and _nothing(after):
                continue
            if not instants.same(before, after):
                yield Violation(
                    "changed",
                    f"{place} differs from before in the answer of {view.where}",
                    shown(before),
                    shown(after),
                    f"{view.where} {place}",
                )


def _nothing(value: Any) -> bool:
    return value is None or value is ABSENT


def changed(before: Any, after: Any, known: Iterable[str]) -> list[str]:
    """Names of the contract's own fields in which two records differ; null equals absent."""
    return [name for name in known if not _equal(pointer.get(before, f"/{name}"), pointer.get(after, f"/{name}"))]


def _equal(one: Any, other: Any) -> bool:
    if _nothing(one) and _nothing(other):
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return all(_equal(one.get(key), other.get(key)) for key in {*one, *other})
    return instants.same(one, other)


def same_record(first: Exchange, again: Exchange, known: Iterable[str], marker: str) -> Iterator[Violation]:
    """Two answers hold the same record: the contract's own fields, the marker aside."""
    for name in changed(first.json, again.json, known):
        if f"/{name}" != marker:
            yield Violation(
                "another-record",
                f"/{name} differs between two answers to the same DELETE",
                shown(pointer.get(first.json, f"/{name}")),
                shown(pointer.get(again.json, f"/{name}")),
                f"/{name}",
            )


def same_marker(views: Iterable[View], marker: str) -> Iterator[Violation]:
    """Every answer shows one and the same marker."""
    seen = [(view, pointer.get(view.record, marker)) for view in views]
    for view, value in seen[1:]:
        if not instants.same(seen[0][1], value):
            yield Violation(
                "marker-moved",
                f"{marker} is another in a later answer of {view.where}",
                shown(seen[0][1]),
                shown(value),
                view.where,
            )


def marked(call: Call, views: Iterable[View], marker: str, skew: float) -> Iterator[Violation]:
    """Each view shows an instant; the first lies in the window of the request, reads agree with the last DELETE."""
    latest: Any = None
    for view in views:
        value = pointer.get(view.record, marker)
        stamp = instants.parse(value)
        if stamp is None:
            code = "unmarked" if _nothing(value) else "no-instant"
            yield Violation(
                code,
                f"{marker} of a deleted call is no instant in the answer of {view.where}",
                "an RFC 3339 date-time with offset",
                shown(value),
                view.where,
            )
        elif latest is None:
            yield from _in_window(call, stamp, marker, skew, shown(value))
        elif view.where != "delete" and not instants.same(latest, value):
            yield Violation(
                "another-marker",
                f"{marker} of {view.where} is not the one that DELETE answered",
                shown(latest),
                shown(value),
                view.where,
            )
        if stamp is not None and (view.where == "delete" or latest is None):
            latest = value


def _in_window(call: Call, stamp: instants.Instant, marker: str, skew: float, seen: str) -> Iterator[Violation]:
    first, done = call.deletes[0], call.deleted
    if done is None:
        return
    offset = done.clock_offset
    earliest = Decimal(first.began - skew + min(0.0, offset))
    latest = Decimal(done.ended + skew + max(0.0, offset))
    if stamp.end <= earliest or stamp.seconds > latest:
        yield Violation(
            "outside-window",
            f"{marker} is not the time of the deletion",
            f"between {float(earliest):.3f} and {float(latest):.3f} (seconds since 1970)",
            f"{seen} = {float(stamp.seconds):.3f}",
        )


def no_trace(call: Call, exchanges: Iterable[Exchange], groups: Iterable[str]) -> Iterator[Violation]:
    """No byte of any later answer shows a canary of these places; one violation for all that lies under each."""
    wanted = tuple(groups)
    for exchange in exchanges:
        where = exchange.request.operation
        for part, text in (("body", exchange.body.decode("utf-8", "replace")), ("headers", str(exchange.headers))):
            traces = sorted(call.canaries.traces(text))
            for group in wanted:
                # Which of a group's places were planted is chance: it must not tell one defect from another.
                found = [place for place in traces if place.startswith(group)]
                if found:
                    yield Violation(
                        "trace",
                        f"content of {', '.join(found)} shows in the {part} of an answer after the deletion",
                        "no trace of erased content",
                        f"{where} answered {exchange.status} with it",
                        f"{where} {part} {group}",
                    )


def served(role: str, answer: Exchange) -> Iterator[Violation]:
    """An artifact of a deleted call is not served."""
    if _content(answer):
        yield Violation(
            "still-served",
            f"the {role} of a deleted call is still served",
            "no content",
            f"{answer.status} with {len(answer.body)} bytes",
            f"{role} {answer.status}",
        )


def gone(role: str, before: Exchange | None, after: Exchange, status: int | None) -> Iterator[Violation]:
    """What was served before is served no longer; with `status`, the answer has that one."""
    if before is None or not _content(before):
        return
    if status is None:
        yield from served(role, after)
    elif not _content(after) and after.status != status:
        what = f"GET of the {role} of a deleted call"
        yield Violation("status", what, str(status), str(after.status), str(after.status))


def _content(answer: Exchange) -> bool:
    """Whether an answer holds anything of an artifact; an envelope around an empty list does not."""
    value = answer.json
    if isinstance(value, dict):
        return answer.ok and any(inner for inner in value.values() if isinstance(inner, list | dict))
    return answer.ok and bool(answer.body) and value not in ("", [])
