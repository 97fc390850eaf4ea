"""What a protocol rule tries an operation on: a call of its own, or an id that nobody has."""

from collections.abc import Iterator
from typing import Protocol

from conformance import pointer
from conformance.deletion import calls, sources
from conformance.deletion.judging import sweep
from conformance.deletion.untouched import still, untouched
from conformance.exchange import Exchange, Request
from conformance.listing.filters import pick_filter
from conformance.listing.population import Plan, random_uuid, seeded
from conformance.listing.subjects import people
from conformance.listing.walking import cursor_in, one_page, page_of, walk
from conformance.results import Violation
from conformance.rule import Vacuous
from conformance.scene import Scene

__all__ = ["Subject", "exercise", "subject"]


class Subject(Protocol):
    """Something to send a request about."""

    id: str

    def request(self, scene: Scene) -> Request:
        """A request of the operation under test, with the right credential."""

    def roles(self, scene: Scene) -> list[str]:
        """Roles of the operations that bear on this subject alone."""

    def asked(self, scene: Scene, api_key: str | None) -> list[Request]:
        """Whatever could show it, asked with a credential (None: its owner's), what changes nothing first."""

    def unknown(self, scene: Scene) -> str:
        """An id that nobody has, shaped like this one."""

    def unchanged(self, scene: Scene) -> Iterator[Violation]:
        """Tell what a refused request changed all the same."""

    def shown_in(self, scene: Scene, answer: Exchange) -> list[str]:
        """What of it an answer shows, that was not in the request."""


class _OwnCall:
    """A call that was set up, so that a wrong answer shows what it did."""

    def __init__(self, scene: Scene, role: str) -> None:
        if role in {"get", "list", "cancel", *calls.ARTIFACTS} and not calls.can(scene, role):
            raise Vacuous(f"the target does not offer {role}")
        record = scene.contract.record
        if role == "cancel":
            self._call = sources.active_call(scene, record["cancellable"][0])
        else:
            self._call = sources.ended_call(scene)
        self._role = role
        self.id = self._call.id
        self._still = still(scene, self._call)

    def request(self, scene: Scene) -> Request:
        query = calls.list_query(scene, self._call.owner) if self._role == "list" else []
        return scene.request(self._role, self.id, query=query)

    def asked(self, scene: Scene, api_key: str | None) -> list[Request]:
        requests = [scene.request(role, self.id, api_key=api_key) for role in reversed(self.roles(scene))]
        if calls.can(scene, "list"):
            query = calls.list_query(scene, self._call.owner)
            requests.insert(0, scene.request("list", query=query, api_key=api_key))
        return requests

    def roles(self, scene: Scene) -> list[str]:
        return ["delete", *(role for role in ("get", *calls.ARTIFACTS) if calls.can(scene, role))]

    def unknown(self, scene: Scene) -> str:
        return scene.alike(self.id)

    def unchanged(self, scene: Scene) -> Iterator[Violation]:
        yield from untouched(scene, self._still, "a call that a refused request was about")

    def shown_in(self, scene: Scene, answer: Exchange) -> list[str]:
        text = answer.body.decode("utf-8", "replace") + str(answer.headers)
        found = [f"content of {place}" for place in sorted(self._call.canaries.traces(text))]
        if pointer.get(answer.json, scene.contract.record["id"]) == self.id and answer.ok:
            found.append("its record")
        if self._lists(scene, answer):
            found.append("its item on a list")
        before = next((b for r, b in self._call.artifacts.items() if self._is(scene, r, answer)), None)
        if before is not None and before.ok and answer.ok and answer.body:
            found.append("what belongs to it")
        return found

    def _is(self, scene: Scene, role: str, answer: Exchange) -> bool:
        return role in scene.contract.roles and scene.contract.roles[role].id == answer.request.operation

    def _lists(self, scene: Scene, answer: Exchange) -> bool:
        if not self._is(scene, "list", answer):
            return False
        items = pointer.get(answer.json, scene.contract.of_role("list")["items"])
        place = scene.contract.record["id"]
        return isinstance(items, list) and any(pointer.get(item, place) == self.id for item in items)


class _OwnTombstone:
    """A deleted call of an account of the suite's own, where the contract is about a list."""

    def __init__(self, scene: Scene, role: str) -> None:
        self._people = seeded(scene, Plan(2))
        self._role = role
        self.id = self._people.facts[0].id

    def request(self, scene: Scene) -> Request:
        pairs = list(self._people.base)
        if self._role == "tombstones" and scene.pick("with a cursor", [False, True]):
            page = page_of(scene, one_page(scene, self._people, size=1))
            cursor = cursor_in(scene, page.next) if page else None
            pairs += [(scene.contract.listing["parameters"]["cursor"], cursor)] if cursor else []
        return scene.request(self._role, self.id, query=pairs)

    def asked(self, scene: Scene, api_key: str | None) -> list[Request]:
        key = self._people.api_key if api_key is None else api_key
        size = [(scene.contract.listing["parameters"]["size"], "100")]
        requests = [scene.request("tombstones", query=size, api_key=key)]
        if "tombstone" in scene.contract.roles:
            requests.append(scene.request("tombstone", self.id, api_key=key))
        return requests

    def roles(self, scene: Scene) -> list[str]:
        found = (
            scene.run.capability("tombstone", lambda: self._reads_one(scene))
            if "tombstone" in scene.contract.roles
            else "absent"
        )
        if found not in {"declared", "detected"}:
            raise Vacuous("the target does not offer to read one tombstone")
        return ["tombstone"]

    def _reads_one(self, scene: Scene) -> bool:
        return scene.send(scene.request("tombstone", self.id, api_key=self._people.api_key)).ok

    def unknown(self, scene: Scene) -> str:
        return random_uuid(scene)

    def unchanged(self, scene: Scene) -> Iterator[Violation]:  # noqa: ARG002 - the protocol's signature
        yield from ()

    def shown_in(self, scene: Scene, answer: Exchange) -> list[str]:
        listing = scene.contract.listing
        items = pointer.get(answer.json, listing["items"])
        shown = items if isinstance(items, list) else [answer.json]
        ours = {fact.id for fact in self._people.facts}
        found = [item for item in shown if answer.ok and pointer.get(item, listing["id"]) in ours]
        return [f"{len(found)} of its deleted calls"] if found else []


class _Nobody:
    """An id that nobody has, for targets that can't be put into a state."""

    def __init__(self, scene: Scene, role: str) -> None:
        self._role = role
        self.id = scene.nobody()

    def request(self, scene: Scene) -> Request:
        query = calls.list_query(scene, self.id) if self._role == "list" else []
        return scene.request(self._role, self.id, query=query, intent="unknown-id")

    def asked(self, scene: Scene, api_key: str | None) -> list[Request]:  # noqa: ARG002 - the protocol's signature
        return []

    def roles(self, scene: Scene) -> list[str]:  # noqa: ARG002 - the protocol's signature
        return [self._role]

    def unknown(self, scene: Scene) -> str:
        return scene.nobody()

    def unchanged(self, scene: Scene) -> Iterator[Violation]:  # noqa: ARG002 - the protocol's signature
        yield from ()

    def shown_in(self, scene: Scene, answer: Exchange) -> list[str]:  # noqa: ARG002 - the protocol's signature
        return []


def subject(scene: Scene, role: str) -> Subject:
    """A call of the suite's own where the target can be put into a state, else an unknown id."""
    if not scene.run.has("states"):
        return _Nobody(scene, role)
    return _OwnCall(scene, role) if scene.contract.record else _OwnTombstone(scene, role)


def exercise(scene: Scene) -> None:
    """Show monitors every kind of answer: walk a list, or take a call of the suite's own through its life."""
    if scene.contract.listing:
        _exercise_list(scene)
    if not scene.contract.record or not scene.run.has("states"):
        return
    record = scene.contract.record
    if scene.pick("deleted while active", [False, False, True]):
        call = sources.active_call(scene, scene.pick("active status", record["active"]))
    else:
        call = sources.ended_call(scene)
    calls.look(scene, call)
    for _ in range(scene.pick("deletes", [1, 2, 3])):
        calls.delete(scene, call)
    calls.look(scene, call)
    sweep(scene, call)


def _exercise_list(scene: Scene) -> None:
    size = scene.pick("page size", [3, 1, 25])
    plan = Plan(
        scene.pick("population", [size + 1, 0, 2 * size + 1, 7]),
        joined=scene.pick("joined", ["most", "none", "all"]),
        zone=scene.pick("zone", ["Z", "+02:00"]),
        fraction=scene.pick("fraction of a second", [0, 123_456, 250_000]),
    )
    them = people(scene, plan)
    chosen = pick_filter(scene, them) if them.known and scene.pick("filtered", [False, True]) else None
    walk(scene, them, chosen.query if chosen else (), size=size)
    one_page(scene, them, size=None)
    if them.facts and "tombstone" in scene.contract.roles:
        scene.send(scene.request("tombstone", them.facts[0].id, api_key=them.api_key))
