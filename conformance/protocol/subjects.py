"""What a protocol rule tries an operation on: a call of its own, or an id that nobody has."""

from collections.abc import Iterator
from typing import Protocol

from conformance.contracts import pointer
from conformance.contracts.terms import Role
from conformance.deletion import calls, sources
from conformance.deletion.judging import sweep
from conformance.deletion.untouched import still, untouched
from conformance.engine.context import Context
from conformance.engine.stops import NotReached
from conformance.engine.supporting import ARTIFACTS, can, list_query
from conformance.http.exchange import Exchange, Request
from conformance.listing.filters import pick_filter
from conformance.listing.population import Plan, random_uuid, seeded
from conformance.listing.subjects import population_of
from conformance.listing.walking import cursor_in, one_page, page_of, walk
from conformance.results.findings import Violation

__all__ = ["Subject", "exercise", "subject"]


class Subject(Protocol):
    """Something to send a request about."""

    id: str

    def request(self, context: Context) -> Request:
        """A request of the operation under test, with the right credential."""

    def roles(self, context: Context) -> list[Role]:
        """Roles of the operations that bear on this subject alone."""

    def asked(self, context: Context, api_key: str | None) -> list[Request]:
        """Whatever could show it, asked with a credential (None: its owner's), what changes nothing first."""

    def unknown(self, context: Context) -> str:
        """An id that nobody has, shaped like this one."""

    def unchanged(self, context: Context) -> Iterator[Violation]:
        """Tell what a refused request changed all the same."""

    def shown_in(self, context: Context, answer: Exchange) -> list[str]:
        """What of it an answer shows, that was not in the request."""


class _OwnCall:
    """A call that was set up, so that a wrong answer shows what it did."""

    def __init__(self, context: Context, role: Role) -> None:
        if role in {"get", "list", "cancel", *ARTIFACTS} and not can(context, role):
            raise NotReached(f"the target does not offer {role}")
        record = context.contract.record
        if role == "cancel":
            self._call = sources.active_call(context, record.cancellable[0])
        else:
            self._call = sources.ended_call(context)
        self._role = role
        self.id = self._call.id
        self._still = still(context, self._call)

    def request(self, context: Context) -> Request:
        query = list_query(context, self._call.owner) if self._role == "list" else []
        return context.request(self._role, self.id, query=query)

    def asked(self, context: Context, api_key: str | None) -> list[Request]:
        requests = [context.request(role, self.id, api_key=api_key) for role in reversed(self.roles(context))]
        if can(context, "list"):
            query = list_query(context, self._call.owner)
            requests.insert(0, context.request("list", query=query, api_key=api_key))
        return requests

    def roles(self, context: Context) -> list[Role]:
        looks: tuple[Role, ...] = ("get", *ARTIFACTS)
        return ["delete", *(role for role in looks if can(context, role))]

    def unknown(self, context: Context) -> str:
        return context.alike(self.id)

    def unchanged(self, context: Context) -> Iterator[Violation]:
        yield from untouched(context, self._still, "a call that a refused request was about")

    def shown_in(self, context: Context, answer: Exchange) -> list[str]:
        text = answer.body.decode("utf-8", "replace") + str(answer.headers)
        found = [f"content of {place}" for place in sorted(self._call.canaries.traces(text))]
        if pointer.get(answer.json, context.contract.record.id) == self.id and answer.ok:
            found.append("its record")
        if self._lists(context, answer):
            found.append("its item on a list")
        before = next((b for r, b in self._call.artifacts.items() if self._is(context, r, answer)), None)
        if before is not None and before.ok and answer.ok and answer.body:
            found.append("what belongs to it")
        return found

    def _is(self, context: Context, role: Role, answer: Exchange) -> bool:
        return role in context.contract.roles and context.contract.roles[role].id == answer.request.operation

    def _lists(self, context: Context, answer: Exchange) -> bool:
        if not self._is(context, "list", answer):
            return False
        items = pointer.get(answer.json, context.contract.of_role("list").items or "")
        place = context.contract.record.id
        return isinstance(items, list) and any(pointer.get(item, place) == self.id for item in items)


class _OwnTombstone:
    """A deleted call of an account of the suite's own, where the contract is about a list."""

    def __init__(self, context: Context, role: Role) -> None:
        self._people = seeded(context, Plan(2))
        self._role = role
        self.id = self._people.facts[0].id

    def request(self, context: Context) -> Request:
        pairs = list(self._people.base)
        if self._role == "tombstones" and context.pick("with a cursor", [False, True]):
            page = page_of(context, one_page(context, self._people, size=1))
            cursor = cursor_in(context, page.next) if page else None
            pairs += [(context.contract.listing.parameters["cursor"], cursor)] if cursor else []
        return context.request(self._role, self.id, query=pairs)

    def asked(self, context: Context, api_key: str | None) -> list[Request]:
        key = self._people.api_key if api_key is None else api_key
        size = [(context.contract.listing.parameters["size"], "100")]
        requests = [context.request("tombstones", query=size, api_key=key)]
        if "tombstone" in context.contract.roles:
            requests.append(context.request("tombstone", self.id, api_key=key))
        return requests

    def roles(self, context: Context) -> list[Role]:
        known = "tombstone" in context.contract.roles
        if not known or not context.run.capabilities.has("tombstone", lambda: self._reads_one(context)):
            raise NotReached("the target does not offer to read one tombstone")
        return ["tombstone"]

    def _reads_one(self, context: Context) -> bool:
        return context.send(context.request("tombstone", self.id, api_key=self._people.api_key)).ok

    def unknown(self, context: Context) -> str:
        return random_uuid(context)

    def unchanged(self, context: Context) -> Iterator[Violation]:  # noqa: ARG002 - the protocol's signature
        yield from ()

    def shown_in(self, context: Context, answer: Exchange) -> list[str]:
        listing = context.contract.listing
        items = pointer.get(answer.json, listing.items)
        shown = items if isinstance(items, list) else [answer.json]
        ours = {fact.id for fact in self._people.facts}
        found = [item for item in shown if answer.ok and pointer.get(item, listing.id) in ours]
        return [f"{len(found)} of its deleted calls"] if found else []


class _Nobody:
    """An id that nobody has, for targets that can't be put into a state."""

    def __init__(self, context: Context, role: Role) -> None:
        self._role = role
        self.id = context.nobody()

    def request(self, context: Context) -> Request:
        query = list_query(context, self.id) if self._role == "list" else []
        return context.request(self._role, self.id, query=query, intent="unknown-id")

    def asked(self, context: Context, api_key: str | None) -> list[Request]:  # noqa: ARG002 - the protocol's signature
        return []

    def roles(self, context: Context) -> list[Role]:  # noqa: ARG002 - the protocol's signature
        return [self._role]

    def unknown(self, context: Context) -> str:
        return context.nobody()

    def unchanged(self, context: Context) -> Iterator[Violation]:  # noqa: ARG002 - the protocol's signature
        yield from ()

    def shown_in(self, context: Context, answer: Exchange) -> list[str]:  # noqa: ARG002 - the protocol's signature
        return []


def subject(context: Context, role: Role) -> Subject:
    """A call of the suite's own where the target can be put into a state, else an unknown id."""
    if not context.run.set_ups.possible:
        return _Nobody(context, role)
    return _OwnCall(context, role) if context.contract.deletes else _OwnTombstone(context, role)


def exercise(context: Context) -> None:
    """Show monitors every kind of answer: walk a list, or take a call of the suite's own through its life."""
    if context.contract.lists:
        _exercise_list(context)
    if not context.contract.deletes or not context.run.set_ups.possible:
        return
    record = context.contract.record
    if context.pick("deleted while active", [False, False, True]):
        call = sources.active_call(context, context.pick("active status", record.active))
    else:
        call = sources.ended_call(context)
    calls.look(context, call)
    for _ in range(context.pick("deletes", [1, 2, 3])):
        calls.delete(context, call)
    calls.look(context, call)
    sweep(context, call)


def _exercise_list(context: Context) -> None:
    size = context.pick("page size", [3, 1, 25])
    plan = Plan(
        context.pick("population", [size + 1, 0, 2 * size + 1, 7]),
        joined=context.pick("joined", ["most", "none", "all"]),
        zone=context.pick("zone", ["Z", "+02:00"]),
        fraction=context.pick("fraction of a second", [0, 123_456, 250_000]),
    )
    population = population_of(context, plan)
    chosen = pick_filter(context, population) if population.known and context.pick("filtered", [False, True]) else None
    walk(context, population, chosen.query if chosen else (), size=size)
    one_page(context, population, size=None)
    if population.facts and "tombstone" in context.contract.roles:
        context.send(context.request("tombstone", population.facts[0].id, api_key=population.api_key))
