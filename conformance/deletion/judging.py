"""Judge a deleted call against every redaction requirement of the contract at once."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from conformance.contracts.pointer import JsonObject
from conformance.contracts.terms import Requirement, Role
from conformance.deletion import oracles
from conformance.deletion.call import Call, View
from conformance.deletion.calls import delete, fetch, look
from conformance.deletion.sources import ended_call
from conformance.engine.context import Context
from conformance.engine.stops import NotReached
from conformance.engine.supporting import ARTIFACTS, can
from conformance.http.exchange import Exchange
from conformance.results.findings import Violation

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


def deleted(context: Context, call: Call) -> Call:
    """Delete a call, perhaps again, perhaps read between, and look everywhere afterwards.

    Raises:
        NotReached: the DELETE was not answered 200; `delete.succeeds` says so.
    """
    for number in range(context.pick("deletes", [1, 2, 3])):
        if number and context.pick(f"look before delete {number + 1}", [False, True]):
            look(context, call)
        delete(context, call)
    require_deleted(call)
    look(context, call)
    return call


def require_deleted(call: Call) -> None:
    """Stop here unless a DELETE was answered 200.

    Raises:
        NotReached: none was.
    """
    if call.deleted is None:
        raise NotReached(f"DELETE was never answered 200 but {call.deletes[-1].status}")


def sweep(context: Context, call: Call) -> None:
    """Ask for everything else that could still show a deleted call: artifacts, refusals, another credential."""
    for role in ARTIFACTS:
        if can(context, role):
            fetch(context, role, call)
    if can(context, "recording"):
        context.send(
            context.request("recording", call.id, api_key=call.api_key, headers={"Range": "bytes=0-99"}, intent="range")
        )
    if can(context, "cancel"):
        context.send(context.request("cancel", call.id, api_key=call.api_key))
    context.send(context.request("delete", call.id, api_key="", intent="bad-credential"))


def judge(context: Context, call: Call) -> Iterator[Violation]:
    """Everything that the contract promises of a deleted call, each violation given to its requirement."""
    for requirement in context.contract.bound(*_BY_VIEWS):
        yield from context.about(requirement, _by_views(context, requirement, call, call.views))
    later = call.after_deletion(context.exchanges)
    for requirement in context.contract.bound("redact.no-trace"):
        groups = [*requirement.data.fields, *requirement.data.artifacts]
        yield from context.about(requirement, oracles.no_trace(call, later, groups))
    for requirement in context.contract.bound("redact.audio-gone", "redact.logs-gone"):
        yield from context.about(requirement, _artifacts(context, requirement, call, later))


def _by_views(context: Context, requirement: Requirement, call: Call, views: Iterable[View]) -> Iterator[Violation]:
    fields = requirement.data.fields
    match requirement.rule:
        case "redact.omits":
            return oracles.omits(call, views, fields)
        case "redact.absent-not-null":
            return oracles.absent_not_null(call, views, fields)
        case "redact.keeps":
            return oracles.keeps(call, views, fields)
        case _:
            target = context.run.target
            skew = target.clock_skew_seconds + target.settle_seconds
            return oracles.marked(call, views, context.contract.record.marker, skew)


def _artifacts(context: Context, requirement: Requirement, call: Call, later: list[Exchange]) -> Iterator[Violation]:
    role = requirement.data.artifact
    if role not in context.contract.roles:
        return
    operation = context.contract.roles[role].id
    for answer in later:
        if answer.request.operation == operation and call.id in answer.request.url:
            yield from oracles.gone(call, role, answer, requirement.data.status or None)


def must_be_gone(context: Context, call: Call) -> Iterator[Violation]:
    """The MUSTs of redaction, as part of the obligation of the rule at hand: erased, marked, no longer served."""
    for violation in judge(context, call):
        owner = violation.requirement
        if owner is not None and owner.level == "MUST" and owner.rule != "redact.keeps":
            yield own_or_told(context, owner, violation)
        else:
            yield violation


def own_or_told(context: Context, owner: Requirement, violation: Violation) -> Violation:
    """A violation as one of the rule at hand, unless the requirement that it breaks is known to be broken anyway.

    Then it is that one's, so that one defect is told once and not by every rule that deletes a call.
    """
    known = bool(context.run.outcomes.of(owner).findings)
    return replace(violation, requirement=owner if known else None, unless=None if known else owner)


def artifact_owner(context: Context, role: Role) -> Requirement:
    """The requirement that an artifact of a deleted call is no longer served; the one under test if there is none."""
    bound = [r for r in context.contract.bound("redact.audio-gone", "redact.logs-gone") if r.data.artifact == role]
    return next((r for r in bound if r.level == "MUST"), context.requirement)


def prove(context: Context, call: Call, *after: Exchange | None, before: Exchange | None = None) -> None:
    """Keep what shows that a deletion is as it must be: the call before, its first DELETE, and later looks at it.

    Without `after`, the last look of each kind that is no DELETE.
    """
    if call.deleted is None:
        return
    context.prove("before", before or call.shown)
    context.prove("act", call.deleted)
    looks = {view.where: view.exchange for view in call.views if view.exchange.began >= call.deleted.ended}
    context.prove("after", *(after or looks.values()))


def holding(context: Context, fields: Iterable[str]) -> Call:
    """An ended call that holds something in at least one of the fields.

    Raises:
        NotReached: none of them held anything.
    """
    rich = context.pick("kind of call that may hold every field", [False, True])
    call = ended_call(context, richest(context) if rich else {})
    if not oracles.held_fields(call, fields):
        raise NotReached("the call held nothing in the fields that are to be erased")
    return call


def richest(context: Context) -> JsonObject:
    """Values with which a record may hold every field, phone numbers included, by pointer."""
    seed = context.contract.record.seed
    fixed = {clause.when: clause.values[0] for clause in seed.only if clause.when != context.contract.record.status}
    return fixed | {place: f"+1{context.digits(10)}" for place in seed.phone}
