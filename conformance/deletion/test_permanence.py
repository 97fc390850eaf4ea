"""Rules over the whole run: what was deleted stays deleted."""

from collections.abc import Iterator

from conformance import pointer
from conformance.deletion import oracles
from conformance.deletion.calls import ARTIFACTS, Call, View, can, delete, fetch, listed
from conformance.deletion.judging import artifact_owner, deleted, own_or_told, prove
from conformance.deletion.sources import a_call, ended_call
from conformance.results import Violation
from conformance.rule import Again, Vacuous, rule
from conformance.run import Run
from conformance.scene import Scene

__all__: list[str] = []

_EVENTS = (
    "get",
    "list",
    "cancel",
    "end",
    "delete again",
    "another call",
    "another deletion",
    "recording",
    "refused credential",
    "a while",
)


def _not_seen_again(run: Run) -> list[Call]:
    """The calls that were deleted since the last sweep."""
    deleted_so_far: list[Call] = run.shared.get("deleted", [])
    swept = run.shared.get("swept", 0)
    run.shared["swept"] = len(deleted_so_far)
    return deleted_so_far[swept:]


@rule(
    "delete.permanent",
    needs=("calls", "get"),
    again=Again(_not_seen_again, lambda scene, call: _still_gone(scene, call)),  # noqa: PLW0108 - defined below
    proof=("before", "act", "after"),
)
def test_deleted_stays_deleted(scene: Scene) -> Iterator[Violation]:
    """What was deleted never comes back, whatever happens later; every call the run deleted is read once more."""
    # Whatever comes back by the clock alone needs a wait: one a run, for a call that has all there is.
    waited = scene.run.shared.setdefault("waited for a return", set())
    call = deleted(scene, ended_call(scene, whole=not waited))
    shown = {"record", *(role for role, answer in call.artifacts.items() if answer.ok)}
    if shown - waited:
        scene.wait(1.2)
    for number in range(scene.pick("events", [1, 3, 6, 10])):
        _happen(scene, call, scene.pick(f"event {number}", _EVENTS))
    so_far = len(scene.exchanges)
    found = list(_still_gone(scene, call))
    prove(scene, call, scene.exchanges[so_far])
    if not found:
        # What did come back is waited for again while its example is made smaller.
        waited |= shown
    yield from found


def _happen(scene: Scene, call: Call, event: str) -> None:
    """Something that might wake a deleted call up."""
    match event:
        case "list":
            if can(scene, "list"):
                listed(scene, call)
        case "cancel" | "recording":
            if can(scene, event):
                fetch(scene, event, call)
        case "end":
            terminal = scene.contract.record["terminal"]
            scene.state("a call ends", call_id=call.id, status=scene.pick("late end", terminal))
        case "delete again":
            delete(scene, call)
        case "another call":
            a_call(
                scene,
                {
                    scene.contract.record["owner"]: call.owner,
                    scene.contract.record["status"]: scene.contract.record["terminal"][0],
                },
                name="another ",
            )
        case "another deletion":
            deleted(scene, ended_call(scene, {scene.contract.record["owner"]: call.owner}, name="another "))
        case "refused credential":
            scene.send(scene.request("delete", call.id, api_key="", intent="bad-credential"))
        case "a while":
            scene.wait(0.05)
        case _:
            fetch(scene, "get", call)


def _still_gone(scene: Scene, call: Call) -> Iterator[Violation]:
    answer = scene.send(scene.request("get", call.id, api_key=call.api_key))
    if answer.status != 200 or not isinstance(answer.json, dict):
        if call.deleted is None:
            raise Vacuous("the call was never deleted")
        yield Violation(
            "vanished",
            "a deleted call can no longer be read",
            "200 and its redacted record",
            str(answer.status),
            about=(call.deleted, answer),
        )
        return
    marker = scene.contract.record["marker"]
    if not pointer.get(answer.json, marker):
        yield Violation(
            "unmarked",
            f"a deleted call lost its {marker}",
            "the instant of its deletion",
            "absent or null",
            about=(*filter(None, (call.shown, call.deleted)), answer),
        )
    view = View("get", answer.json, answer)
    for requirement in scene.contract.bound("redact.omits"):
        found = list(oracles.omits(call, [view], requirement.data["fields"]))
        for violation in found if requirement.level == "MUST" else []:
            yield own_or_told(scene, requirement, violation)
        if requirement.level != "MUST":
            yield from scene.about(requirement, found)
    for role in ARTIFACTS:
        if can(scene, role):
            for violation in oracles.gone(role, call.artifacts.get(role), fetch(scene, role, call), None):
                yield own_or_told(scene, artifact_owner(scene, role), violation)
