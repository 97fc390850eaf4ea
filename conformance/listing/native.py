"""Tombstones made with the vendor's own operations: create a call, delete it. For targets without a state URL."""

import json
from typing import Any

from conformance import pointer
from conformance.exchange import Exchange
from conformance.listing.population import Fact, Population
from conformance.listing.times import minute_before, moment_of
from conformance.rule import Vacuous
from conformance.scene import Scene

__all__ = ["create", "made_natively", "remove"]

_MOST = 3
"""Calls that one example makes: each is a real one on somebody's server."""


def made_natively(scene: Scene, size: int) -> Population:
    """Create calls and delete them; the list is restricted to what was created since.

    Raises:
        Vacuous: the target does not offer it.
    """
    facts = []
    for number in range(min(max(size, 1), _MOST)):
        stored, text = create(scene)
        call_id = str(pointer.get(stored, scene.contract.listing["id"]))
        remove(scene, call_id)
        created = moment_of(scene, stored)
        # Of the record only the creation must outlast the deletion: how the call ended is told by that.
        place = scene.contract.listing["times"]["created"]
        kept: dict[str, Any] = {}
        pointer.set_at(kept, place, pointer.get(stored, place))
        facts.append(Fact(number, created, None, None, created, None, None, {}, text, {}, kept, call_id))
    since = (scene.contract.listing["parameters"]["from"], minute_before(min(fact.created for fact in facts)))
    return Population(facts, None, (since,), known=False)


def create(scene: Scene) -> tuple[dict[str, Any], str]:
    """Create a call as the contract says; its record, and the text that was put into it.

    Raises:
        Vacuous: the target does not.
    """
    text = scene.token(16)
    body = json.dumps(scene.contract.of_role("create").get("body", {})).replace("{token}", text)
    answer = scene.send(scene.request("create", body=body.encode()))
    _offered(scene, "create", answer)
    scene.run.tally.calls_created += 1
    return answer.json, text


def remove(scene: Scene, call_id: str) -> None:
    """Delete a call that was created.

    Raises:
        Vacuous: the target does not.
    """
    _offered(scene, "remove", scene.send(scene.request("remove", call_id)))
    scene.run.tally.calls_deleted += 1


def _offered(scene: Scene, role: str, answer: Exchange) -> None:
    found = scene.run.capability(role, lambda: answer.ok)
    if found not in {"declared", "detected"} or not answer.ok:
        raise Vacuous(f"the target does not {role} calls: {answer.status}")
    if role == "create" and not isinstance(pointer.get(answer.json, scene.contract.listing["id"]), str):
        raise Vacuous("creating a call did not answer with its id")
