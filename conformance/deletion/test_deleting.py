"""Rules: which calls can be deleted, what DELETE answers, and what it leaves alone."""

import time
from collections.abc import Iterator
from typing import Any

from conformance import instants, pointer
from conformance.deletion import oracles
from conformance.deletion.calls import ARTIFACTS, Call, can, delete, fetch, listed, look, note, read
from conformance.deletion.judging import deleted, judge, require_deleted, richest, sweep
from conformance.deletion.sources import a_call, active_call, ended_call
from conformance.manners import is_plain
from conformance.results import Violation
from conformance.rule import Vacuous, rule
from conformance.scene import Scene

__all__: list[str] = []


@rule("delete.succeeds", needs=("calls",))
def test_ended_call_is_deleted(scene: Scene) -> Iterator[Violation]:
    """A completed or failed call is deleted: 200 and the record."""
    call = ended_call(scene, fresh=True)
    answer = delete(scene, call)
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
            )


@rule("delete.active-refused", needs=("calls",))
def test_active_call_is_refused(scene: Scene) -> Iterator[Violation]:
    """A call in any non-terminal status answers DELETE with 400, however often it is asked."""
    status = scene.pick("active status", scene.contract.record["active"])
    call = active_call(scene, status)
    for _ in range(scene.pick("deletes", [1, 2, 3])):
        answer = delete(scene, call, retry=False)
        yield from oracles.status_is(answer, scene.requirement.data["status"], f"DELETE of a call in status {status}")


@rule("delete.active-untouched", needs=("calls", "get"))
def test_refused_deletion_changes_nothing(scene: Scene) -> Iterator[Violation]:
    """A refused deletion changes nothing: record, recording and logs read as before."""
    call = active_call(scene, scene.pick("active status", scene.contract.record["active"]))
    for _ in range(scene.pick("deletes", [1, 2])):
        if delete(scene, call, retry=False).ok:
            raise Vacuous("the deletion was not refused; delete.active-refused says so")
    yield from _untouched(scene, call, "the call whose deletion was refused")


def _untouched(scene: Scene, call: Call, what: str) -> Iterator[Violation]:
    """The call reads as it did when it was set up."""
    for name in oracles.changed(call.before, read(scene, call), _known(scene)):
        yield Violation(
            "changed", f"/{name} of {what} is another", "as before", "changed, or no longer readable", f"/{name}"
        )
    for role in ARTIFACTS:
        if can(scene, role):
            before, after = call.artifacts[role], fetch(scene, role, call)
            if before.ok and (after.status, after.body) != (before.status, before.body):
                yield Violation("changed", f"the {role} of {what} is another", "as before", f"{after.status}", role)


def _known(scene: Scene) -> list[str]:
    schema = scene.contract.document.root["components"]["schemas"][scene.contract.record["schema"]]
    return list(schema["properties"])


@rule("delete.unknown")
def test_unknown_id_is_not_found(scene: Scene) -> Iterator[Violation]:
    """An id never issued answers 404; odd and long ones any 4xx, never 2xx or 5xx."""
    real = _an_id(scene)
    made = scene.alike(real)
    ids = {"like a real one": made, **_odd_ids(real, made)}
    kind = scene.pick("kind of id", list(ids))
    call_id = ids[kind]
    if call_id == real or not is_plain(call_id):
        raise Vacuous("an id that is a real one, or is not sent to servers that are not the suite's own")
    for _ in range(scene.pick("deletes", [1, 2])):
        intent = "regular" if kind == "like a real one" else "unknown-id"
        answer = scene.send(scene.request("delete", call_id, intent="unknown-id" if intent != "regular" else "regular"))
        scene.witness = answer
        if kind == "like a real one":
            yield from oracles.status_is(
                answer, scene.requirement.data["status"], "DELETE of an id that was never issued"
            )
        elif not 400 <= answer.status < 500:
            yield Violation(
                "status",
                f"DELETE of an odd id ({kind})",
                "any 4xx",
                str(answer.status),
                f"odd {answer.status // 100}xx",
            )


def _odd_ids(real: str, made: str) -> dict[str, str]:
    """Ids that no server issues, some of them close to a real one."""
    return {
        "one character": made[-1],
        "a wildcard": "%",
        "underscores": "_" * len(real),
        "a real one cut short": real[:-1],
        "a real one and more": real + made[-1],
        "a real one in another case": real.swapcase(),
        "a real one and a wildcard": real[:-2] + "%",
        "with quotes": f"{made}' OR '1'='1",
        "with a NUL": f"{made}\0",
        "not ASCII": "ünïcödé☎",
        "a number": "0",
        "null": "null",
        "a star": "*",
        "300 characters": made + "x" * 300,
        "2000 bytes": (made + "x" * 2000)[:2000],
    }


def _an_id(scene: Scene) -> str:
    """A real id where the target can make one, else the document's own example."""
    if scene.run.has("states"):
        return ended_call(scene).id
    operation = scene.contract.roles["delete"]
    example = operation.responses["200"]["content"]["application/json"].get("example", {})
    found = pointer.get(example, scene.contract.record["id"])
    return found if isinstance(found, str) else "id_" + scene.token(16)


@rule("delete.after-cancel", needs=("calls", "cancel"))
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
        sweep(scene, call)
        yield from (v for v in judge(scene, call) if v.requirement is None or v.requirement.rule != "redact.keeps")


@rule("delete.idempotent", needs=("calls",))
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
            yield from oracles.same_record(first, again, _known(scene), scene.contract.record["marker"])
    look(scene, call)
    yield from judge(scene, call)


@rule("delete.marker-stable", needs=("calls",))
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
    yield from oracles.same_marker(call.views, marker)
    scene.run.shared["waited for the marker"] = True


@rule("delete.concurrent", needs=("calls",))
def test_simultaneous_deletes_converge(scene: Scene) -> Iterator[Violation]:
    """Simultaneous DELETEs converge on one record and one marker."""
    call = ended_call(scene, fresh=True)
    requests = [scene.request("delete", call.id) for _ in range(scene.pick("at once", [2, 3, 5]))]
    answers = scene.at_once(requests)
    for answer in answers:
        note(scene, call, answer)
        if answer.status not in {200, 500}:
            yield Violation(
                "status", "DELETEs at once of an ended call", "200 each", str(answer.status), str(answer.status)
            )
    delete(scene, call)
    require_deleted(call)
    good = [answer for answer in answers if answer.status == 200]
    for again in good[1:]:
        yield from oracles.same_record(good[0], again, _known(scene), scene.contract.record["marker"])
    look(scene, call)
    yield from oracles.same_marker(call.views, scene.contract.record["marker"])
    sweep(scene, call)
    yield from judge(scene, call)


@rule("delete.only-this-call", needs=("calls", "get"), long=True)
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
        first.before = read(scene, first)
        first.artifacts = {role: fetch(scene, role, first) for role in first.artifacts}
    deleted(scene, call)
    for sibling in siblings:
        yield from _untouched(scene, sibling, "a call that was not deleted")
        if can(scene, "list") and listed(scene, sibling)[1] is None:
            yield Violation("vanished", "a call that was not deleted is no longer listed", "listed", "not listed")
