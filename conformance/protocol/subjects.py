"""What a protocol rule tries an operation on: a call of its own, or an id that nobody has."""

from collections.abc import Iterator
from typing import Protocol

from conformance.deletion import calls, sources
from conformance.deletion.judging import sweep
from conformance.deletion.oracles import changed
from conformance.exchange import Request
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

    def unknown(self, scene: Scene) -> str:
        """An id that nobody has, shaped like this one."""

    def unchanged(self, scene: Scene) -> Iterator[Violation]:
        """Tell what a refused request changed all the same."""


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

    def request(self, scene: Scene) -> Request:
        query = calls.list_query(scene, self._call.owner) if self._role == "list" else []
        return scene.request(self._role, self.id, query=query)

    def roles(self, scene: Scene) -> list[str]:
        return ["delete", *(role for role in ("get", *calls.ARTIFACTS) if calls.can(scene, role))]

    def unknown(self, scene: Scene) -> str:
        return scene.alike(self.id)

    def unchanged(self, scene: Scene) -> Iterator[Violation]:
        if self._call.before is None:
            return
        after = calls.read(scene, self._call)
        for name in changed(self._call.before, after, self._call.before):
            yield Violation(
                "changed",
                f"/{name} of a call changed by a refused request",
                "as before",
                "changed, or no longer readable",
                f"/{name}",
            )


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


class _Nobody:
    """An id that nobody has, for targets that can't be put into a state."""

    def __init__(self, scene: Scene, role: str) -> None:
        self._role = role
        self.id = f"id_{scene.token(16)}"

    def request(self, scene: Scene) -> Request:
        query = calls.list_query(scene, self.id) if self._role == "list" else []
        return scene.request(self._role, self.id, query=query, intent="unknown-id")

    def roles(self, scene: Scene) -> list[str]:  # noqa: ARG002 - the protocol's signature
        return [self._role]

    def unknown(self, scene: Scene) -> str:
        return f"id_{scene.token(16)}"

    def unchanged(self, scene: Scene) -> Iterator[Violation]:  # noqa: ARG002 - the protocol's signature
        yield from ()


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
