"""Judge a deleted call against every redaction requirement of the contract at once."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from conformance.contract import Requirement
from conformance.deletion import oracles
from conformance.deletion.calls import ARTIFACTS, Call, View, can, delete, fetch, look
from conformance.deletion.sources import ended_call
from conformance.exchange import Exchange
from conformance.results import Violation
from conformance.rule import Vacuous
from conformance.scene import Scene

__all__ = [
    "artifact_owner",
    "deleted",
    "holding",
    "judge",
    "must_be_gone",
    "own_or_told",
    "prove",
    "require_deleted",
    "richest",
    "sweep",
]

_BY_VIEWS = ("redact.omits", "redact.absent-not-null", "redact.keeps", "redact.marked")


def deleted(scene: Scene, call: Call) -> Call:
    """Delete a call, perhaps again, perhaps read between, and look everywhere afterwards.

    Raises:
        Vacuous: the DELETE was not answered 200; `delete.succeeds` says so.
    """
    for number in range(scene.pick("deletes", [1, 2, 3])):
        if number and scene.pick(f"look before delete {number + 1}", [False, True]):
            look(scene, call)
        delete(scene, call)
    require_deleted(call)
    look(scene, call)
    return call


def require_deleted(call: Call) -> None:
    """Stop here unless a DELETE was answered 200.

    Raises:
        Vacuous: none was.
    """
    if call.deleted is None:
        raise Vacuous(f"DELETE was never answered 200 but {call.deletes[-1].status}")


def sweep(scene: Scene, call: Call) -> None:
    """Ask for everything else that could still show a deleted call: artifacts, refusals, another credential."""
    for role in ARTIFACTS:
        if can(scene, role):
            fetch(scene, role, call)
    if can(scene, "recording"):
        scene.send(
            scene.request("recording", call.id, api_key=call.api_key, headers={"Range": "bytes=0-99"}, intent="range")
        )
    if can(scene, "cancel"):
        scene.send(scene.request("cancel", call.id, api_key=call.api_key))
    scene.send(scene.request("delete", call.id, api_key="", intent="bad-credential"))


def judge(scene: Scene, call: Call) -> Iterator[Violation]:
    """Everything that the contract promises of a deleted call, each violation given to its requirement."""
    for requirement in scene.contract.bound(*_BY_VIEWS):
        yield from scene.about(requirement, _by_views(scene, requirement, call, call.views))
    later = call.after_deletion(scene.exchanges)
    for requirement in scene.contract.bound("redact.no-trace"):
        groups = [*requirement.data.get("fields", []), *requirement.data.get("artifacts", [])]
        yield from scene.about(requirement, oracles.no_trace(call, later, groups))
    for requirement in scene.contract.bound("redact.audio-gone", "redact.logs-gone"):
        yield from scene.about(requirement, _artifacts(scene, requirement, call, later))


def _by_views(scene: Scene, requirement: Requirement, call: Call, views: Iterable[View]) -> Iterator[Violation]:
    fields = requirement.data.get("fields", [])
    match requirement.rule:
        case "redact.omits":
            return oracles.omits(call, views, fields)
        case "redact.absent-not-null":
            return oracles.absent_not_null(call, views, fields)
        case "redact.keeps":
            return oracles.keeps(call, views, fields)
        case _:
            target = scene.run.target
            skew = target.clock_skew_seconds + target.settle_seconds
            return oracles.marked(call, views, scene.contract.record["marker"], skew)


def _artifacts(scene: Scene, requirement: Requirement, call: Call, later: list[Exchange]) -> Iterator[Violation]:
    role = requirement.data["artifact"]
    if role not in scene.contract.roles:
        return
    operation = scene.contract.roles[role].id
    for answer in later:
        if answer.request.operation == operation and call.id in answer.request.url:
            yield from oracles.gone(role, call.artifacts.get(role), answer, requirement.data.get("status"))


def must_be_gone(scene: Scene, call: Call) -> Iterator[Violation]:
    """The MUSTs of redaction, as part of the obligation of the rule at hand: erased, marked, no longer served."""
    for violation in judge(scene, call):
        owner = violation.requirement
        if owner is not None and owner.level == "MUST" and owner.rule != "redact.keeps":
            yield own_or_told(scene, owner, violation)
        else:
            yield violation


def own_or_told(scene: Scene, owner: Requirement, violation: Violation) -> Violation:
    """A violation as one of the rule at hand, unless the requirement that it breaks is known to be broken anyway.

    Then it is that one's, so that one defect is told once and not by every rule that deletes a call.
    """
    known = bool(scene.run.outcome(owner).findings)
    return replace(violation, requirement=owner if known else None, unless=None if known else owner)


def artifact_owner(scene: Scene, role: str) -> Requirement:
    """The requirement that an artifact of a deleted call is no longer served; the one under test if there is none."""
    bound = [r for r in scene.contract.bound("redact.audio-gone", "redact.logs-gone") if r.data["artifact"] == role]
    return next((r for r in bound if r.level == "MUST"), scene.requirement)


def prove(scene: Scene, call: Call, *after: Exchange | None, before: Exchange | None = None) -> None:
    """Keep what shows that a deletion is as it must be: the call before, its first DELETE, and later looks at it.

    Without `after`, the last look of each kind that is no DELETE.
    """
    if call.deleted is None:
        return
    scene.prove("before", before or call.shown)
    scene.prove("act", call.deleted)
    looks = {view.where: view.exchange for view in call.views if view.exchange.began >= call.deleted.ended}
    scene.prove("after", *(after or looks.values()))


def holding(scene: Scene, fields: Iterable[str]) -> Call:
    """An ended call that holds something in at least one of the fields.

    Raises:
        Vacuous: none of them held anything.
    """
    rich = scene.pick("kind of call that may hold every field", [False, True])
    call = ended_call(scene, richest(scene) if rich else {})
    if not oracles.held_fields(call, fields):
        raise Vacuous("the call held nothing in the fields that are to be erased")
    return call


def richest(scene: Scene) -> dict[str, Any]:
    """Values with which a record may hold every field, phone numbers included, by pointer."""
    seed = scene.contract.record["seed"]
    fixed = {
        clause["when"]: clause["is"][0]
        for clause in seed.get("only", [])
        if clause["when"] != scene.contract.record["status"]
    }
    return fixed | {place: f"+1{scene.digits(10)}" for place in seed.get("phone", [])}
