"""Tombstones made with the vendor's own operations: create a call, delete it."""

import json

from conformance.contracts import pointer
from conformance.contracts.pointer import JsonObject
from conformance.contracts.terms import Role
from conformance.engine.context import Context
from conformance.engine.stops import NotReached
from conformance.http.exchange import Exchange
from conformance.listing.facts import Fact, Population
from conformance.listing.population import moment_of
from conformance.listing.times import minute_before
from conformance.targets.limits import LimitReached

__all__ = ["create", "made_natively", "remove"]

_MOST = 3
"""Calls that one example makes: each is a real one on somebody's server."""


def made_natively(context: Context, size: int, api_key: str | None = None) -> Population:
    """Create calls and delete them; in the account under test the list is restricted to what was created since.

    Raises:
        NotReached: the target does not offer it, or the run may make no more.
    """
    facts = []
    for number in range(min(max(size, 1), _MOST)):
        stored, text = create(context, api_key)
        call_id = str(pointer.get(stored, context.contract.listing.id))
        remove(context, call_id, api_key)
        created = moment_of(context, stored)
        # Of the record only the creation must outlast the deletion: how the call ended is told by that.
        place = context.contract.listing.times["created"]
        kept: JsonObject = {}
        pointer.set_at(kept, place, pointer.get(stored, place))
        facts.append(Fact(number, created, None, None, created, None, None, {}, text, {}, kept, call_id))
    base: tuple[tuple[str, str], ...] = ()
    since = context.contract.listing.parameters.get("from")
    if api_key is None and since is not None:
        base = ((since, minute_before(min(fact.created for fact in facts))),)
    return Population(facts, api_key, base, known=False)


def create(context: Context, api_key: str | None = None) -> tuple[JsonObject, str]:
    """Create a call as the contract says; its record, and the text that was put into it.

    Raises:
        NotReached: the target does not, or the run may make no more.
    """
    try:
        context.run.limits.take("native calls")
    except LimitReached as reached:
        raise NotReached(str(reached)) from None
    text = context.token(16)
    body = json.dumps(context.contract.of_role("create").body).replace("{token}", text)
    answer = context.send(context.request("create", body=body.encode(), api_key=api_key))
    _offered(context, "create", answer)
    context.run.tally.calls_created += 1
    call_id = str(pointer.get(answer.json, context.contract.listing.id))
    context.run.ledger.ours(call_id)
    context.run.scrub.own_id(call_id)
    return answer.json, text


def remove(context: Context, call_id: str, api_key: str | None = None) -> Exchange:
    """Delete a call that was created; the answer.

    Raises:
        NotReached: the target does not.
    """
    # From now on it may be either, whatever becomes of the answer.
    context.run.ledger.removed(call_id)
    answer = context.send(context.request("remove", call_id, api_key=api_key))
    _offered(context, "remove", answer)
    context.run.tally.calls_deleted += 1
    return answer


def _offered(context: Context, role: Role, answer: Exchange) -> None:
    if not context.run.capabilities.has(role, lambda: answer.ok) or not answer.ok:
        raise NotReached(f"the target does not {role} calls: {answer.status}")
    if role == "create" and not isinstance(pointer.get(answer.json, context.contract.listing.id), str):
        raise NotReached("creating a call did not answer with its id")
