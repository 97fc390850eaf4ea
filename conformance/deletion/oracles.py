"""What must hold of a deleted call's record: pure functions from what was seen to violations."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from conformance.contracts import pointer
from conformance.contracts.pointer import ABSENT
from conformance.contracts.terms import Role
from conformance.deletion.calls import Call, View
from conformance.http import instants
from conformance.http.exchange import Exchange
from conformance.results.findings import Shown, Violation

__all__ = [
    "absent_not_null",
    "changed",
    "gone",
    "held_fields",
    "keeps",
    "marked",
    "no_trace",
    "omits",
    "same_artifact",
    "same_marker",
    "same_record",
    "served",
    "shown",
    "status_is",
]

_EMPTY: tuple[Any, ...] = (None, "", [], {})


def shown(value: Any, note: str = "") -> Shown:
    """A value of the target's, to be told as it may be."""
    return Shown(value, note)


def status_is(answer: Exchange, expected: int, done: str) -> Iterator[Violation]:
    """The answer has the one status that is promised."""
    if answer.status != expected:
        where = f"{answer.request.method} {answer.status}"
        yield Violation("status", done, str(expected), str(answer.status), where, about=(answer,))


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
                    about=_seen(call, view),
                )


def _seen(call: Call, view: View) -> tuple[Exchange, ...]:
    """What shows a violation: the call as it was, its deletion, and the answer that should have been another."""
    return (*(one for one in (call.shown, call.deleted) if one and one is not view.exchange), view.exchange)


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
                about=_seen(call, view),
            )


def keeps(call: Call, views: Iterable[View], fields: Iterable[str]) -> Iterator[Violation]:
    """Fields that are not erased read as they did before; null equals absent."""
    for place in fields:
        before = pointer.get(call.held, place)
        for view in views:
            after = pointer.get(view.record, place)
            if _nothing(before) and _nothing(after):
                continue
            # A list may show less of a record than the record's own operation.
            if view.where == "list" and after is ABSENT:
                continue
            if not instants.same(before, after):
                yield Violation(
                    "changed",
                    f"{place} differs from before in the answer of {view.where}",
                    shown(before),
                    shown(after),
                    f"{view.where} {place}",
                    about=_seen(call, view),
                )


def _nothing(value: Any) -> bool:
    return value is None or value is ABSENT


def changed(before: Any, after: Any, known: Iterable[str]) -> list[str]:
    """Names of the contract's own fields in which two records differ; null equals absent."""
    places = {name: f"/{pointer.escape(name)}" for name in known}
    return [name for name, place in places.items() if not _equal(pointer.get(before, place), pointer.get(after, place))]


def _equal(one: Any, other: Any) -> bool:
    if _nothing(one) and _nothing(other):
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return all(_equal(one.get(key), other.get(key)) for key in {*one, *other})
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
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
                about=(first, again),
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
                about=(seen[0][0].exchange, view.exchange),
            )


def marked(call: Call, views: Iterable[View], marker: str, skew: float) -> Iterator[Violation]:
    """Each view shows an instant; the first lies in the window of the request, reads agree with the last DELETE.

    `skew` are the seconds by which the target's clock may be off, and by which it may take its time. Where a DELETE was
    hung up on, nobody knows when it ended: then the marker is only held against the time of the look.
    """
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
                about=_seen(call, view),
            )
        elif latest is None or call.lost:
            yield from _in_window(call, stamp, marker, skew, view)
        elif view.where != "delete" and not instants.same(latest, value):
            yield Violation(
                "another-marker",
                f"{marker} of {view.where} is not the one that DELETE answered",
                shown(latest),
                shown(value),
                view.where,
                about=_seen(call, view),
            )
        if stamp is not None and (view.where == "delete" or latest is None):
            latest = value


def _in_window(call: Call, stamp: instants.Instant, marker: str, skew: float, view: View) -> Iterator[Violation]:
    done = call.deleted
    if done is None:
        return
    # A marker that a later DELETE moved was set no later than the last one that had begun before the look.
    before_look = [one for one in call.deletes if one.began <= view.exchange.ended] or [done]
    offset = done.clock_offset
    earliest = Decimal(call.begun - skew + min(0.0, offset))
    ended = view.exchange.ended if call.lost else max(one.ended for one in before_look)
    latest = Decimal(ended + skew + max(0.0, offset))
    if stamp.end <= earliest or stamp.seconds > latest:
        yield Violation(
            "outside-window",
            f"{marker} is not the time of the deletion",
            f"between {float(earliest):.3f} and {float(latest):.3f} (seconds since 1970)",
            shown(pointer.get(view.record, marker), f" = {float(stamp.seconds):.3f}"),
            about=_seen(call, view),
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
                        about=(*filter(None, (call.shown, call.deleted)), exchange),
                    )


def served(role: Role, answer: Exchange) -> Iterator[Violation]:
    """An artifact of a deleted call is not served."""
    if _content(answer):
        yield Violation(
            "still-served",
            f"the {role} of a deleted call is still served",
            "no content",
            f"{answer.status} with {len(answer.body)} bytes",
            f"{role} {answer.status}",
            about=(answer,),
        )


def gone(role: Role, before: Exchange | None, after: Exchange, status: int | None) -> Iterator[Violation]:
    """What was served before is served no longer; with `status`, the answer has that one."""
    if before is None or not _content(before):
        return
    if status is None:
        yield from served(role, after)
    elif not _content(after) and after.status != status:
        what = f"GET of the {role} of a deleted call"
        yield Violation("status", what, str(status), str(after.status), str(after.status), about=(before, after))


def same_artifact(first: Exchange, second: Exchange, after: Exchange, content: str | None) -> bool:
    """Whether an artifact is served as it was on two looks before: its content, where that held still.

    `content` is the JSON pointer of what the contract promises of it; without one, what held still of a JSON object is
    its content. What is no JSON is compared by media type and length, and by its bytes where they held still.
    """
    if not (first.ok and second.ok):
        return True
    if not after.ok:
        return False
    parts = [_artifact(one, content) for one in (first, second, after)]
    if all(isinstance(part, dict) for part in parts):
        held = [key for key, value in parts[0].items() if _equal(parts[1].get(key), value)]
        return all(_equal(parts[1].get(key), parts[2].get(key)) for key in held)
    if first.parsed.error is None and second.parsed.error is None:
        return not _equal(parts[0], parts[1]) or _equal(parts[1], parts[2])
    if first.body == second.body:
        return after.body == second.body
    return _form(first) != _form(second) or _form(second) == _form(after)


def _artifact(answer: Exchange, content: str | None) -> Any:
    return answer.json if content is None else pointer.get(answer.json, content)


def _form(answer: Exchange) -> tuple[str, int]:
    media = (answer.header("content-type") or "").partition(";")[0].strip().lower()
    return media, len(answer.body)


def _content(answer: Exchange) -> bool:
    """Whether an answer holds anything of an artifact; an envelope around an empty list does not."""
    value = answer.json
    if isinstance(value, dict):
        return answer.ok and any(inner for inner in value.values() if isinstance(inner, list | dict))
    return answer.ok and bool(answer.body) and value not in ("", [])
