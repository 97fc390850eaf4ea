"""What a fault can do to an answer: fields of a tombstone, the envelope, the bytes."""

import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

from conformance.reference.ultravox.calls import Call
from conformance.reference.ultravox.situation import Situation
from conformance.reference.ultravox.times import SECOND_US, rfc3339

__all__ = ["BODY_EFFECTS", "BYTES_EFFECTS", "ITEM_EFFECTS", "Item", "Reply"]

_HOUR_US = 3600 * SECOND_US


class Item(NamedTuple):
    """A call and the fields shown of it."""

    call: Call
    fields: dict[str, Any]


class Reply(NamedTuple):
    """A list's answer, and what is known of it."""

    status: int
    body: Any
    situation: Situation


def _put(field: str, value_of: Callable[[Call], Any]) -> Callable[[Item], Item]:
    return lambda item: item._replace(fields=item.fields | {field: value_of(item.call)})


def _without(field: str) -> Callable[[Item], Item]:
    return lambda item: item._replace(fields={k: v for k, v in item.fields.items() if k != field})


def _swapped(one: str, other: str) -> Callable[[Item], Item]:
    return lambda item: item._replace(fields=item.fields | {one: item.fields[other], other: item.fields[one]})


def _instant(us: int | None) -> str | None:
    return None if us is None else rfc3339(us)


ITEM_EFFECTS: dict[str, Callable[[Item], Item]] = {
    "item.joined-is-created": _put("joined", lambda c: rfc3339(c.created_us)),
    "item.joined-lost": _put("joined", lambda _: None),
    "item.ended-lost": _put("ended", lambda _: None),
    "item.ended-is-deletion": _put("ended", lambda c: rfc3339(c.deletion_us)),
    "item.created-is-joined": _put("created", lambda c: _instant(c.joined_us or c.created_us)),
    "item.created-is-deletion": _put("created", lambda c: rfc3339(c.deletion_us)),
    "item.created-local": _put("created", lambda c: rfc3339(c.created_us + 2 * _HOUR_US)),
    "item.joined-ended-swapped": _swapped("joined", "ended"),
    "item.deletion-before-ended": _put("deletionTime", lambda c: rfc3339((c.ended_us or c.created_us) - _HOUR_US)),
    "item.deletion-is-created": _put("deletionTime", lambda c: rfc3339(c.created_us)),
    "item.joined-before-created": _put("joined", lambda c: rfc3339(c.created_us - _HOUR_US)),
    "item.never-recorded": _put("recordingEnabled", lambda _: False),
    "item.recorded-is-summary": _put("recordingEnabled", lambda c: bool(c.had_summary)),
    "item.summary-inverted": _put("hadSummary", lambda c: not c.had_summary),
    "item.summary-lost": _put("hadSummary", lambda _: False),
    "item.default-max-duration": _put("maxDuration", lambda _: "3600s"),
    "item.max-duration-in-ms": _put("maxDuration", lambda c: f"{c.max_duration[:-1]}000s"),
    "item.always-hangup": _put("endReason", lambda _: "hangup"),
    "item.unjoined": _put("endReason", lambda _: "unjoined"),
    "item.end-reason-lost": _put("endReason", lambda _: None),
    "item.end-reason-unknown": _put("endReason", lambda _: "user_hangup"),
    "item.end-reason-absent": _without("endReason"),
    "item.other-account": _put("accountId", lambda c: str(uuid.uuid5(uuid.NAMESPACE_OID, c.account))),
    "item.text-shown": _put("text", lambda c: c.text),
    "item.text-in-end-note": _put("note", lambda c: f"after {c.text!r}"),
    "item.id-unhyphenated": _put("callId", lambda c: f"call_{c.id}"),
    "item.created-epoch": _put("created", lambda c: c.created_us / SECOND_US),
    "item.created-unzoned": _put("created", lambda c: rfc3339(c.created_us).removesuffix("Z")),
    "item.created-spaced": _put("created", lambda c: rfc3339(c.created_us).replace("T", " ")),
    "item.ended-empty": _put("ended", lambda c: _instant(c.ended_us) or ""),
    "item.recorded-text": _put("recordingEnabled", lambda c: str(bool(c.recording_enabled)).lower()),
    "item.recorded-number": _put("recordingEnabled", lambda c: int(c.recording_enabled)),
    "item.max-duration-number": _put("maxDuration", lambda c: int(float(c.max_duration[:-1]))),
    "item.max-duration-null": _put("maxDuration", lambda _: None),
    "item.no-deletion-time": _without("deletionTime"),
    "item.no-account": _without("accountId"),
}


def _total(count: Callable[[Situation], Any]) -> Callable[[Reply], Reply]:
    return lambda reply: reply._replace(body=reply.body | {"total": count(reply.situation)})


def _body(**changed: Any) -> Callable[[Reply], Reply]:
    return lambda reply: reply._replace(body=reply.body | changed)


def _no_results(reply: Reply) -> Reply:
    return reply._replace(body={k: v for k, v in reply.body.items() if k != "results"})


BODY_EFFECTS: dict[str, Callable[[Reply], Reply]] = {
    "total.page-length": _total(lambda s: s.shown),
    "total.unfiltered": _total(lambda s: s.unfiltered),
    "total.one-more": _total(lambda s: s.population + 1),
    "total.remaining": _total(lambda s: s.shown + s.remaining),
    "total.capped": _total(lambda s: min(s.population, 50)),
    "total.text": _total(lambda s: str(s.population)),
    "total.pages": _total(lambda s: -(-s.population // max(s.page_size, 1))),
    "results.null": _body(results=None),
    "results.object": _body(results={}),
    "results.none": _no_results,
    "next.empty-text": _body(next=""),
    "next.number": _body(next=2),
    "reply.404": lambda reply: reply._replace(status=404, body={"detail": "Not found."}),
    "reply.204": lambda reply: reply._replace(status=204),
    "reply.206": lambda reply: reply._replace(status=206),
    "reply.203": lambda reply: reply._replace(status=203),
    "reply.500": lambda reply: reply._replace(status=500, body={"detail": "internal error"}),
    "reply.bare-list": lambda reply: reply._replace(body=reply.body["results"]),
}

BYTES_EFFECTS: dict[str, Callable[[bytes], bytes]] = {
    "bytes.nan": lambda body: body.replace(b"{", b'{"elapsed":NaN,', 1),
    "bytes.duplicate-key": lambda body: body.replace(b"{", b'{"total":0,', 1),
    "bytes.lone-surrogate": lambda body: body.replace(b"{", b'{"note":"\\ud83d",', 1),
}
