"""What a deletion rule does to a call: set it up, read it, delete it, look for it everywhere."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from conformance.contracts import pointer
from conformance.contracts.pointer import JsonObject
from conformance.contracts.terms import Role
from conformance.deletion.call import Call, View, record_in
from conformance.engine.context import Context
from conformance.engine.supporting import ARTIFACTS, can, list_query
from conformance.http.exchange import Exchange, Intent

__all__ = [
    "STRAY_500",
    "Deletions",
    "delete",
    "fetch",
    "listed",
    "look",
    "read",
    "read_before",
]

_MOST_PAGES = 200
"""Pages of a list that are looked through for one call: a list that goes on for longer has no end."""

STRAY_500 = 5
"""How often a 500 that nobody injected is retried: the document asks for a retry."""


@dataclass
class Deletions:
    """The calls that a run deleted, in order, and what was done once a run about them.

    Of them, `swept` were looked at again. `waited_for_return` are the parts of a call (its record, its artifacts) whose
    return by the clock alone was waited for, `waited_for_marker` says that the marker's was.
    """

    calls: list[Call] = field(default_factory=list)
    swept: int = 0
    waited_for_return: set[str] = field(default_factory=set)
    waited_for_marker: bool = False

    def not_swept(self) -> list[Call]:
        """The calls that were deleted since this was last asked."""
        new, self.swept = self.calls[self.swept :], len(self.calls)
        return new


def delete(context: Context, call: Call, *, retry: bool = True, overlapping: bool = False) -> Exchange:
    """DELETE the call, perhaps while another DELETE is under way; a stray 500 is retried, as the document says."""
    intent: Intent = "at-once" if overlapping else "regular"
    for _ in range(STRAY_500 + 1 if retry else 1):
        answer = context.send(context.request("delete", call.id, api_key=call.api_key, intent=intent))
        note(context, call, answer)
        if answer.status != 500:
            break
    return answer


def note(context: Context, call: Call, answer: Exchange) -> None:
    """Remember a DELETE's answer with the call, and the call with the run once it is deleted, and has settled."""
    if answer.status == 200 and call.deleted is None:
        context.run.tally.calls_deleted += 1
        context.run.of(Deletions).calls.append(call)
        # One that was to be kept and was deleted all the same is no longer what it was given as.
        context.run.given.gone(call.id)
    call.deletes.append(answer)
    if answer.status == 200 and isinstance(answer.json, dict):
        call.views.append(View("delete", answer.json, answer))
    if answer is call.deleted and call.settled is None and context.run.target.settle_seconds:
        _settle(context, call)


def read(context: Context, call: Call) -> JsonObject | None:
    """GET the call's record; None unless it is answered 200 with an object."""
    return record_in(context.send(context.request("get", call.id, api_key=call.api_key)))


def read_before(context: Context, call: Call) -> None:
    """Read what a call holds before anything is done to it; a later look that fails leaves the earlier one.

    A target that takes its time is given it.
    """
    for _ in _within(context):
        answer = context.send(context.request("get", call.id, api_key=call.api_key))
        record = record_in(answer)
        if record is not None:
            call.before, call.shown = record, answer
            return


def _within(context: Context) -> Iterator[None]:
    """Once, and again and again while the target may still be settling."""
    until = time.monotonic() + context.run.target.settle_seconds
    yield
    while time.monotonic() < until:
        context.wait(_POLL)
        yield


def fetch(context: Context, role: Role, call: Call) -> Exchange:
    """GET the recording or the logs of a call."""
    return context.send(context.request(role, call.id, api_key=call.api_key))


def listed(
    context: Context, call: Call, *, expanded: bool = True, size: int | None = None
) -> tuple[Exchange, JsonObject | None]:
    """The page of the owner's list that holds the call, and the call's item on it; else the last page and None.

    The list is paged to its end: what others, or earlier runs, left on it stands in nobody's way. A target that takes
    its time is given it.
    """
    for _ in _within(context):
        page, item = _looked_up(context, call, expanded=expanded, size=size)
        if item is not None:
            break
    return page, item


def _looked_up(context: Context, call: Call, *, expanded: bool, size: int | None) -> tuple[Exchange, JsonObject | None]:
    stated, place = context.contract.of_role("list"), context.contract.record.id
    query = list_query(context, call.owner, expanded=expanded, size=size)
    further: list[tuple[str, str]] = []
    anchors = set()
    for _ in range(_MOST_PAGES):
        page = context.send(context.request("list", query=[*query, *further], api_key=call.api_key))
        items = pointer.get(page.json, stated.items or "")
        records = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
        for item in records:
            if pointer.get(item, place) == call.id:
                return page, item
        anchor = str(pointer.get(records[-1], stated.after.item)) if records and stated.after else None
        if stated.after is None or anchor is None or anchor in anchors:
            break
        anchors.add(anchor)
        further = [(stated.after.query, anchor)]
    return page, None


def look(context: Context, call: Call) -> list[View]:
    """Read the call wherever the target shows records; the views are kept with the call too."""
    if call.deleted is not None and call.settled is None and context.run.target.settle_seconds:
        _settle(context, call)
    views = list(_views(context, call))
    call.views += views
    return views


def _settle(context: Context, call: Call) -> None:
    """Give a target that is eventually consistent its declared time; the delay is observed."""
    fields = [place for r in context.contract.bound("redact.omits") for place in r.data.fields]
    marker, began = context.contract.record.marker, time.monotonic()
    until = began + context.run.target.settle_seconds
    while time.monotonic() < until:
        records = [view.record for view in _views(context, call)]
        served = [role for role in ARTIFACTS if can(context, role) and fetch(context, role, call).ok]
        if not served and all(pointer.get(r, marker) and not any(pointer.has(r, f) for f in fields) for r in records):
            break
        context.wait(_POLL)
    call.settled = time.time()
    context.observed["seconds until a deletion shows everywhere"] = f"{time.monotonic() - began:.1f}"


_POLL = 0.1
"""Seconds between two looks at a target that is settling."""


def _views(context: Context, call: Call) -> Iterator[View]:
    if can(context, "get"):
        answer = context.send(context.request("get", call.id, api_key=call.api_key))
        if answer.status == 200 and isinstance(answer.json, dict):
            yield View("get", answer.json, answer)
    if can(context, "list"):
        answer, item = listed(context, call, expanded=context.pick("list expanded", [True, True, False]))
        if item is not None:
            yield View("list", item, answer)
