"""Rule: a call's whole life, step by step, against a model of what the contract must do."""

from collections.abc import Iterator
from dataclasses import dataclass

from conformance import pointer
from conformance.deletion import oracles
from conformance.deletion.calls import Call, View, can, delete, fetch, listed
from conformance.deletion.judging import artifact_owner, own_or_told, prove
from conformance.deletion.sources import a_call
from conformance.results import Violation
from conformance.rule import Vacuous, rule
from conformance.scene import Scene

__all__: list[str] = []

_STEPS = ("nothing", "delete", "get", "cancel", "end", "delete", "list", "fail next deletion", "recording", "logs")

_LIVES = (
    ("terminal", ("delete",)),
    ("active", ("delete", "end", "delete", "list")),
    ("cancellable", ("get", "cancel", "delete", "get")),
    ("active", ("end", "fail next deletion", "delete", "get", "delete")),
    ("cancellable", ("cancel", "fail next deletion", "delete", "list", "delete", "delete")),
    ("terminal", ("delete", "delete", "delete", "get")),
    ("cancellable", ("delete", "cancel", "delete", "get")),
)
"""How a call begins, and what happens to it first: ways into a life that chance alone would seldom find."""


@dataclass
class _Model:
    """What must be true of the call now. `status` is unknown after a cancellation: the contract names none."""

    status: str | None
    terminal: bool
    deleted: bool = False
    failures: int = 0


@rule("delete.lifecycle", needs=("states", "get"), proof=("before", "act", "after"))
def test_a_life_agrees_with_the_model(scene: Scene) -> Iterator[Violation]:
    """A call created, ended, cancelled, read, listed and deleted in any order does what the contract's MUSTs say."""
    record = scene.contract.record
    birth, opening = scene.pick("life", _LIVES)
    status = scene.pick("born", record[birth])
    call = a_call(scene, {record["status"]: status})
    model = _Model(status, status in record["terminal"])
    steps = [scene.pick(f"step {n}", _STEPS) for n in range(scene.pick("steps", [2, 6, 12]))]
    for step in (*opening, *steps):
        yield from _step(scene, call, model, step)
    yield from _agrees(scene, call, model)
    prove(scene, call, scene.exchanges[-1])


def _step(scene: Scene, call: Call, model: _Model, step: str) -> Iterator[Violation]:
    match step:
        case "delete":
            yield from _delete(scene, call, model)
        case "get":
            yield from _agrees(scene, call, model)
        case "list":
            if can(scene, "list"):
                yield from _listed(scene, call, model)
        case "end":
            _end(scene, call, model)
        case "cancel":
            if can(scene, "cancel"):
                yield from _cancel(scene, call, model)
        case "fail next deletion":
            if model.terminal and not model.deleted:
                _fail_next(scene, call, model)
        case "recording" | "logs":
            if can(scene, step):
                yield from _artifact(scene, call, model, step)


def _delete(scene: Scene, call: Call, model: _Model) -> Iterator[Violation]:
    injected, model.failures = model.failures, 0
    answer = delete(scene, call, retry=not injected)
    if not model.terminal:
        yield from oracles.status_is(answer, _refusal(scene), "DELETE of an active call")
    elif not (injected and answer.status == 500):
        yield from oracles.status_is(answer, 200, "DELETE of an ended call, in the middle of its life")
        model.deleted = model.deleted or answer.status == 200


def _refusal(scene: Scene) -> int:
    """The status that the contract promises where a call can't be deleted yet."""
    bound = scene.contract.bound("delete.active-refused")
    return int(bound[0].data["status"]) if bound else 400


def _agrees(scene: Scene, call: Call, model: _Model) -> Iterator[Violation]:
    """GET shows the record as the model has it."""
    answer = fetch(scene, "get", call)
    yield from oracles.status_is(answer, 200, "GET of a call in the middle of its life")
    if answer.status == 200 and isinstance(answer.json, dict):
        yield from _shows(scene, call, model, View("get", answer.json, answer))


def _listed(scene: Scene, call: Call, model: _Model) -> Iterator[Violation]:
    answer, item = listed(scene, call)
    if item is not None:
        yield from _shows(scene, call, model, View("list", item, answer))


def _shows(scene: Scene, call: Call, model: _Model, view: View) -> Iterator[Violation]:
    record = scene.contract.record
    status = pointer.get(view.record, record["status"])
    if model.status is not None and status != model.status:
        yield Violation(
            "status-differs",
            f"{record['status']} is not what the call's life made it",
            model.status,
            oracles.shown(status),
            view.where,
            about=(view.exchange,),
        )
    if not model.deleted:
        return
    if not pointer.get(view.record, record["marker"]):
        yield Violation(
            "unmarked",
            f"a deleted call shows no {record['marker']}",
            "an instant",
            "absent or null",
            view.where,
            about=(view.exchange,),
        )
    for requirement in scene.contract.bound("redact.omits"):
        if requirement.level == "MUST":
            for violation in oracles.omits(call, [view], requirement.data["fields"]):
                yield own_or_told(scene, requirement, violation)


def _end(scene: Scene, call: Call, model: _Model) -> None:
    status = scene.pick("end", scene.contract.record["terminal"])
    scene.state("a call ends", call_id=call.id, status=status)
    if not model.terminal:
        model.status, model.terminal = status, True


def _cancel(scene: Scene, call: Call, model: _Model) -> Iterator[Violation]:
    answer = fetch(scene, "cancel", call)
    if answer.ok and not model.terminal:
        model.status, model.terminal = None, True
    elif answer.ok and model.deleted:
        yield Violation("cancelled-after-deletion", "POST to cancel a deleted call", "refused", str(answer.status))


def _fail_next(scene: Scene, call: Call, model: _Model) -> None:
    try:
        scene.state("deleting a call fails", call_id=call.id, times=1, stage=scene.pick("stage", ["before", "during"]))
    except Vacuous:
        return
    model.failures = 1


def _artifact(scene: Scene, call: Call, model: _Model, role: str) -> Iterator[Violation]:
    answer = fetch(scene, role, call)
    if model.deleted:
        for violation in oracles.gone(role, call.artifacts[role], answer, None):
            yield own_or_told(scene, artifact_owner(scene, role), violation)
