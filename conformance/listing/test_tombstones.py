"""Rules: which calls a list of deleted calls holds, and what it tells of them."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from conformance.contracts import pointer
from conformance.contracts.pointer import JsonObject
from conformance.engine.context import Context
from conformance.engine.rule import rule
from conformance.engine.run import Run
from conformance.engine.stops import NotReached
from conformance.http.exchange import Exchange
from conformance.listing import membership, tombstones
from conformance.listing.belonging import Belonging
from conformance.listing.facts import Population
from conformance.listing.membership import Expected
from conformance.listing.native import create, made_natively, remove
from conformance.listing.pages import Walk, id_of
from conformance.listing.population import EPOCH, Plan, seeded, stranger
from conformance.listing.subjects import known_population, page_size_for, population_of, settled
from conformance.listing.times import ZONES, stamp
from conformance.listing.walking import described, ids_of, walk
from conformance.results.findings import Violation

__all__ = ["attach"]


def attach(run: Run) -> None:
    """Let every page that the run sees be held against whose calls are whose."""
    if run.contract.lists:
        run.monitors.add(Belonging(run))


_SIZES = (1, 3, 7, 0, 12, 25)


def _plan(context: Context) -> Plan:
    return Plan(
        context.pick("population", _SIZES),
        times=context.pick("times", ["apart", "within a second", "equal"]),
        joined=context.pick("joined", ["most", "all", "none"]),
        zone=context.pick("zone", ZONES[:3]),
        fraction=context.pick("fraction of a second", [0, 250_000, 123_456, 999_999]),
    )


@rule("tombstone.exactly-deleted", needs=("tombstones",), proof=("act", "after"))
def test_list_holds_exactly_the_deleted_calls(context: Context) -> Iterator[Violation]:
    """The list holds this account's deleted calls and only those, whether by state or by the vendor's own DELETE."""
    native = {"create", "remove"} <= context.contract.roles.keys()
    if not context.run.set_ups.possible:
        yield from _natively(context, None)
    elif context.pick("deleted by", ["state", "state", "native"] if native else ["state"]) == "native":
        yield from _natively(context, stranger(context))
    else:
        yield from _by_state(context)


def _by_state(context: Context) -> Iterator[Violation]:
    strangers = _strangers(context, context.pick("another account's", [1, 0, 4]))
    population = known_population(context, _plan(context))
    live = _live(context, population, context.pick("live calls", [1, 0, 3]))
    deleted = set(population.ids)
    for call_id in live[: context.pick("live calls deleted", [0, 1])]:
        # From now on it may be shown, whatever becomes of the answer.
        context.run.ledger.removed(call_id)
        context.state("a call is deleted", call_id=call_id, api_key=population.api_key)
        deleted.add(call_id)
    wrong = {"live calls": frozenset(live) - deleted, "another account's calls": strangers}
    size = context.pick("page size", [100, 2, 1])
    yield from _holds(context, population, Expected(frozenset(deleted), wrong, alone=True), size)


def _natively(context: Context, api_key: str | None) -> Iterator[Violation]:
    """What was deleted is there, what was only created is not; others may fill the list of the account under test."""
    population = made_natively(context, context.pick("population", [1, 2]), api_key)
    acts = [e for e in context.exchanges if e.request.operation == context.contract.roles["remove"].id]
    live = str(pointer.get(create(context, api_key)[0], context.contract.listing.id))
    expected = Expected(frozenset(population.ids), {"live calls": frozenset({live})}, alone=api_key is not None)
    try:
        found = list(_holds(context, population, expected, 100, acts[-1:]))
    finally:
        remove(context, live, api_key)
    yield from found


def _holds(
    context: Context, population: Population, expected: Expected, size: int, acts: Sequence[Exchange] = ()
) -> Iterator[Violation]:
    """The list is as expected; where the target declares that it takes its time, in time, and from then on."""
    room = len(expected.deleted) + sum(map(len, expected.wrong.values())) if expected.alone else _OTHERS

    def look() -> Walk:
        return walk(context, population, size=size, expected=room)

    seen = settled(context, look, lambda seen: not [*_amiss(context, seen, expected, acts)])
    if seen is None or not [*_amiss(context, seen, expected, acts)]:
        seen = look()
    yield from _amiss(context, seen, expected, acts)
    context.prove("act", *acts)
    context.prove("after", *seen.shown)


def _amiss(context: Context, seen: Walk, expected: Expected, acts: Sequence[Exchange]) -> Iterator[Violation]:
    return membership.holds(seen, expected, context.contract.listing.id, described(context), acts)


_OTHERS = 300
"""Deletions of others in the same minute that a walk puts up with."""


def _strangers(context: Context, count: int) -> frozenset[str]:
    """Deleted calls that are not of the population: another account's, or another agent's."""
    return frozenset(seeded(context, Plan(count)).ids) if count else frozenset()


def _live(context: Context, population: Population, count: int) -> list[str]:
    if not count:
        return []
    begun = [
        population.beside(context.contract.listing, created=stamp(EPOCH + timedelta(days=n))) for n in range(count)
    ]
    try:
        answer = context.state("live calls exist", api_key=population.api_key, calls=begun)
    except NotReached:
        return []
    return [str(i) for i in answer.get("call_ids") or []]


@rule("tombstone.faithful", needs=("tombstones",))
def test_tombstone_tells_what_was(context: Context) -> Iterator[Violation]:
    """The fields of a deleted call read as they were; null equals absent where optional."""
    population = known_population(context, _plan(context))
    if not population.facts:
        raise NotReached("nothing was deleted")
    seen = walk(context, population, size=context.pick("page size", [100, 2, 1]), expected=_room(population))
    place = context.contract.listing.id
    items = {id_of(item, place): (item, page.exchange) for page in seen.pages for item in page.items}
    held = [fact for fact in population.facts if fact.id in items]
    if not held:
        raise NotReached("the list shows none of the calls")
    defaults = _defaults(context)
    for fact in held:
        item, answer = items[fact.id]
        fields = context.requirement.data.fields
        yield from tombstones.faithful(item, fact.stored, fields, defaults, described(context), about=(answer,))
    context.prove("act", *seen.shown)


def _room(population: Population) -> int:
    return len(population.facts) if population.apart else _OTHERS


def _defaults(context: Context) -> JsonObject:
    """What the schema says of absent fields, by pointer."""
    document, operation = context.contract.document, context.contract.roles["tombstones"]
    page = document.resolve(document.response_schema(operation, 200))
    items = pointer.get(page, "/properties" + context.contract.listing.items)
    properties = document.resolve(items["items"])["properties"]
    return {f"/{name}": stated["default"] for name, stated in properties.items() if "default" in stated}


@rule("tombstone.consistent", read_only=True)
def test_tombstone_does_not_contradict_itself(context: Context) -> Iterator[Violation]:
    """Times are in order, the reason fits whether anybody joined, and one credential sees one account."""
    population = population_of(context, _plan(context))
    if not population.facts:
        raise NotReached("the list is empty")
    seen = walk(context, population, size=page_size_for(population, context.pick("page size", [100, 2])))
    if not seen.items:
        raise NotReached("the list shows none of the calls")
    listing, what = context.contract.listing, described(context)
    for page in seen.pages:
        yield from tombstones.consistent(page.items, listing, what, (page.exchange,))
    yield from tombstones.one_account(seen.pages, listing.account, what)
    context.prove("act", *seen.shown)


@rule("tombstone.no-content", needs=("tombstones",), proof=("act",))
def test_no_content_survives(context: Context) -> Iterator[Violation]:
    """No content of the call survives in its tombstone."""
    population = known_population(context, _plan(context))
    if not population.facts:
        raise NotReached("nothing was deleted")
    seen = walk(context, population, size=context.pick("page size", [100, 2]), expected=_room(population))
    if not set(ids_of(context, seen.items)) & population.ids:
        raise NotReached("the list shows none of the calls")
    kinds = context.requirement.data.content or tombstones.CONTENT
    yield from tombstones.no_content(seen.pages, population.facts, kinds, described(context))
    context.prove("act", *seen.shown)
