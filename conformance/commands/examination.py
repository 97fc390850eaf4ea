"""`conformance doctor`: what of a target can be tested, and what stands in the way."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from conformance.contracts import pointer
from conformance.contracts.contract import Contract
from conformance.contracts.pointer import JsonObject
from conformance.contracts.terms import Role
from conformance.engine.context import Context
from conformance.engine.plan import make_plan
from conformance.engine.preflight import plain_context, preflight
from conformance.engine.run import Run
from conformance.engine.stops import Broken, NotReached
from conformance.http.session import Disturbance
from conformance.reference.server import Reference, package
from conformance.targets.config import Options
from conformance.targets.target import Target

__all__ = ["Line", "examine", "look"]


@dataclass(frozen=True)
class Line:
    """One thing that was looked at: whether it is as it should be, and what to do where it is not."""

    what: str
    good: bool | None
    seen: str
    advice: str = ""

    def __str__(self) -> str:
        mark = {True: "ok  ", False: "BAD ", None: "--  "}[self.good]
        advice = f"\n        {self.advice}" if self.advice and self.good is not True else ""
        return f"  {mark}{self.what:<38} {self.seen}{advice}"


def look(options: Options) -> Iterator[Line]:
    """Look at the target that the options name, or at the contract's embedded reference.

    Raises:
        UsageError, ContractError, TargetError: the options don't lead to a target.
        LookupError: no target is named, and the contract has no embedded reference.
    """
    plan = make_plan(options, seed=0)
    contract = plan.contracts[0]
    if plan.target is not None:
        yield from examine(contract, plan.target)
        return
    package(contract.vendor)
    with Reference(contract.vendor) as reference:
        embedded = Target(reference.url, reference.api_key, reference.state_url, "reference", embedded=True)
        yield from examine(contract, embedded)


def examine(contract: Contract, target: Target) -> Iterator[Line]:
    """Look at reach, credential, version header, supporting operations and the state handler, one by one.

    Then say what a run by default will send, and leave behind.
    """
    run = Run(contract, target, seed=0, depth=1)
    try:
        notes = preflight(run)
    except Broken as problem:
        yield Line("a run could begin", False, run.scrub.text(str(problem)))
        run.set_ups.tear_down()
        return
    yield Line("a run could begin", True, f"{target.url} answers")
    for note in notes:
        yield Line("note", None, run.scrub.text(note))
    try:
        yield from _with_a_context(run, contract)
    except (Broken, Disturbance) as problem:
        yield Line("connection", False, run.scrub.text(str(problem)), "The target or its state URL stopped answering.")
    finally:
        run.set_ups.tear_down()
    yield from _foreseen(run, contract)


_BY_SET_UP: Final = {"record": (8_000, "calls"), "listing": (5_000, "tombstones")}
"""Requests of a run by default with a state URL, measured on a server that is not embedded, and what it sets up."""
_WITHOUT: Final = 1_500
"""The same without one."""


def _foreseen(run: Run, contract: Contract) -> Iterator[Line]:
    """What a run by default does to the target."""
    target = run.target
    if target.embedded:
        return
    requests, kind = _BY_SET_UP["listing" if contract.lists else "record"]
    about = f"about {requests if run.set_ups.possible else _WITHOUT:,} requests"
    if run.set_ups.possible:
        left = f"at most {target.max_calls:,} calls and {target.max_tombstones:,} tombstones, most of which stay"
        bounds = f"{left}; {target.max_accounts} fresh accounts, torn down at the end"
        yield Line("a run will send", None, f"{about}, and set up {bounds}", f"max_{kind} and its like bound it.")
    else:
        ids = sum(map(len, target.preloaded.values()))
        yield Line("a run will send", None, about + (f", and use up the {ids} ids it was given" if ids else ""))
    a_minute = f"{target.max_wrong_credentials} wrong credentials, {target.wrong_credentials_per_minute} a minute"
    native = f"{target.max_native_calls} calls by the vendor's own creation"
    yield Line("a run will try", None, f"at most {a_minute}; {native}")


def _with_a_context(run: Run, contract: Contract) -> Iterator[Line]:
    yield from _credential(plain_context(run), contract)
    if run.set_ups.possible:
        yield from _states(run, contract)
    else:
        advice = "Offer one (docs/STATE-HANDLER.md), or give ids away in the config: [targets.NAME.preloaded]."
        yield Line("state URL", None, "none given", advice)
    yield from _operations(run, contract)


def _probe_role(contract: Contract) -> Role:
    return next((role for role, operation in contract.roles.items() if operation.method == "GET"), "delete")


def _credential(context: Context, contract: Contract) -> Iterator[Line]:
    role = _probe_role(contract)
    right = context.send(context.request(role, context.nobody(), intent="unknown-id"))
    good = right.status not in {401, 403}
    yield Line("credential", good, f"answered {right.status}", "Set CONFORMANCE_API_KEY, or api_key_env in the config.")
    wrong = context.send(context.request(role, context.nobody(), api_key=context.token(24), intent="bad-credential"))
    refused = wrong.status in {401, 403}
    yield Line("wrong credential", refused, f"answered {wrong.status}", "The target should answer 401 or 403.")
    header = contract.terms.version_header
    if header is not None:
        without = context.send(context.request(role, context.nobody(), headers={header: None}, intent="bad-version"))
        yield Line(
            f"without {header}",
            without.status < 500,
            f"answered {without.status}",
            "A missing header should not be a 5xx.",
        )


def _states(run: Run, contract: Contract) -> Iterator[Line]:
    yield from (_record_states(run, contract) if contract.deletes else _list_states(run, contract))


def _tried(run: Run, state: str, **params: Any) -> tuple[Line, JsonObject]:
    """One state set up: the line about it, and the values of the answer."""
    try:
        values = plain_context(run).state(state, **params)
    except NotReached as refused:
        return Line(state, False, str(refused), "Requirements that need this state will be untestable."), {}
    return Line(state, True, "set up"), values


def _record_states(run: Run, contract: Contract) -> Iterator[Line]:
    record = contract.record
    account, values = _tried(run, "a fresh account exists")
    yield account
    if isinstance(values.get("api_key"), str):
        run.set_ups.adopt(values["api_key"])
    for status in [*record.terminal, *record.active]:
        asked: JsonObject = {}
        pointer.set_at(asked, record.status, status)
        line, values = _tried(run, "a call exists", call=asked)
        yield _read_back(run, contract, line, values, status)
    line, values = _tried(run, "a call exists", call=asked)
    if "call_id" in values:
        yield _tried(run, "a call ends", call_id=values["call_id"], status=record.terminal[0])[0]
        yield from _failing(run, str(values["call_id"]))


def _read_back(run: Run, contract: Contract, line: Line, values: JsonObject, status: str) -> Line:
    what = f"a call exists ({status})"
    if not line.good:
        return Line(what, False, line.seen, line.advice)
    if "call_id" not in values:
        return Line(what, False, "answered without call_id", 'Answer with {"call_id": ...}.')
    context = plain_context(run)
    answer = context.send(context.request("get", str(values["call_id"])))
    found = pointer.get(answer.json, contract.record.status)
    if not answer.ok:
        return Line(
            what, None, f"set up; reading it back answered {answer.status}", "Without a read, set-ups can't be checked."
        )
    return Line(what, found == status, f"reads back as {found!r}", "The handler must store what it is asked to.")


def _failing(run: Run, call_id: str) -> Iterator[Line]:
    state = "deleting a call fails"
    line, _ = _tried(run, state, call_id=call_id, times=1, stage="before")
    if not line.good:
        yield line
        return
    context = plain_context(run)
    first = context.send(context.request("delete", call_id))
    second = context.send(context.request("delete", call_id))
    good = first.status == 500 and second.status == 200
    yield Line(
        state,
        good,
        f"DELETE answered {first.status}, then {second.status}",
        "The next n DELETEs must answer 500, the one after them 200.",
    )


def _list_states(run: Run, contract: Contract) -> Iterator[Line]:
    line, values = _tried(run, "a fresh account exists")
    yield line
    key = values.get("api_key") if isinstance(values.get("api_key"), str) else None
    if key is not None:
        run.set_ups.adopt(key)
    for state in ("deleted calls exist", "live calls exist"):
        line, values = _tried(run, state, api_key=key, calls=[{}, {}])
        if line.good and len(values.get("call_ids", [])) != 2:
            line = Line(
                state, False, "answered without two call_ids", 'Answer with {"call_ids": [...]}, one for each call.'
            )
        yield line
    if line.good:
        yield _tried(run, "a call is deleted", call_id=values["call_ids"][0], api_key=key)[0]
    context = plain_context(run)
    answer = context.send(context.request("tombstones", api_key=key))
    items = pointer.get(answer.json, contract.listing.items)
    shown = len(items) if isinstance(items, list) else 0
    yield Line(
        "read back",
        shown >= 2,
        f"the list shows {shown} deleted calls of those set up",
        "The list must show what was set up.",
    )


def _operations(run: Run, contract: Contract) -> Iterator[Line]:
    from conformance.engine.supporting import can

    for role, operation in contract.roles.items():
        if not operation.optional or not contract.deletes:
            continue
        found = can(plain_context(run), role)
        how = run.capabilities.how(role)
        absent = f"capabilities.{role} = false"
        advice = f"What needs it will be untestable; declare it absent ({absent}) to leave that out."
        yield Line(f"{operation.method} {operation.path}", found or None, how, advice)
