"""Tombstones made with the vendor's own operations: create a call, delete it."""

import json
from typing import Any

from conformance import pointer
from conformance.exchange import Exchange
from conformance.limits import LimitReached
from conformance.listing.population import Fact, Population
from conformance.listing.times import minute_before, moment_of
from conformance.rule import Vacuous
from conformance.scene import Scene

__all__ = ["create", "made_natively", "remove"]

_MOST = 3
"""Calls that one example makes: each is a real one on somebody's server."""


def made_natively(scene: Scene, size: int, api_key: str | None = None) -> Population:
    """Create calls and delete them; in the account under test the list is restricted to what was created since.

    Raises:
        Vacuous: the target does not offer it, or the run may make no more.
    """
    facts = []
    for number in range(min(max(size, 1), _MOST)):
        stored, text = create(scene, api_key)
        call_id = str(pointer.get(stored, scene.contract.listing["id"]))
        remove(scene, call_id, api_key)
        created = moment_of(scene, stored)
        # Of the record only the creation must outlast the deletion: how the call ended is told by that.
        place = scene.contract.listing["times"]["created"]
        kept: dict[str, Any] = {}
        pointer.set_at(kept, place, pointer.get(stored, place))
        facts.append(Fact(number, created, None, None, created, None, None, {}, text, {}, kept, call_id))
    base: tuple[tuple[str, str], ...] = ()
    since = scene.contract.listing["parameters"].get("from")
    if api_key is None and since is not None:
        base = ((since, minute_before(min(fact.created for fact in facts))),)
    return Population(facts, api_key, base, known=False)


def create(scene: Scene, api_key: str | None = None) -> tuple[dict[str, Any], str]:
    """Create a call as the contract says; its record, and the text that was put into it.

    Raises:
        Vacuous: the target does not, or the run may make no more.
    """
    try:
        scene.run.limits.take("native calls")
    except LimitReached as reached:
        raise Vacuous(str(reached)) from None
    text = scene.token(16)
    body = json.dumps(scene.contract.of_role("create").get("body", {})).replace("{token}", text)
    answer = scene.send(scene.request("create", body=body.encode(), api_key=api_key))
    _offered(scene, "create", answer)
    scene.run.tally.calls_created += 1
    call_id = str(pointer.get(answer.json, scene.contract.listing["id"]))
    scene.run.ledger.ours(call_id)
    scene.run.scrub.own_id(call_id)
    return answer.json, text


def remove(scene: Scene, call_id: str, api_key: str | None = None) -> Exchange:
    """Delete a call that was created; the answer.

    Raises:
        Vacuous: the target does not.
    """
    # From now on it may be either, whatever becomes of the answer.
    scene.run.ledger.removed(call_id)
    answer = scene.send(scene.request("remove", call_id, api_key=api_key))
    _offered(scene, "remove", answer)
    scene.run.tally.calls_deleted += 1
    return answer


def _offered(scene: Scene, role: str, answer: Exchange) -> None:
    found = scene.run.capability(role, lambda: answer.ok)
    if found not in {"declared", "detected"} or not answer.ok:
        raise Vacuous(f"the target does not {role} calls: {answer.status}")
    if role == "create" and not isinstance(pointer.get(answer.json, scene.contract.listing["id"]), str):
        raise Vacuous("creating a call did not answer with its id")
