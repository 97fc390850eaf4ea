"""Rule: a call's whole life, step by step, against a model of what the contract must do."""

from collections.abc import Iterator

from conformance.contracts.terms import Artifact
from conformance.deletion import oracles
from conformance.deletion.call import Call, View
from conformance.deletion.calls import delete, fetch, listed
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


@rule("delete.lifecycle", needs=("states", "get"), proof=("before", "act", "after"))
def test_a_life_agrees_with_the_model(context: Context) -> Iterator[Violation]:
    """A call created, ended, cancelled, read, listed and deleted in any order does what the contract's MUSTs say."""
    record = context.contract.record
    birth, opening = context.pick("life", _LIVES)
    status = context.pick("born", getattr(record, birth))
    call = a_call(context, {record.status: status})
    life = oracles.Life(status, status in record.terminal)
    steps = [context.pick(f"step {n}", _STEPS) for n in range(context.pick("steps", [2, 6, 12]))]
    for step in (*opening, *steps):
        yield from _step(context, call, life, step)
    yield from _agrees(context, call, life)
    prove(context, call, context.exchanges[-1])


def _step(context: Context, call: Call, life: oracles.Life, step: str) -> Iterator[Violation]:
    match step:
        case "delete":
            yield from _delete(context, call, life)
        case "get":
            yield from _agrees(context, call, life)
        case "list":
            if can(context, "list"):
                yield from _listed(context, call, life)
        case "end":
            _end(context, call, life)
        case "cancel":
            if can(context, "cancel"):
                yield from _cancel(context, call, life)
        case "fail next deletion":
            if life.terminal and not life.deleted:
                _fail_next(context, call, life)
        case "recording" | "logs":
            if can(context, step):
                yield from _artifact(context, call, life, step)


def _delete(context: Context, call: Call, life: oracles.Life) -> Iterator[Violation]:
    answer = delete(context, call, retry=not life.failures)
    yield from oracles.deletion_agrees(life, answer, _refusal(context))
    life.deleted = life.deleted or (life.terminal and answer.status == 200)
    life.failures = 0


def _refusal(context: Context) -> int:
    """The status that the contract promises where a call can't be deleted yet."""
    bound = context.contract.bound("delete.active-refused")
    return bound[0].data.status if bound else 400


def _agrees(context: Context, call: Call, life: oracles.Life) -> Iterator[Violation]:
    """GET shows the record as the model has it."""
    answer = fetch(context, "get", call)
    yield from oracles.status_is(answer, 200, "GET of a call in the middle of its life")
    if answer.status == 200 and isinstance(answer.json, dict):
        yield from _shows(context, call, life, View("get", answer.json, answer))


def _listed(context: Context, call: Call, life: oracles.Life) -> Iterator[Violation]:
    answer, item = listed(context, call)
    if item is not None:
        yield from _shows(context, call, life, View("list", item, answer))


def _shows(context: Context, call: Call, life: oracles.Life, view: View) -> Iterator[Violation]:
    record = context.contract.record
    yield from oracles.status_agrees(call, life, view, record.status)
    if not life.deleted:
        return
    yield from oracles.is_marked(call, view, record.marker, view.where)
    for requirement in context.contract.bound("redact.omits"):
        if requirement.level == "MUST":
            for violation in oracles.omits(call, [view], requirement.data.fields):
                yield own_or_told(context, requirement, violation)


def _end(context: Context, call: Call, life: oracles.Life) -> None:
    status = context.pick("end", context.contract.record.terminal)
    context.state("a call ends", call_id=call.id, status=status)
    if not life.terminal:
        life.status, life.terminal = status, True


def _cancel(context: Context, call: Call, life: oracles.Life) -> Iterator[Violation]:
    answer = fetch(context, "cancel", call)
    yield from oracles.refuses_to_cancel(call, life, answer)
    if answer.ok and not life.terminal:
        life.status, life.terminal = None, True


def _fail_next(context: Context, call: Call, life: oracles.Life) -> None:
    try:
        context.state(
            "deleting a call fails", call_id=call.id, times=1, stage=context.pick("stage", ["before", "during"])
        )
    except NotReached:
        return
    life.failures = 1


def _artifact(context: Context, call: Call, life: oracles.Life, role: Artifact) -> Iterator[Violation]:
    answer = fetch(context, role, call)
    if life.deleted:
        for violation in oracles.gone(call, role, answer):
            yield own_or_told(context, artifact_owner(context, role), violation)
