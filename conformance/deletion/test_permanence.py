"""Rules over the whole run: what was deleted stays deleted."""

from collections.abc import Iterator

from conformance.deletion import oracles
from conformance.deletion.call import Call, View, record_in
from conformance.deletion.calls import Deletions, delete, fetch, listed
from conformance.deletion.judging import artifact_owner, deleted, own_or_told, prove
from conformance.deletion.sources import a_call, ended_call
from conformance.engine.context import Context
from conformance.engine.rule import FinalSweep, rule
from conformance.engine.stops import NotReached
from conformance.engine.supporting import ARTIFACTS, can
from conformance.results.findings import Violation

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


@rule(
    "delete.permanent",
    last=True,
    needs=("calls", "get"),
    sweep=FinalSweep(lambda run: run.of(Deletions).not_swept(), lambda context, call: _still_gone(context, call)),  # noqa: PLW0108 - defined below
    proof=("before", "act", "after"),
)
def test_deleted_stays_deleted(context: Context) -> Iterator[Violation]:
    """What was deleted never comes back, whatever happens later; every call the run deleted is read once more."""
    # Whatever comes back by the clock alone needs a wait: one a run, for a call that has all there is.
    waited = context.run.of(Deletions).waited_for_return
    call = deleted(context, ended_call(context, whole=not waited))
    shown = {"record", *(role for role, answer in call.artifacts.items() if answer.ok)}
    if shown - waited:
        context.wait(1.2)
    for number in range(context.pick("events", [1, 3, 6, 10])):
        _happen(context, call, context.pick(f"event {number}", _EVENTS))
    so_far = len(context.exchanges)
    found = list(_still_gone(context, call))
    prove(context, call, context.exchanges[so_far])
    if not found:
        # What did come back is waited for again while its example is made smaller.
        waited |= shown
    yield from found


def _happen(context: Context, call: Call, event: str) -> None:
    """Something that might wake a deleted call up."""
    match event:
        case "list":
            if can(context, "list"):
                listed(context, call)
        case "cancel" | "recording":
            if can(context, event):
                fetch(context, event, call)
        case "end":
            terminal = context.contract.record.terminal
            context.state("a call ends", call_id=call.id, status=context.pick("late end", terminal))
        case "delete again":
            delete(context, call)
        case "another call":
            a_call(
                context,
                {
                    context.contract.record.owner: call.owner,
                    context.contract.record.status: context.contract.record.terminal[0],
                },
                name="another ",
            )
        case "another deletion":
            deleted(context, ended_call(context, {context.contract.record.owner: call.owner}, name="another "))
        case "refused credential":
            context.send(context.request("delete", call.id, api_key="", intent="bad-credential"))
        case "a while":
            context.wait(0.05)
        case _:
            fetch(context, "get", call)


def _still_gone(context: Context, call: Call) -> Iterator[Violation]:
    answer = context.send(context.request("get", call.id, api_key=call.api_key))
    record = record_in(answer)
    if record is None:
        if call.deleted is None:
            raise NotReached("the call was never deleted")
        yield from oracles.still_readable(call, answer)
        return
    view = View("get", record, answer)
    yield from oracles.is_marked(call, view, context.contract.record.marker)
    for requirement in context.contract.bound("redact.omits"):
        found = list(oracles.omits(call, [view], requirement.data.fields))
        for violation in found if requirement.level == "MUST" else []:
            yield own_or_told(context, requirement, violation)
        if requirement.level != "MUST":
            yield from context.about(requirement, found)
    for role in ARTIFACTS:
        if can(context, role):
            for violation in oracles.gone(call, role, fetch(context, role, call)):
                yield own_or_told(context, artifact_owner(context, role), violation)
