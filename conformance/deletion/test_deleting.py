"""Rules: which calls can be deleted, what DELETE answers, and what it leaves alone."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from conformance import instants, pointer
from conformance.deletion import oracles
from conformance.deletion.calls import Call, can, delete, fetch, listed, look, note, record_in
from conformance.deletion.judging import deleted, judge, prove, require_deleted, richest, sweep
from conformance.deletion.sources import a_call, active_call, ended_call
from conformance.deletion.untouched import known_fields, still, untouched
from conformance.results import Violation
from conformance.rule import Vacuous, rule
from conformance.scene import Scene

__all__: list[str] = []


@rule("delete.succeeds", needs=("calls",), proof=("before", "act"))
def test_ended_call_is_deleted(scene: Scene) -> Iterator[Violation]:
    """A completed or failed call is deleted: 200 and the record."""
    call = ended_call(scene, fresh=True)
    answer = delete(scene, call)
    scene.prove("before", call.shown)
    scene.prove("act", answer)
    yield from oracles.status_is(answer, 200, "DELETE of an ended call")
    if answer.status == 200:
        place = scene.contract.record["id"]
        found = pointer.get(answer.json, place)
        if found != call.id:
            yield Violation(
                "not-the-record",
                "DELETE did not answer with the call's record",
                f"{place}: {call.id}",
                oracles.shown(found),
                about=(answer,),
            )


@rule("delete.active-refused", needs=("calls",), proof=("before", "act"))
def test_active_call_is_refused(scene: Scene) -> Iterator[Violation]:
    """A call in any non-terminal status answers DELETE with 400, however often it is asked."""
    status = scene.pick("active status", scene.contract.record["active"])
    call = active_call(scene, status)
    for _ in range(scene.pick("deletes", [1, 2, 3])):
        answer = delete(scene, call, retry=False)
        yield from oracles.status_is(answer, scene.requirement.data["status"], f"DELETE of a call in status {status}")
    scene.prove("before", call.shown)
    scene.prove("act", answer)


@rule("delete.active-untouched", needs=("calls", "get"), proof=("before", "act", "after"))
def test_refused_deletion_changes_nothing(scene: Scene) -> Iterator[Violation]:
    """A refused deletion changes nothing: record, recording and logs read as before."""
    call = active_call(scene, scene.pick("active status", scene.contract.record["active"]))
    before = still(scene, call)
    for _ in range(scene.pick("deletes", [1, 2])):
        answer = delete(scene, call, retry=False)
        if answer.ok:
            raise Vacuous("the deletion was not refused; delete.active-refused says so")
    scene.prove("act", answer)
    yield from untouched(scene, before, "the call whose deletion was refused")


@rule("delete.after-cancel", needs=("calls", "cancel"), proof=("before", "act", "after"))
def test_cancelled_call_can_be_deleted(scene: Scene) -> Iterator[Violation]:
    """A started call, once cancelled, can be deleted."""
    call = active_call(scene, scene.contract.record["cancellable"][0], keep=False)
    cancelled = scene.send(scene.request("cancel", call.id))
    if not cancelled.ok:
        yield Violation(
            "not-cancelled", "POST to cancel a started call", "2xx", str(cancelled.status), str(cancelled.status)
        )
        return
    answer = delete(scene, call)
    until = time.monotonic() + scene.run.target.settle_seconds
    while answer.status == 400 and time.monotonic() < until:
        scene.wait(0.2)
        answer = delete(scene, call)
    yield from oracles.status_is(answer, 200, "DELETE of a cancelled call")
    if answer.status == 200:
        look(scene, call)
        scene.prove("before", call.shown)
        scene.prove("act", cancelled, answer)
        scene.prove("after", *(view.exchange for view in call.views[1:]))
        sweep(scene, call)
        yield from (v for v in judge(scene, call) if v.requirement is None or v.requirement.rule != "redact.keeps")


@rule("delete.idempotent", needs=("calls",), proof=("before", "act", "after"))
def test_repeated_deletes_answer_alike(scene: Scene) -> Iterator[Violation]:
    """Repeated DELETEs each answer 200 with the same record, the marker aside."""
    call = ended_call(scene)
    first = delete(scene, call)
    require_deleted(call)
    for number in range(scene.pick("further deletes", [1, 2, 4])):
        if scene.pick(f"look before {number}", [False, True]):
            look(scene, call)
        again = delete(scene, call)
        yield from oracles.status_is(again, 200, f"DELETE number {number + 2} of the same call")
        if again.status == 200:
            yield from oracles.same_record(first, again, known_fields(scene), scene.contract.record["marker"])
    prove(scene, call, again)
    look(scene, call)
    yield from judge(scene, call)


@rule("delete.marker-stable", needs=("calls",), proof=("before", "act", "after"))
def test_repeating_does_not_move_the_marker(scene: Scene) -> Iterator[Violation]:
    """Repeating a DELETE does not move the marker."""
    marker = scene.contract.record["marker"]
    call = ended_call(scene)
    first = delete(scene, call)
    require_deleted(call)
    stamp = instants.parse(pointer.get(first.json, marker))
    if stamp is None:
        raise Vacuous("the DELETE answer has no instant as its marker; redact.marked says so")
    # A stamp in whole seconds can only be seen to move after a second; one such wait a run is enough.
    slow = stamp.resolution >= 1 and not scene.run.shared.get("waited for the marker")
    for _ in range(scene.pick("further deletes", [1, 2, 3]) if not slow else 2):
        scene.wait(1.1 if slow else 0.002)
        delete(scene, call)
        look(scene, call)
    prove(scene, call, call.deletes[-1])
    yield from oracles.same_marker(call.views, marker)
    scene.run.shared["waited for the marker"] = True


@rule("delete.concurrent", needs=("calls",), proof=("before", "act", "after"))
def test_simultaneous_deletes_converge(scene: Scene) -> Iterator[Violation]:
    """Simultaneous DELETEs converge on one record and one marker."""
    call = ended_call(scene, fresh=True)
    requests = [scene.request("delete", call.id, intent="at-once") for _ in range(scene.pick("at once", [2, 3, 5]))]
    answers = scene.at_once(requests)
    for answer in answers:
        note(scene, call, answer)
    again = delete(scene, call)
    # Of DELETEs at once, some may fail or be told of the others, if they come to what is promised when retried.
    for answer in answers:
        if answer.status not in {200, 409, 423, 500}:
            yield from oracles.status_is(answer, 200, "DELETE at the same moment as others")
    yield from oracles.status_is(again, 200, "DELETE again after several at once")
    require_deleted(call)
    good = [answer for answer in (*answers, again) if answer.status == 200]
    for other in good[1:]:
        yield from oracles.same_record(good[0], other, known_fields(scene), scene.contract.record["marker"])
    look(scene, call)
    scene.prove("before", call.shown)
    scene.prove("act", *answers)
    scene.prove("after", *(view.exchange for view in call.views if view.where != "delete"))
    yield from oracles.same_marker(call.views, scene.contract.record["marker"])
    sweep(scene, call)
    yield from judge(scene, call)


@rule("delete.only-this-call", needs=("calls", "get"), long=True, proof=("before", "act", "after"))
def test_no_other_call_changes(scene: Scene) -> Iterator[Violation]:
    """Deleting a call changes no other: neither of the same owner, nor like it in content, nor deleted before."""
    record = scene.contract.record
    like = scene.pick("sibling like the call", ["same owner", "another owner", "same content"])
    alike = like == "same content"
    # Whatever a deletion might wrongly go by is there to be shared.
    first = ended_call(scene, richest(scene) if alike else {}, name="first ", keep=True, whole=alike)
    siblings = [first]
    fixed: dict[str, Any] = {record["owner"]: first.owner} if like != "another owner" else {}
    if alike:
        own = {record["id"], record["marker"], record["status"]}
        fixed |= {f"/{name}": value for name, value in first.stored.items() if f"/{name}" not in own}
    status = scene.pick("sibling status", [*record["terminal"], *record["active"]])
    siblings.append(a_call(scene, fixed | {record["status"]: status}, name="sibling "))
    call = ended_call(scene, fixed, name="deleted ", fresh=True)
    if scene.run.has("states") and scene.pick("a sibling was deleted before", [False, True]):
        delete(scene, first)
        first = redacted(scene, first)
    before = [still(scene, sibling) for sibling in (first, *siblings[1:])]
    were_listed = {one.call.id for one in before if can(scene, "list") and listed(scene, one.call)[1] is not None}
    deleted(scene, call)
    scene.prove("act", call.deleted)
    for one in before:
        yield from untouched(scene, one, "a call that was not deleted")
        if one.call.id in were_listed:
            page, item = listed(scene, one.call)
            if item is None:
                done = "a call that was not deleted is no longer listed"
                yield Violation("vanished", done, "listed", "not listed", about=(page,))


def redacted(scene: Scene, call: Call) -> Call:
    """A deleted call as a call of its own, to be held against what it shows now; what it once held is not asked."""
    shown = fetch(scene, "get", call)
    artifacts = {role: fetch(scene, role, call) for role in call.artifacts}
    return replace(call, before=record_in(shown), shown=shown, artifacts=artifacts)
