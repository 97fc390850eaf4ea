"""Where the calls of a deletion rule come from: set up by state, or given away by the user."""

from collections.abc import Mapping
from typing import Any

from conformance.contracts import pointer
from conformance.contracts.pointer import JsonObject
from conformance.deletion.call import Call
from conformance.deletion.calls import Deletions, fetch, read_before
from conformance.deletion.canaries import Canaries
from conformance.deletion.records import RecordBuilder
from conformance.engine.context import Context
from conformance.engine.given import ACTIVE, DELETED, ZERO_RETENTION
from conformance.engine.stops import NotReached
from conformance.engine.supporting import ARTIFACTS, can
from conformance.http import instants

__all__ = ["a_call", "active_call", "ended_call", "known_to_be_deleted"]

_TELLING = 8
"""Characters that a text of the user's must have for its reappearance to be no coincidence."""


def a_call(
    context: Context, fixed: Mapping[str, Any], *, api_key: str | None = None, name: str = "", whole: bool = False
) -> Call:
    """Set a call up, with every field, recording and logs if `whole`, and read it back.

    Where nothing can be set up, it is one of those that the user gave away.

    Raises:
        NotReached: the target can't, or what was set up does not read back.
    """
    if not context.run.set_ups.possible:
        return _given(context, fixed, keep=True)
    record = context.contract.record
    owner = fixed.get(record.owner) or f"agent_{context.token(16)}"
    canaries = Canaries(context.token)
    builder = RecordBuilder(
        context.contract.document,
        record.seed,
        _sensitive(context),
        canaries,
        pick=lambda label, options: context.pick(f"{name}{label}", options),
        token=context.token,
        digits=context.digits,
        whole=whole,
    )
    schema = context.contract.document.root["components"]["schemas"][record.schema]
    asked = builder.build(schema, {**fixed, record.owner: owner})
    audio = context.pick(f"{name}recording", [True] if whole else [False, True, True])
    lines = context.pick(f"{name}log lines", [3] if whole else [0, 1, 3])
    logs = [f"line {n} {canaries.plant('logs')}" for n in range(lines)]
    answer = context.state("a call exists", api_key=api_key, call=asked, audio=audio, logs=logs)
    if not isinstance(answer.get("call_id"), str):
        raise NotReached("state handler: 'a call exists' answered without call_id")
    stored = answer["call"] if isinstance(answer.get("call"), dict) else asked
    call = Call(answer["call_id"], stored, owner, canaries, api_key)
    _read_back(context, call, asked)
    return call


def _read_back(context: Context, call: Call, asked: JsonObject) -> None:
    if can(context, "get"):
        read_before(context, call)
        if call.before is None:
            raise NotReached("state handler: the call that was set up does not read back")
        status = context.contract.record.status
        if pointer.get(call.before, status) != pointer.get(asked, status):
            raise NotReached("state handler: the call that was set up reads back with another status")
    for role in ARTIFACTS:
        if can(context, role):
            call.artifacts[role] = fetch(context, role, call)


def _sensitive(context: Context) -> list[str]:
    bound = context.contract.bound("redact.omits", "redact.observed")
    return [place for requirement in bound for place in requirement.data.fields]


def ended_call(
    context: Context,
    fixed: Mapping[str, Any] | None = None,
    *,
    api_key: str | None = None,
    name: str = "",
    fresh: bool = False,
    keep: bool = False,
    whole: bool = False,
) -> Call:
    """A call in a terminal status: born so, ended, or cancelled; with every field if `whole`.

    Of calls that the user gave away, one that an earlier rule deleted serves again, unless the rule
    needs a `fresh` one; with `keep`, it is one that this rule does not delete.

    Raises:
        NotReached: there is none, or it can't be set up.
    """
    record = context.contract.record
    if not context.run.set_ups.possible:
        return _given(context, fixed or {}, keep=keep, fresh=fresh)
    ways = ["exists", "exists", "exists", "ends"] + (["cancelled"] if can(context, "cancel") else [])
    if not can(context, "get"):
        # What its end made of a call can only be read.
        ways = ["exists"]
    way = context.pick(f"{name}way to its end", ways)
    given = dict(fixed or {})
    if way == "exists":
        status = context.pick(f"{name}terminal status", record.terminal)
        return a_call(context, given | {record.status: status}, api_key=api_key, name=name, whole=whole)
    given[record.status] = record.cancellable[0]
    call = a_call(context, given, api_key=api_key, name=name, whole=whole)
    if way == "ends":
        context.state("a call ends", call_id=call.id, status=context.pick(f"{name}terminal status", record.terminal))
    else:
        answer = context.send(context.request("cancel", call.id, api_key=api_key))
        if not answer.ok:
            raise NotReached(f"the call could not be cancelled: {answer.status}")
    if call.before is not None:
        read_before(context, call)
    return call


def active_call(context: Context, status: str, *, keep: bool = True) -> Call:
    """A call in a status that is not terminal; `keep` tells that the rule leaves it so.

    Raises:
        NotReached: there is none, or it can't be set up.
    """
    fixed = {context.contract.record.status: status}
    return a_call(context, fixed) if context.run.set_ups.possible else _given(context, fixed, keep=keep)


def known_to_be_deleted(context: Context) -> str | None:
    """An id that the user says was deleted already; None where there is none."""
    ids = context.run.given.of(DELETED)
    return context.pick("deleted id", ids) if ids else None


def _given(context: Context, fixed: Mapping[str, Any], *, keep: bool, fresh: bool = False) -> Call:
    """A call that the user gave away; one that is to be deleted is used once.

    Raises:
        NotReached: none of the kind is left.
    """
    kinds = _kinds(context, fixed)
    specimens = [call for call in context.run.of(Deletions).calls if call.kind in kinds]
    if specimens and not fresh and not keep:
        call = specimens[context.pick("specimen", range(len(specimens)))]
        if context.number == 1 or len(specimens) > 1:
            return call
    given, wanted = context.run.given, fixed.get(context.contract.record.status)
    left = [
        (kind, call_id)
        for kind in kinds
        for call_id in given.of(kind)
        if call_id not in context.in_use and (wanted is None or given.may_have_status(call_id, wanted))
    ]
    # One example a requirement: what is left is for the others.
    if not left or (context.number > 1 and not keep):
        raise NotReached(f"no preloaded id left of a call that is {' or '.join(kinds)}")
    kind, call_id = left[context.pick("preloaded id", range(len(left))) if keep else 0]
    context.in_use.add(call_id)
    if not keep:
        given.gone(call_id)
    call = Call(call_id, {}, "", Canaries(context.token), kind=kind)
    _read_given(context, call)
    return call


def _kinds(context: Context, fixed: Mapping[str, Any]) -> list[str]:
    """Which of the config's lists fit what a rule asks for."""
    record = context.contract.record
    if fixed.get(record.zero_retention) is True:
        return [ZERO_RETENTION]
    if record.status in fixed:
        status = fixed[record.status]
        return [status, ACTIVE] if status in record.active else [status]
    return [*record.terminal]


def _read_given(context: Context, call: Call) -> None:
    """Read what a given call holds: that is what must be gone later, and what no report may show."""
    if can(context, "get"):
        read_before(context, call)
        if call.before is None:
            raise NotReached(f"the preloaded id can't be read ({call.kind})")
        call.owner = str(pointer.get(call.before, context.contract.record.owner))
    for role in ARTIFACTS:
        if can(context, role):
            call.artifacts[role] = fetch(context, role, call)
    held = {place: pointer.get(call.held, place) for place in _sensitive(context)}
    rest = call.held
    for place in held:
        rest = pointer.without(rest, place)
    harmless = f"{call.id} {rest}"
    logs = call.artifacts.get("logs")
    held["logs"] = logs.json if logs is not None and logs.ok else None
    for place, value in held.items():
        for number, (inner, text) in enumerate(pointer.walk(value, place)):
            if isinstance(text, str) and len(text) >= _TELLING and text not in harmless and not instants.parse(text):
                call.canaries.planted[f"{inner}#{number}"] = text.lower()
                context.run.scrub.secret(text)
