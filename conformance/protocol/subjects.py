"""What a protocol rule tries an operation on: a call of its own, or an id that nobody has."""

from collections.abc import Iterator
from typing import Protocol

from conformance.deletion import calls
from conformance.deletion.oracles import changed
from conformance.exchange import Request
from conformance.results import Violation
from conformance.rule import Vacuous
from conformance.scene import Scene

__all__ = ["Subject", "subject"]


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
            self._call = calls.active_call(scene, record["cancellable"][0])
        else:
            self._call = calls.ended_call(scene)
        self._role = role
        self.id = self._call.id

    def request(self, scene: Scene) -> Request:
        query = calls.list_query(scene, self._call.owner) if self._role == "list" else []
        return scene.request(self._role, self.id, query=query)

    def roles(self, scene: Scene) -> list[str]:
        return ["delete", *(role for role in ("get", *calls.ARTIFACTS) if calls.can(scene, role))]

    def unknown(self, scene: Scene) -> str:
        return calls.unknown_id(scene, self.id)

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
    if scene.contract.record and scene.run.target.state_url is not None:
        return _OwnCall(scene, role)
    return _Nobody(scene, role)
