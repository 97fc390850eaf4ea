"""A look before the first requirement: the right server, the right credential, states that come about (DESIGN, 7).

It stops a run only where every finding would be about the run and not about the target; all else is for the rules.
"""

from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from conformance.contracts import pointer
from conformance.contracts.contract import Contract
from conformance.contracts.pointer import JsonObject
from conformance.contracts.terms import Requirement, Role
from conformance.engine.context import Context
from conformance.engine.drawing import Replay
from conformance.engine.given import DELETED, ZERO_RETENTION
from conformance.engine.run import Run
from conformance.engine.stops import Broken, NotReached
from conformance.engine.supporting import list_query
from conformance.http.exchange import Exchange
from conformance.http.safety import is_plain
from conformance.http.session import SAFE, Disturbance

__all__ = ["plain_context", "preflight"]

T = TypeVar("T")

_TRIES: Final = 5
"""Times that a look which was disturbed is tried."""
_UNTRIED: Final = "credential not tried: without a call of its own, no request of this run must be answered with a 2xx"
_NOT_LET_IN: Final = ("with 401", "with 403")
_KEY_ADVICE: Final = "set the right one (CONFORMANCE_API_KEY, or api_key_env or credential_command in the config)"
_URL_ADVICE: Final = "check the target's URL, and that it is a server of this contract"


def preflight(run: Run) -> list[str]:
    """Look at the target once; what a user should know of it before the run, a sentence each.

    Raises:
        Broken: it can't be reached, refuses the credential, is another server, or can't be set up; in one line.
    """
    run.connection.probe()
    contract = run.contract
    notes: list[str] = []
    if run.target.preloaded:
        notes += _given(run)
    elif contract.lists:
        answer = _tried(lambda: _sent(run, "tombstones", None, list(_small_page(contract))))
        _refuse(_misdirected(answer) or _missing(answer))
    elif not run.set_ups.possible:
        notes += _nobodys(run)
    if run.set_ups.possible:
        notes += _set_up(run)
    return notes


def plain_context(run: Run) -> Context:
    """A context of its own, for looks that belong to no requirement."""
    return Context(run, Requirement(id="preflight", rule="preflight", level="MAY", says="", at=""), Replay({}), 0)


def _tried(look: Callable[[], T]) -> T:
    """What a look comes to, disturbed or not.

    Raises:
        Broken: it was disturbed every time.
    """
    why = ""
    for _ in range(_TRIES):
        try:
            return look()
        except Disturbance as problem:
            why = str(problem)
    raise Broken(f"target unreachable: {why}, {_TRIES} times")


def _sent(run: Run, role: Role, call_id: str | None, query: list[tuple[str, str]] | None = None) -> Exchange:
    """The answer to a plain request with the right credential; no rule judges it."""
    context = plain_context(run)
    request = context.request(role, call_id, query=query or ())
    return run.connection.session.send(request)


def _small_page(contract: Contract) -> Iterator[tuple[str, str]]:
    size = contract.listing.parameters.get("size")
    if size:
        yield size, "1"


def _refuse(line: str | None) -> None:
    if line:
        raise Broken(line)


def _misdirected(answer: Exchange) -> str | None:
    """Why an answer that must be a 2xx to the right credential shows that the run is not where it should be."""
    asked = f"{answer.request.method} ({answer.request.operation})"
    if answer.status in {401, 403}:
        return f"the credential is refused: {asked} answered {answer.status}; {_KEY_ADVICE}"
    if 300 <= answer.status < 400:
        return f"{asked} answered {answer.status}, a redirect, where an answer must come; {_URL_ADVICE}"
    if answer.status < 500 and _is_html(answer):
        return f"{asked} answered {answer.status} with an HTML page (a login page?); {_URL_ADVICE}"
    return None


def _missing(answer: Exchange) -> str | None:
    if answer.status in {404, 405, 410, 501}:
        return f"{answer.request.method} ({answer.request.operation}) answered {answer.status}; {_URL_ADVICE}"
    return None


def _is_html(answer: Exchange) -> bool:
    media = (answer.header("content-type") or "").lower()
    return "html" in media or answer.body[:200].lstrip().lower().startswith((b"<!doctype html", b"<html"))


def _nobodys(run: Run) -> list[str]:
    """Without a call of its own only unknown ids can be asked for, and those may be refused in many ways."""
    roles = [role for role in ("get", "delete") if role in run.contract.roles]
    context = plain_context(run)
    may = [role for role in roles if not run.read_only or run.contract.roles[role].method in SAFE]
    answers = [_tried(lambda role=role: _sent(run, role, context.nobody())) for role in may]  # type: ignore[misc] # a loop's own value
    if "list" in run.contract.roles:
        answers.append(_tried(lambda: _sent(run, "list", None, list_query(context, context.nobody()))))
    problems = [_misdirected(answer) for answer in answers if answer.status != 403]
    if len(problems) == len(answers) and all(problems):
        raise Broken(str(problems[0]))
    return [_UNTRIED]


def _set_up(run: Run) -> list[str]:
    """The plainest set-up, and a look at what it made; a refusal is for the requirements that need it."""
    listing = run.contract.lists
    state = "deleted calls exist" if listing else "a call exists"
    params: JsonObject = {"calls": [_plain_tombstone(run)]} if listing else {"call": _plain_call(run)}
    try:
        values = _tried(lambda: plain_context(run).state(state, **params))
    except NotReached as refused:
        if str(refused).endswith(_NOT_LET_IN):
            raise Broken(f"state URL: {refused}; set its state_headers, or check the URL") from None
        notes = [f"state handler: {refused}; what needs it will not be tested"]
        return notes if listing else [*notes, *_nobodys(run)]
    call_id = values.get("call_id")
    if listing or not isinstance(call_id, str) or not is_plain(call_id):
        return []
    answers = []
    for role in ("get", "delete"):
        if role in run.contract.roles:
            answers.append(_tried(lambda role=role: _sent(run, role, call_id)))  # type: ignore[misc] # a loop's own value
            _refuse(_misdirected(answers[-1]))
            if answers[-1].status < 400:
                return []
    return [] if any(not _missing(one) for one in answers) else [f"{_missing(answers[-1])}"]


def _plain_call(run: Run) -> JsonObject:
    record = run.contract.record
    call: JsonObject = {}
    pointer.set_at(call, record.status, record.terminal[0])
    pointer.set_at(call, record.owner, f"agent_{plain_context(run).token(16)}")
    return call


def _plain_tombstone(run: Run) -> JsonObject:
    agent = run.contract.listing.seed.get("agent")
    return {agent: plain_context(run).uuid()} if agent else {}


def _given(run: Run) -> list[str]:
    """Read every id that was given away, and leave out those that are no longer what the config says."""
    if run.capabilities.is_absent("get") or "get" not in run.contract.roles:
        return []
    answers = {
        (kind, call_id): _tried(lambda call_id=call_id: _sent(run, "get", call_id))  # type: ignore[misc] # a loop's own value
        for kind, call_id in run.given.all()
        if is_plain(call_id)
    }
    if answers and all(_misdirected(one) for one in answers.values()):
        raise Broken(str(_misdirected(next(iter(answers.values())))))
    if answers and all(one.status in {404, 405, 501} for one in answers.values()) and len(answers) > 1:
        return ["preloaded ids: none of them can be read, so they are used as the config has them"]
    left_out: dict[str, list[str]] = {}
    place = run.contract.record.status
    run.given.read({call_id: pointer.get(one.json, place) for (_, call_id), one in answers.items() if one.ok})
    for (kind, call_id), answer in answers.items():
        why = _no_longer(run.contract, kind, answer)
        if why:
            run.given.gone(call_id)
            left_out.setdefault(f"preloaded.{kind}: {why}", []).append(call_id)
    return [f"{why}; left out: {len(ids)}" for why, ids in left_out.items()]


def _no_longer(contract: Contract, kind: str, answer: Exchange) -> str | None:
    """Why an id is not what the list says that it stands on."""
    record = contract.record
    if not answer.ok or not isinstance(answer.json, dict):
        return f"GET answers {answer.status}"
    if kind == DELETED:
        return None
    if pointer.get(answer.json, record.marker):
        return "deleted already"
    status = pointer.get(answer.json, record.status)
    if kind in record.terminal or kind in record.active:
        return None if status == kind else "the call has another status"
    if kind == ZERO_RETENTION:
        return None if pointer.get(answer.json, record.zero_retention) is True else "retains data"
    return None if status in record.active else "the call is not active"
