"""Rules: which calls can be deleted, what DELETE answers, and what it leaves alone."""

import time
from collections.abc import Iterator
from dataclasses import replace

from conformance.contracts import pointer
from conformance.contracts.pointer import JsonObject
from conformance.deletion import oracles
from conformance.deletion.call import Call, record_in
from conformance.deletion.calls import Deletions, delete, fetch, listed, look, note
from conformance.deletion.judging import deleted, judge, prove, require_deleted, richest, sweep
from conformance.deletion.sources import a_call, active_call, ended_call
from conformance.deletion.untouched import known_fields, still, untouched
from conformance.engine.context import Context
from conformance.engine.rule import rule
from conformance.engine.stops import NotReached
from conformance.engine.supporting import can
from conformance.http import instants
from conformance.results.findings import Violation

__all__: list[str] = []


@rule("delete.succeeds", needs=("calls",), proof=("before", "act"))
def test_ended_call_is_deleted(context: Context) -> Iterator[Violation]:
    """A completed or failed call is deleted: 200 and the record."""
    call = ended_call(context, fresh=True)
    answer = delete(context, call)
    context.prove("before", call.shown)
    context.prove("act", answer)
    yield from oracles.status_is(answer, 200, "DELETE of an ended call")
    yield from oracles.answers_the_record(call, answer, context.contract.record.id)


@rule("delete.active-refused", needs=("calls",), proof=("before", "act"))
def test_active_call_is_refused(context: Context) -> Iterator[Violation]:
    """A call in any non-terminal status answers DELETE with 400, however often it is asked."""
    status = context.pick("active status", context.contract.record.active)
    call = active_call(context, status)
    for _ in range(context.pick("deletes", [1, 2, 3])):
        answer = delete(context, call, retry=False)
        yield from oracles.status_is(answer, context.requirement.data.status, f"DELETE of a call in status {status}")
    context.prove("before", call.shown)
    context.prove("act", answer)


@rule("delete.active-untouched", needs=("calls", "get"), proof=("before", "act", "after"))
def test_refused_deletion_changes_nothing(context: Context) -> Iterator[Violation]:
    """A refused deletion changes nothing: record, recording and logs read as before."""
    call = active_call(context, context.pick("active status", context.contract.record.active))
    before = still(context, call)
    for _ in range(context.pick("deletes", [1, 2])):
        answer = delete(context, call, retry=False)
        if answer.ok:
            raise NotReached("the deletion was not refused; delete.active-refused says so")
    context.prove("act", answer)
    yield from untouched(context, before, "the call whose deletion was refused")


@rule("delete.after-cancel", needs=("calls", "cancel"), proof=("before", "act", "after"))
def test_cancelled_call_can_be_deleted(context: Context) -> Iterator[Violation]:
    """A started call, once cancelled, can be deleted."""
    call = active_call(context, context.contract.record.cancellable[0], keep=False)
    cancelled = context.send(context.request("cancel", call.id))
    yield from oracles.cancelled(cancelled)
    if not cancelled.ok:
        return
    answer = delete(context, call)
    until = time.monotonic() + context.run.target.settle_seconds
    while answer.status == 400 and time.monotonic() < until:
        context.wait(0.2)
        answer = delete(context, call)
    yield from oracles.status_is(answer, 200, "DELETE of a cancelled call")
    if answer.status == 200:
        look(context, call)
        context.prove("before", call.shown)
        context.prove("act", cancelled, answer)
        context.prove("after", *(view.exchange for view in call.views[1:]))
        sweep(context, call)
        yield from (v for v in judge(context, call) if v.requirement is None or v.requirement.rule != "redact.keeps")


@rule("delete.idempotent", needs=("calls",), proof=("before", "act", "after"))
def test_repeated_deletes_answer_alike(context: Context) -> Iterator[Violation]:
    """Repeated DELETEs each answer 200 with the same record, the marker aside."""
    call = ended_call(context)
    first = delete(context, call)
    require_deleted(call)
    for number in range(context.pick("further deletes", [1, 2, 4])):
        if context.pick(f"look before {number}", [False, True]):
            look(context, call)
        again = delete(context, call)
        yield from oracles.status_is(again, 200, f"DELETE number {number + 2} of the same call")
        if again.status == 200:
            yield from oracles.same_record(first, again, known_fields(context), context.contract.record.marker)
    prove(context, call, again)
    look(context, call)
    yield from judge(context, call)


@rule("delete.marker-stable", needs=("calls",), proof=("before", "act", "after"))
def test_repeating_does_not_move_the_marker(context: Context) -> Iterator[Violation]:
    """Repeating a DELETE does not move the marker."""
    marker = context.contract.record.marker
    call = ended_call(context)
    first = delete(context, call)
    require_deleted(call)
    stamp = instants.parse(pointer.get(first.json, marker))
    if stamp is None:
        raise NotReached("the DELETE answer has no instant as its marker; redact.marked says so")
    # A stamp in whole seconds can only be seen to move after a second; one such wait a run is enough.
    slow = stamp.resolution >= 1 and not context.run.of(Deletions).waited_for_marker
    for _ in range(context.pick("further deletes", [1, 2, 3]) if not slow else 2):
        context.wait(1.1 if slow else 0.002)
        delete(context, call)
        look(context, call)
    prove(context, call, call.deletes[-1])
    yield from oracles.same_marker(call, call.views, marker)
    context.run.of(Deletions).waited_for_marker = True


@rule("delete.concurrent", needs=("calls",), proof=("before", "act", "after"))
def test_simultaneous_deletes_converge(context: Context) -> Iterator[Violation]:
    """Simultaneous DELETEs converge on one record and one marker."""
    call = ended_call(context, fresh=True)
    requests = [context.request("delete", call.id, intent="at-once") for _ in range(context.pick("at once", [2, 3, 5]))]
    answers = context.at_once(requests)
    for answer in answers:
        note(context, call, answer)
    again = delete(context, call)
    # Of DELETEs at once, some may fail or be told of the others, if they come to what is promised when retried.
    for answer in answers:
        if answer.status not in {200, 409, 423, 500}:
            yield from oracles.status_is(answer, 200, "DELETE at the same moment as others")
    yield from oracles.status_is(again, 200, "DELETE again after several at once")
    require_deleted(call)
    good = [answer for answer in (*answers, again) if answer.status == 200]
    for other in good[1:]:
        yield from oracles.same_record(good[0], other, known_fields(context), context.contract.record.marker)
    look(context, call)
    context.prove("before", call.shown)
    context.prove("act", *answers)
    context.prove("after", *(view.exchange for view in call.views if view.where != "delete"))
    yield from oracles.same_marker(call, call.views, context.contract.record.marker)
    sweep(context, call)
    yield from judge(context, call)


@rule("delete.only-this-call", needs=("calls", "get"), long=True, proof=("before", "act", "after"))
def test_no_other_call_changes(context: Context) -> Iterator[Violation]:
    """Deleting a call changes no other: neither of the same owner, nor like it in content, nor deleted before."""
    record = context.contract.record
    like = context.pick("sibling like the call", ["same owner", "another owner", "same content"])
    alike = like == "same content"
    # Whatever a deletion might wrongly go by is there to be shared.
    first = ended_call(context, richest(context) if alike else {}, name="first ", keep=True, whole=alike)
    siblings = [first]
    fixed: JsonObject = {record.owner: first.owner} if like != "another owner" else {}
    if alike:
        own = {record.id, record.marker, record.status}
        fixed |= {f"/{name}": value for name, value in first.stored.items() if f"/{name}" not in own}
    status = context.pick("sibling status", [*record.terminal, *record.active])
    siblings.append(a_call(context, fixed | {record.status: status}, name="sibling "))
    call = ended_call(context, fixed, name="deleted ", fresh=True)
    if context.run.set_ups.possible and context.pick("a sibling was deleted before", [False, True]):
        delete(context, first)
        first = redacted(context, first)
    before = [still(context, sibling) for sibling in (first, *siblings[1:])]
    were_listed = {one.call.id for one in before if can(context, "list") and listed(context, one.call)[1] is not None}
    deleted(context, call)
    context.prove("act", call.deleted)
    for one in before:
        yield from untouched(context, one, "a call that was not deleted")
        if one.call.id in were_listed:
            page, item = listed(context, one.call)
            yield from oracles.still_listed(one.call, page, item, "a call that was not deleted")


def redacted(context: Context, call: Call) -> Call:
    """A deleted call as a call of its own, to be held against what it shows now; what it once held is not asked."""
    shown = fetch(context, "get", call)
    artifacts = {role: fetch(context, role, call) for role in call.artifacts}
    return replace(call, before=record_in(shown), shown=shown, artifacts=artifacts)
