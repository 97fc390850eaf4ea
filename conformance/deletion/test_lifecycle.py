"""Rule: a call's whole life, step by step, against a model of what the contract must do."""

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.contracts import pointer
from conformance.contracts.terms import Artifact
from conformance.deletion import oracles
from conformance.deletion.calls import Call, View, delete, fetch, listed
from conformance.deletion.judging import artifact_owner, own_or_told, prove
from conformance.deletion.sources import a_call
from conformance.engine.context import Context
from conformance.engine.rule import rule
from conformance.engine.stops import NotReached
from conformance.engine.supporting import can
from conformance.results.findings import Violation

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
def test_a_life_agrees_with_the_model(context: Context) -> Iterator[Violation]:
    """A call created, ended, cancelled, read, listed and deleted in any order does what the contract's MUSTs say."""
    record = context.contract.record
    birth, opening = context.pick("life", _LIVES)
    status = context.pick("born", getattr(record, birth))
    call = a_call(context, {record.status: status})
    model = _Model(status, status in record.terminal)
    steps = [context.pick(f"step {n}", _STEPS) for n in range(context.pick("steps", [2, 6, 12]))]
    for step in (*opening, *steps):
        yield from _step(context, call, model, step)
    yield from _agrees(context, call, model)
    prove(context, call, context.exchanges[-1])


def _step(context: Context, call: Call, model: _Model, step: str) -> Iterator[Violation]:
    match step:
        case "delete":
            yield from _delete(context, call, model)
        case "get":
            yield from _agrees(context, call, model)
        case "list":
            if can(context, "list"):
                yield from _listed(context, call, model)
        case "end":
            _end(context, call, model)
        case "cancel":
            if can(context, "cancel"):
                yield from _cancel(context, call, model)
        case "fail next deletion":
            if model.terminal and not model.deleted:
                _fail_next(context, call, model)
        case "recording" | "logs":
            if can(context, step):
                yield from _artifact(context, call, model, step)


def _delete(context: Context, call: Call, model: _Model) -> Iterator[Violation]:
    injected, model.failures = model.failures, 0
    answer = delete(context, call, retry=not injected)
    if not model.terminal:
        yield from oracles.status_is(answer, _refusal(context), "DELETE of an active call")
    elif not (injected and answer.status == 500):
        yield from oracles.status_is(answer, 200, "DELETE of an ended call, in the middle of its life")
        model.deleted = model.deleted or answer.status == 200


def _refusal(context: Context) -> int:
    """The status that the contract promises where a call can't be deleted yet."""
    bound = context.contract.bound("delete.active-refused")
    return bound[0].data.status if bound else 400


def _agrees(context: Context, call: Call, model: _Model) -> Iterator[Violation]:
    """GET shows the record as the model has it."""
    answer = fetch(context, "get", call)
    yield from oracles.status_is(answer, 200, "GET of a call in the middle of its life")
    if answer.status == 200 and isinstance(answer.json, dict):
        yield from _shows(context, call, model, View("get", answer.json, answer))


def _listed(context: Context, call: Call, model: _Model) -> Iterator[Violation]:
    answer, item = listed(context, call)
    if item is not None:
        yield from _shows(context, call, model, View("list", item, answer))


def _shows(context: Context, call: Call, model: _Model, view: View) -> Iterator[Violation]:
    record = context.contract.record
    status = pointer.get(view.record, record.status)
    if model.status is not None and status != model.status:
        yield Violation(
            "status-differs",
            f"{record.status} is not what the call's life made it",
            model.status,
            oracles.shown(status),
            view.where,
            about=(view.exchange,),
        )
    if not model.deleted:
        return
    if not pointer.get(view.record, record.marker):
        yield Violation(
            "unmarked",
            f"a deleted call shows no {record.marker}",
            "an instant",
            "absent or null",
            view.where,
            about=(view.exchange,),
        )
    for requirement in context.contract.bound("redact.omits"):
        if requirement.level == "MUST":
            for violation in oracles.omits(call, [view], requirement.data.fields):
                yield own_or_told(context, requirement, violation)


def _end(context: Context, call: Call, model: _Model) -> None:
    status = context.pick("end", context.contract.record.terminal)
    context.state("a call ends", call_id=call.id, status=status)
    if not model.terminal:
        model.status, model.terminal = status, True


def _cancel(context: Context, call: Call, model: _Model) -> Iterator[Violation]:
    answer = fetch(context, "cancel", call)
    if answer.ok and not model.terminal:
        model.status, model.terminal = None, True
    elif answer.ok and model.deleted:
        yield Violation("cancelled-after-deletion", "POST to cancel a deleted call", "refused", str(answer.status))


def _fail_next(context: Context, call: Call, model: _Model) -> None:
    try:
        context.state(
            "deleting a call fails", call_id=call.id, times=1, stage=context.pick("stage", ["before", "during"])
        )
    except NotReached:
        return
    model.failures = 1


def _artifact(context: Context, call: Call, model: _Model, role: Artifact) -> Iterator[Violation]:
    answer = fetch(context, role, call)
    if model.deleted:
        for violation in oracles.gone(role, call.artifacts[role], answer, None):
            yield own_or_told(context, artifact_owner(context, role), violation)
