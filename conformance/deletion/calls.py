"""What a deletion rule does to a call: set it up, read it, delete it, look for it everywhere."""

import time
from collections.abc import Iterator
from typing import Any, Final

from conformance.contracts import pointer
from conformance.contracts.terms import Artifact, Role
from conformance.deletion.call import Call, View, record_in
from conformance.engine.context import Context
from conformance.engine.drawing import Replay
from conformance.engine.rule import NotReached
from conformance.http.exchange import Exchange, Intent

__all__ = [
    "ARTIFACTS",
    "STRAY_500",
    "SUPPORTING",
    "can",
    "delete",
    "fetch",
    "list_query",
    "listed",
    "look",
    "read",
    "read_before",
]

ARTIFACTS: Final[tuple[Artifact, ...]] = ("recording", "logs")
"""Roles of the operations that serve what belongs to a call beside its record."""

SUPPORTING: Final[frozenset[Role]] = frozenset({"get", "list", "cancel", *ARTIFACTS})
"""Roles of operations that a target may lack; what needs them is then not tested."""

_MOST_PAGES = 200
"""Pages of a list that are looked through for one call: a list that goes on for longer has no end."""

STRAY_500 = 5
"""How often a 500 that nobody injected is retried: the document asks for a retry."""


def can(context: Context, role: Role) -> bool:
    """Whether the target offers the supporting operation of a role; detected once a run."""
    if role not in context.contract.roles:
        return False
    return context.run.capability(role, lambda: _offers(context, role)) in {"declared", "detected"}


def _offers(context: Context, role: Role) -> bool:
    """Try the operation on a call that has what it serves, apart from the example at hand."""
    apart = Context(context.run, context.requirement, Replay({}), 0)
    ids = _plain_calls(apart, role) if context.run.has("states") else _given_ids(context, role)
    for call_id, owner in ids:
        query = list_query(context, owner) if role == "list" else []
        if apart.send(apart.request(role, call_id, query=query)).ok:
            return True
    return False


def _plain_calls(apart: Context, role: Role) -> Iterator[tuple[str, str]]:
    """A call set up to have what the role serves; twice, since a stray 500 must not hide what is there."""
    record = apart.contract.record
    owner = f"agent_{apart.token(16)}"
    seed: dict[str, Any] = {}
    pointer.set_at(seed, record.status, record.cancellable[0] if role == "cancel" else record.terminal[0])
    pointer.set_at(seed, record.owner, owner)
    try:
        values = apart.state("a call exists", call=seed, **apart.contract.of_role(role).state)
    except NotReached:
        return
    yield from [(str(values.get("call_id")), owner)] * 2


def _given_ids(context: Context, role: Role) -> Iterator[tuple[str, str]]:
    """Ids that the user gave away, to be read only; whether calls can be cancelled is not tried on them."""
    if role == "cancel":
        return
    for call_id in [i for ids in context.run.target.preloaded.values() for i in ids]:
        owner = ""
        if role == "list":
            record = context.send(context.request("get", call_id)).json
            owner = str(pointer.get(record, context.contract.record.owner))
        yield call_id, owner


def list_query(
    context: Context, owner: str, *, expanded: bool = True, size: int | None = None
) -> list[tuple[str, str]]:
    """The query that lists an owner's calls, with all that the list can show, on pages as large as may be."""
    stated = context.contract.of_role("list")
    pairs = [(name, value.format(owner=owner)) for name, value in stated.query.items()]
    if stated.size is not None:
        pairs.append((stated.size.query, str(size or stated.size.most)))
    return pairs + (list(stated.expand.items()) if expanded else [])


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
        context.run.shared.setdefault("deleted", []).append(call)
        for ids in context.run.shared.get("preloaded", {}).values():
            # One that was to be kept and was deleted all the same is no longer what it was given as.
            ids[:] = [i for i in ids if i != call.id]
    call.deletes.append(answer)
    if answer.status == 200 and isinstance(answer.json, dict):
        call.views.append(View("delete", answer.json, answer))
    if answer is call.deleted and call.settled is None and context.run.target.settle_seconds:
        _settle(context, call)


def read(context: Context, call: Call) -> dict[str, Any] | None:
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
) -> tuple[Exchange, dict[str, Any] | None]:
    """The page of the owner's list that holds the call, and the call's item on it; else the last page and None.

    The list is paged to its end: what others, or earlier runs, left on it stands in nobody's way. A target that takes
    its time is given it.
    """
    for _ in _within(context):
        page, item = _looked_up(context, call, expanded=expanded, size=size)
        if item is not None:
            break
    return page, item


def _looked_up(
    context: Context, call: Call, *, expanded: bool, size: int | None
) -> tuple[Exchange, dict[str, Any] | None]:
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
