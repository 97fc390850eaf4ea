"""What a deletion erases is gone from every record and every byte, and nothing else is."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from conformance.contracts import pointer
from conformance.contracts.pointer import ABSENT
from conformance.deletion.call import Call, View
from conformance.deletion.oracles.comparing import is_nothing
from conformance.deletion.oracles.evidence import operation, returns, seen
from conformance.http import instants
from conformance.http.exchange import Exchange
from conformance.results.findings import Shown, Violation

__all__ = ["absent_not_null", "half_erased", "held_fields", "keeps", "no_trace", "omits", "omits_known"]

_EMPTY: tuple[Any, ...] = (None, "", [], {})


def held_fields(call: Call, fields: Iterable[str]) -> list[str]:
    """Those of the fields that held something before the deletion."""
    return [f for f in fields if pointer.get(call.held, f) not in (ABSENT, *_EMPTY)]


def omits(call: Call, views: Iterable[View], fields: Iterable[str]) -> Iterator[Violation]:
    """No erased field still has content; an emptied one is for `absent_not_null`."""
    views = tuple(views)
    for place in held_fields(call, fields):
        for view in views:
            value = pointer.get(view.record, place)
            if value is not ABSENT and value not in _EMPTY and not _masked(call, place, value):
                yield Violation(
                    "survives",
                    returns(call, view.exchange, place),
                    "the field is omitted",
                    Shown(value),
                    f"{view.where} {place}",
                    about=seen(call, view.exchange),
                )


def _masked(call: Call, place: str, value: Any) -> bool:
    """Whether a text stands where content was, and has nothing of it."""
    if not isinstance(value, str):
        return False
    return not call.canaries.traces(value) and value not in str(pointer.get(call.held, place))


def absent_not_null(call: Call, views: Iterable[View], fields: Iterable[str]) -> Iterator[Violation]:
    """A field that held something is absent: neither null, nor empty, nor masked."""
    views = tuple(views)
    for place in held_fields(call, fields):
        for view in views:
            value = pointer.get(view.record, place)
            if value is None:
                code = "null"
            elif value in _EMPTY and value is not ABSENT:
                code = "empty"
            elif _masked(call, place, value):
                code = "masked"
            else:
                continue
            yield Violation(
                code,
                returns(call, view.exchange, f"{place} without its content ({code})"),
                "the field is omitted",
                Shown(value),
                f"{view.where} {place}",
                about=seen(call, view.exchange),
            )


def keeps(call: Call, views: Iterable[View], fields: Iterable[str]) -> Iterator[Violation]:
    """Fields that are not erased read as they did before; null equals absent."""
    views = tuple(views)
    for place in fields:
        before = pointer.get(call.held, place)
        for view in views:
            after = pointer.get(view.record, place)
            if is_nothing(before) and is_nothing(after):
                continue
            # A list may show less of a record than the record's own operation, but not less than it did.
            if view.where == "list" and after is ABSENT and is_nothing(pointer.get(call.listed or {}, place)):
                continue
            if not instants.same(before, after):
                yield Violation(
                    "changed",
                    f"{operation(view.exchange, call.id)} returns another {place} than before the deletion",
                    Shown(before),
                    Shown(after),
                    f"{view.where} {place}",
                    about=seen(call, view.exchange),
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
                        returns(call, exchange, f"content of {', '.join(found)} in its {part}"),
                        "no trace of erased content",
                        f"{where} answered {exchange.status} with it",
                        f"{where} {part} {group}",
                        about=seen(call, exchange),
                    )


def half_erased(call: Call, view: View, marker: str, fields: Iterable[str]) -> Iterator[Violation]:
    """While deletion fails, a record that has the marker has none of the erased fields."""
    if pointer.get(view.record, marker):
        for violation in omits(call, [view], fields):
            yield replace(
                violation,
                code="half-marked",
                message=f"{operation(view.exchange, call.id)} returns {marker} beside content while deletion fails",
                expected="no marker before the erasure is whole",
            )


def omits_known(answer: Exchange, call_id: str, fields: Iterable[str]) -> Iterator[Violation]:
    """A call that is known to be deleted, whatever it once held, shows none of the erased fields."""
    for place in fields:
        value = pointer.get(answer.json, place)
        if value is not ABSENT:
            yield Violation(
                "shown",
                f"{operation(answer, call_id)} returns {place} of a call that is known to be deleted",
                "omitted",
                Shown(value),
                place,
                about=(answer,),
            )
