"""The marker of a deletion: the instant at which it was done, one and the same wherever it shows."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from conformance.contracts import pointer
from conformance.deletion.call import Call, View
from conformance.deletion.oracles.comparing import is_nothing
from conformance.deletion.oracles.evidence import operation, seen
from conformance.http import instants
from conformance.http.exchange import Exchange
from conformance.results.findings import Shown, Violation

__all__ = ["is_marked", "marked", "marked_when_known", "same_marker"]

_AN_INSTANT = "an RFC 3339 date-time with offset"


def same_marker(call: Call, views: Iterable[View], marker: str) -> Iterator[Violation]:
    """Every answer shows one and the same marker."""
    shown = [(view, pointer.get(view.record, marker)) for view in views]
    for view, value in shown[1:]:
        first, stamp = shown[0]
        if not instants.same(stamp, value):
            yield Violation(
                "marker-moved",
                f"{operation(view.exchange, call.id)} returns another {marker} than an earlier answer",
                Shown(stamp),
                Shown(value),
                view.where,
                about=(first.exchange, view.exchange),
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
            yield from _no_instant(call, view, marker, value)
            continue
        if latest is None or call.lost:
            yield from _in_window(call, stamp, marker, skew, view)
        elif view.where != "delete" and not instants.same(latest, value):
            yield Violation(
                "another-marker",
                f"{operation(view.exchange, call.id)} returns another {marker} than the DELETE before it",
                Shown(latest),
                Shown(value),
                view.where,
                about=seen(call, view.exchange),
            )
        if view.where == "delete" or latest is None:
            latest = value


def _no_instant(call: Call, view: View, marker: str, value: Any) -> Iterator[Violation]:
    absent = is_nothing(value)
    lacks = f"no {marker}" if absent else f"a {marker} that is no instant"
    yield Violation(
        "unmarked" if absent else "no-instant",
        f"{operation(view.exchange, call.id)} returns {lacks} for a deleted call",
        _AN_INSTANT,
        Shown(value),
        view.where,
        about=seen(call, view.exchange),
    )


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
            f"{operation(view.exchange, call.id)} returns a {marker} that is not the time of the deletion",
            f"between {float(earliest):.3f} and {float(latest):.3f} (seconds since 1970)",
            Shown(pointer.get(view.record, marker), f" = {float(stamp.seconds):.3f}"),
            about=seen(call, view.exchange),
        )


def is_marked(call: Call, view: View, marker: str, where: str = "") -> Iterator[Violation]:
    """A deleted call shows its marker, whatever stands in it."""
    value = pointer.get(view.record, marker)
    if not value:
        yield Violation(
            "unmarked",
            f"{operation(view.exchange, call.id)} returns no {marker} after DELETE",
            _AN_INSTANT,
            Shown(value),
            where,
            about=seen(call, view.exchange),
        )


def marked_when_known(answer: Exchange, call_id: str, marker: str) -> Iterator[Violation]:
    """A call that is known to be deleted, though nobody saw when, shows an instant."""
    value = pointer.get(answer.json, marker)
    if instants.parse(value) is None:
        yield Violation(
            "unmarked",
            f"{operation(answer, call_id)} returns no instant as {marker} of a call that is known to be deleted",
            _AN_INSTANT,
            Shown(value),
            about=(answer,),
        )
