"""Rules: which calls a list of deleted calls holds, and what it tells of them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from conformance.contracts import pointer
from conformance.engine.context import Context
from conformance.engine.rule import rule
from conformance.engine.run import Run
from conformance.engine.stops import NotReached
from conformance.http.exchange import Exchange
from conformance.listing import oracles
from conformance.listing.belonging import Belonging
from conformance.listing.ids import Ids
from conformance.listing.native import create, made_natively, remove
from conformance.listing.population import EPOCH, Plan, Population, seeded, stranger
from conformance.listing.subjects import known_population, page_size_for, population_of, settled
from conformance.listing.times import ZONES, stamp
from conformance.listing.walking import Walk, ids_of, walk
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


@dataclass(frozen=True)
class _Expected:
    """What a list is to hold, and what not: ids by whose they are. `alone` if nobody else's calls can be on it."""

    deleted: frozenset[str]
    wrong: dict[str, frozenset[str]]
    alone: bool


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
    yield from _holds(context, population, _Expected(frozenset(deleted), wrong, alone=True), size)


def _natively(context: Context, api_key: str | None) -> Iterator[Violation]:
    """What was deleted is there, what was only created is not; others may fill the list of the account under test."""
    population = made_natively(context, context.pick("population", [1, 2]), api_key)
    acts = [e for e in context.exchanges if e.request.operation == context.contract.roles["remove"].id]
    live = str(pointer.get(create(context, api_key)[0], context.contract.listing.id))
    expected = _Expected(frozenset(population.ids), {"live calls": frozenset({live})}, alone=api_key is not None)
    try:
        found = list(_holds(context, population, expected, 100, acts[-1:]))
    finally:
        remove(context, live, api_key)
    yield from found


def _holds(
    context: Context, population: Population, expected: _Expected, size: int, acts: Sequence[Exchange] = ()
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


def _amiss(context: Context, seen: Walk, expected: _Expected, acts: Sequence[Exchange]) -> Iterator[Violation]:
    what, shown = "the list of deleted calls", ids_of(context, seen.items)
    if seen.ended:
        about = (*acts, *seen.edges)
        yield from oracles.complete(Ids(shown), expected.deleted, what, about)
    for whose, ids in expected.wrong.items():
        belonging = [i for i in shown if i in ids]
        if belonging:
            yield Violation(
                "does-not-belong",
                f"{what} shows {whose}",
                "only its own deleted calls",
                f"{len(belonging)} of them",
                whose,
                about=seen.showing(context, belonging),
            )
    known = expected.deleted.union(*expected.wrong.values())
    others = [i for i in shown if i not in known]
    if others and expected.alone:
        yield Violation(
            "unknown",
            "a list of one's own shows calls that nobody made",
            "only its own deleted calls",
            f"{len(others)} of them",
            about=seen.showing(context, others),
        )


_OTHERS = 300
"""Deletions of others in the same minute that a walk puts up with."""


def _strangers(context: Context, count: int) -> frozenset[str]:
    """Deleted calls that are not of the population: another account's, or another agent's."""
    return frozenset(seeded(context, Plan(count)).ids) if count else frozenset()


def _live(context: Context, population: Population, count: int) -> list[str]:
    if not count:
        return []
    begun = [population.beside(context, created=stamp(EPOCH + timedelta(days=n))) for n in range(count)]
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
    items = {pointer.get(item, place): (item, page.exchange) for page in seen.pages for item in page.items}
    held = [fact for fact in population.facts if fact.id in items]
    if not held:
        raise NotReached("the list shows none of the calls")
    defaults = _defaults(context)
    for fact in held:
        item, answer = items[fact.id]
        yield from oracles.faithful(item, fact.stored, context.requirement.data.fields, defaults, (answer,))
    context.prove("act", *seen.shown)


def _room(population: Population) -> int:
    return len(population.facts) if population.apart else _OTHERS


def _defaults(context: Context) -> dict[str, Any]:
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
    for page in seen.pages:
        yield from oracles.consistent(page.items, context.contract.listing, (page.exchange,))
    place = context.contract.listing.account
    if len({str(pointer.get(page.items[0], place)) for page in seen.pages if page.items}) > 1:
        # One page may name one account, and the next another.
        yield from oracles.consistent(seen.items, context.contract.listing, seen.shown)
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
    kinds = context.requirement.data.content or oracles.CONTENT
    for page in seen.pages:
        # A link may echo what was asked for: of the page, only its items and headers are looked through.
        text = json.dumps(page.items, ensure_ascii=False) + str(page.exchange.headers)
        for fact in population.facts:
            for what, content in oracles.content_of(fact, kinds).items():
                if content in text:
                    yield Violation(
                        "content",
                        f"a list of tombstones shows the {what} of a deleted call",
                        "no content",
                        f"its {what}",
                        what,
                        about=(page.exchange,),
                    )
                    return
    context.prove("act", *seen.shown)
