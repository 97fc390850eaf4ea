"""Rules: what a deleted call still shows, and what it shows no more."""

from collections.abc import Iterator

from conformance.contracts import pointer
from conformance.contracts.pointer import ABSENT
from conformance.deletion import oracles
from conformance.deletion.call import Call, View
from conformance.deletion.calls import delete, fetch, listed, look
from conformance.deletion.judging import artifact_owner, deleted, holding, judge, own_or_told, prove, sweep
from conformance.deletion.sources import a_call, active_call, ended_call, known_to_be_deleted
from conformance.engine.context import Context
from conformance.engine.rule import rule
from conformance.engine.stops import NotReached
from conformance.engine.supporting import ARTIFACTS, can
from conformance.http.exchange import Exchange
from conformance.results.findings import Violation

__all__: list[str] = []


@rule("redact.retained", needs=("calls", "get"), proof=("before", "act", "after"))
def test_record_stays(context: Context) -> Iterator[Violation]:
    """The record stays: get and list still show the call after its deletion."""
    call = deleted(context, ended_call(context))
    answer = context.send(context.request("get", call.id))
    prove(context, call, answer)
    yield from oracles.status_is(answer, 200, "GET of a deleted call")
    yield from oracles.answers_own_record(call, answer, context.contract.record.id)
    for expanded in (True, False) if can(context, "list") else ():
        page, item = listed(context, call, expanded=expanded)
        yield from oracles.still_listed(call, page, item, where=f"list {'expanded' if expanded else 'plain'}")
    yield from judge(context, call)


def _judged(context: Context, call: Call) -> Iterator[Violation]:
    prove(context, call)
    yield from judge(context, call)


@rule("redact.omits", needs=("calls",), proof=("before", "act", "after"))
def test_erased_fields_are_absent(context: Context) -> Iterator[Violation]:
    """Erased fields have no content in the DELETE answer and in every later read."""
    yield from _judged(context, deleted(context, holding(context, context.requirement.data.fields)))


@rule("redact.absent-not-null", needs=("calls",), proof=("before", "act", "after"))
def test_erased_fields_are_absent_not_null(context: Context) -> Iterator[Violation]:
    """A field that held something before is absent after: not null, not empty, not masked."""
    yield from _judged(context, deleted(context, holding(context, context.requirement.data.fields)))


@rule("redact.observed", needs=("calls",), proof=("before", "act", "after"))
def test_open_fields_are_observed(context: Context) -> Iterator[Violation]:
    """What becomes of fields that the document leaves open is observed, not judged."""
    fields = context.requirement.data.fields
    call = deleted(context, holding(context, fields))
    for place in oracles.held_fields(call, fields):
        for view in call.views:
            value = pointer.get(view.record, place)
            kept = "omitted" if value is ABSENT else "null" if value is None else "kept"
            context.observed[f"{place} in {view.where}"] = kept
    yield from _judged(context, call)


@rule("redact.marked", needs=("calls",), proof=("before", "act", "after"))
def test_marker_is_the_instant_of_deletion(context: Context) -> Iterator[Violation]:
    """The marker is an RFC 3339 instant in the window of the request; get and list show the same one."""
    yield from _judged(context, deleted(context, ended_call(context)))


@rule("redact.unmarked-before", needs=("calls", "get"), proof=("before",))
def test_marker_is_absent_before(context: Context) -> Iterator[Violation]:
    """A call that was never deleted has no marker, or a null one."""
    record = context.contract.record
    status = context.pick("status", [*record.terminal, *record.active])
    call = active_call(context, status)
    if (
        status in record.active
        and context.pick("refused deletion first", [False, True])
        and delete(context, call, retry=False).ok
    ):
        raise NotReached("the deletion was not refused; delete.active-refused says so")
    for view in look(context, call):
        context.prove("before", view.exchange)
        yield from oracles.unmarked_before(call, view, record.marker)


@rule("redact.keeps", needs=("calls",), proof=("before", "act", "after"))
def test_other_fields_are_unchanged(context: Context) -> Iterator[Violation]:
    """What is not erased reads after the deletion as it did before."""
    call = ended_call(context)
    if not oracles.held_fields(call, context.requirement.data.fields):
        raise NotReached("the call held nothing in the fields that are to be kept")
    if can(context, "list"):
        _, call.listed = listed(context, call, expanded=False)
    yield from _judged(context, deleted(context, call))


@rule("redact.no-trace", needs=("calls",), proof=("before", "act", "after"))
def test_no_byte_of_erased_content_shows(context: Context) -> Iterator[Violation]:
    """No later answer, in body or headers, of any operation, shows a trace of what was erased."""
    call = ended_call(context)
    places = (*context.requirement.data.fields, *context.requirement.data.artifacts)
    known = [one for one in (call.shown, *call.artifacts.values()) if one is not None]
    text = "".join(one.body.decode("utf-8", "replace") for one in known)
    held = call.canaries.traces(text) if known else set(call.canaries.planted)
    # A recording is sound: no canary of ours is heard in it.
    sound = "recording" in places and "recording" in call.artifacts and call.artifacts["recording"].ok
    if not sound and not any(place.startswith(places) for place in held):
        raise NotReached("the call held nothing that could leave a trace")
    deleted(context, call)
    sweep(context, call)
    prove(context, call, *_one_of_each(call.after_deletion(context.exchanges)))
    yield from judge(context, call)


def _one_of_each(exchanges: list[Exchange]) -> list[Exchange]:
    """The last exchange of each operation that was answered."""
    return list({one.request.operation: one for one in exchanges if one.request.intent == "regular"}.values())


def _artifact_gone(context: Context) -> Iterator[Violation]:
    """Delete a call whose artifact was served, and ask for the artifact again."""
    role = context.requirement.data.the_artifact
    if not can(context, role):
        raise NotReached(f"the target does not serve {role}")
    call = ended_call(context)
    if not call.artifacts[role].ok:
        raise NotReached(f"the call has no {role}")
    deleted(context, call)
    looks = [fetch(context, role, call) for _ in range(2)]
    prove(context, call, looks[-1], before=call.artifacts[role])
    sweep(context, call)
    yield from judge(context, call)


@rule("redact.audio-gone", needs=("calls", "recording"), proof=("before", "act", "after"))
def test_recording_is_gone(context: Context) -> Iterator[Violation]:
    """The recording of a deleted call is no longer served, whole or in part."""
    yield from _artifact_gone(context)


@rule("redact.logs-gone", needs=("calls", "logs"), proof=("before", "act", "after"))
def test_logs_are_gone(context: Context) -> Iterator[Violation]:
    """The logs of a deleted call are no longer served."""
    yield from _artifact_gone(context)


@rule("redact.list", needs=("calls", "list"), proof=("before", "act", "after"))
def test_list_shows_the_redacted_record(context: Context) -> Iterator[Violation]:
    """The list, what it can expand expanded, shows the redacted record and its marker."""
    fields = context.requirement.data.fields
    call = deleted(context, holding(context, fields))
    size = context.pick("page size", [None, 1, 2])
    if size is not None:
        record = context.contract.record
        for number in range(context.pick("other calls on the list", [1, 2, 3])):
            a_call(context, {record.owner: call.owner, record.status: record.terminal[0]}, name=f"other {number} ")
    page, item = listed(context, call, size=size)
    prove(context, call, page)
    yield from oracles.still_listed(call, page, item)
    if item is None:
        return
    view = View("list", item, page)
    yield from oracles.omits(call, [view], fields)
    yield from oracles.absent_not_null(call, [view], fields)
    yield from oracles.is_marked(call, view, context.contract.record.marker)
    yield from judge(context, call)


@rule("redact.zero-retention", needs=("calls",), proof=("before", "act", "after"))
def test_zero_retention_call_deletes_alike(context: Context) -> Iterator[Violation]:
    """A zero-data-retention call shows no sensitive data even before, and is deleted in the same way."""
    place = context.contract.record.zero_retention
    if not place:
        raise NotReached("the contract knows no zero retention")
    call = ended_call(context, {place: True})
    if pointer.get(call.held, place) is not True:
        raise NotReached("state handler: the call does not read back as one of zero retention")
    before = list(look(context, call))
    if before:
        yield from oracles.not_retained(call, context.requirement.data.fields)
    for role in context.requirement.data.artifacts:
        yield from oracles.not_served_before(call, role)
    call.views.clear()
    context.prove("before", *(view.exchange for view in before), *call.artifacts.values())
    answer = delete(context, call)
    context.prove("act", answer)
    yield from oracles.status_is(answer, 200, "DELETE of an ended zero-retention call")
    if answer.status == 200:
        context.prove("after", *(view.exchange for view in look(context, call)))
        sweep(context, call)
        yield from judge(context, call)


@rule("redact.already", needs=("get", "deleted"), read_only=True, proof=("after",))
def test_already_deleted_call_stays_redacted(context: Context) -> Iterator[Violation]:
    """An id known to be deleted shows a marker and no erased field."""
    call_id = known_to_be_deleted(context)
    if call_id is None:
        call_id = deleted(context, ended_call(context)).id
    answer = context.send(context.request("get", call_id))
    context.prove("after", answer)
    yield from oracles.status_is(answer, 200, "GET of a call known to be deleted")
    if answer.status != 200:
        return
    yield from oracles.marked_when_known(answer, call_id, context.contract.record.marker)
    yield from oracles.omits_known(answer, call_id, context.requirement.data.fields)
    for role in [role for role in ARTIFACTS if can(context, role)]:
        for violation in oracles.not_served(role, context.send(context.request(role, call_id)), call_id):
            yield own_or_told(context, artifact_owner(context, role), violation)


@rule("call.phone-numbers", needs=("calls", "get"), proof=("before",))
def test_phone_numbers_by_kind_of_call(context: Context) -> Iterator[Violation]:
    """Before deletion, phone numbers are there for phone calls and not for others."""
    data = context.requirement.data
    kind = context.pick("kind of call", [*data.present, *data.omitted])
    phones = {place: f"+1{context.digits(10)}" for place in data.fields} if kind in data.present else {}
    call = ended_call(context, {data.when: kind, **phones}, keep=True)
    if pointer.get(call.before, data.when) != kind or _retains_nothing(context, call):
        raise NotReached("state handler: the call does not read back as the kind that was asked for")
    # A list may show less of a call than the call itself.
    for view in (view for view in look(context, call) if view.where == "get"):
        context.prove("before", view.exchange)
        if kind in data.present:
            yield from oracles.shows_for_kind(call, view, data.fields, kind)
        if kind in data.omitted:
            yield from oracles.omits_for_kind(call, view, data.fields, kind)


def _retains_nothing(context: Context, call: Call) -> bool:
    place = context.contract.record.zero_retention
    return bool(place) and pointer.get(call.held, place) is True
