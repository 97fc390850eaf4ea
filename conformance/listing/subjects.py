"""Whose calls a listing rule looks at: seeded ones where a state is there, else what the list holds."""

import time
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from conformance.contracts import pointer
from conformance.contracts.pointer import JsonObject
from conformance.engine.context import Context
from conformance.engine.stops import NotReached
from conformance.listing.bounds import between
from conformance.listing.facts import Fact, Population
from conformance.listing.links import is_link
from conformance.listing.native import made_natively
from conformance.listing.population import Plan, moment_of, seeded
from conformance.listing.walking import NoPage, first_page, ids_of, walk

__all__ = ["known_population", "page_size_for", "population_of", "require_unchanged", "settled", "shown_of"]

T = TypeVar("T")

_WINDOW = 300
"""Items of a list that was not seeded which are looked at, at most (DESIGN, judging fairly)."""


_CLOSE_LOOK = 50
"""Items of a longer list that the window is laid around."""


def page_size_for(population: Population, size: int) -> int:
    """A page size that walks a found list in some ten pages at most; seeded ones are as small as they should be."""
    return size if population.known else max(size, len(population.facts) // 10)


def population_of(context: Context, plan: Plan) -> Population:
    """A population by plan, or a window of the live list.

    Raises:
        NotReached: the target can't be put into the state, or the live list has no window of a fit size.
    """
    return known_population(context, plan) if context.run.set_ups.possible else _found(context)


def known_population(context: Context, plan: Plan) -> Population:
    """A population that the suite made itself: by state, else with the vendor's own operations.

    Raises:
        NotReached: the target can't be put into the state.
    """
    population = seeded(context, plan) if context.run.set_ups.possible else made_natively(context, plan.size)
    # What does not come to be shown is not waited for any longer: it is for the rule to judge.
    settled(context, lambda: shown_of(context, population), lambda shown: population.ids <= set(map(str, shown)))
    return population


_POLL: Final = 0.1
"""Seconds between two looks at a target that is settling."""


def settled(context: Context, look: Callable[[], T], clean: Callable[[T], bool]) -> T | None:
    """What a look shows once it is clean, or when the time is up that the target declared to need.

    None where it declared none: then nothing is looked at.
    """
    needs = context.run.target.settle_seconds
    if not needs:
        return None
    began = time.monotonic()
    seen = look()
    while not clean(seen) and time.monotonic() - began < needs:
        context.wait(_POLL)
        seen = look()
    context.observed["seconds until a deletion shows"] = f"{time.monotonic() - began:.1f}"
    return seen


def shown_of(context: Context, population: Population) -> Iterable[Any]:
    """The ids that the list shows of a population; none where it can't be walked."""
    try:
        return ids_of(context, walk(context, population).items)
    except NoPage:
        return ()


def _found(context: Context) -> Population:
    everything = Population([], None, known=False)
    first = first_page(context, everything)
    if not first.items:
        raise NotReached("the list is empty, and the target can't be put into a state")
    base: tuple[tuple[str, str], ...] = ()
    if is_link(first.next):
        base = _window(context, first.items[:_CLOSE_LOOK])
    seen = walk(context, Population([], None, base, known=False), expected=_WINDOW)
    if not seen.ended or len(seen.items) > _WINDOW:
        raise NotReached(f"the live list has no window of at most {_WINDOW} items")
    facts = [_fact(context, number, item) for number, item in enumerate(seen.items)]
    return Population(facts, None, base, known=False)


def _window(context: Context, items: list[JsonObject]) -> tuple[tuple[str, str], ...]:
    """Bounds of creation that hold the items of one page."""
    if not {"from", "to"} <= context.contract.listing.parameters.keys():
        raise NotReached("the contract has no bounds of creation by which a part of the live list could be looked at")
    moments = sorted(moment_of(context, item) for item in items)
    return between(context, moments[0], moments[-1])


def _fact(context: Context, number: int, item: JsonObject) -> Fact:
    created = moment_of(context, item)
    call_id = str(pointer.get(item, context.contract.listing.id))
    return Fact(number, created, None, created, created, "", "", {}, "", {}, item, call_id)


def require_unchanged(context: Context, population: Population) -> None:
    """Stop here if a list that was not seeded moved while it was looked at.

    Raises:
        NotReached: it did.
    """
    if (
        not population.known
        and set(ids_of(context, walk(context, population, expected=_WINDOW).items)) != population.ids
    ):
        # What was seen of a list that moved proves nothing.
        context.proof.clear()
        raise NotReached("the live list moved during the check")
