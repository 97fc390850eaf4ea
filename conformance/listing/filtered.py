"""The list under a filter: walked at some page size, and held against what the filter lets through."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from conformance.engine.context import Context
from conformance.listing import membership, paging
from conformance.listing.facts import Population
from conformance.listing.filters import TIME_OF_DAY, Filter, matching
from conformance.listing.pages import Query, Walk
from conformance.listing.subjects import page_size_for
from conformance.listing.walking import NoPage, described, first_page, ids_of, walk
from conformance.results.findings import Violation

__all__ = ["PAGE_SIZES", "as_answered_alone", "lets_through", "refused", "shown_under", "walked_under"]

PAGE_SIZES = (100, 2, 1)
"""Page sizes at which filtered lists are walked."""


def walked_under(context: Context, population: Population, query: Query, sizes: Sequence[int] = PAGE_SIZES) -> Walk:
    """A walk under a query.

    Raises:
        NoPage: an answer is no page.
    """
    return walk(context, population, query, size=page_size_for(population, context.pick("page size", sizes)))


def shown_under(context: Context, population: Population, query: Query, sizes: Sequence[int] = PAGE_SIZES) -> list[str]:
    """The ids that the list shows under a query.

    Raises:
        NoPage: an answer is no page.
    """
    return ids_of(context, walked_under(context, population, query, sizes).items)


def refused(problem: NoPage, what: str) -> Iterator[Violation]:
    """The first page of a lawful query is none.

    Raises:
        NoPage: it was a later one; then the walk broke off, and tells nothing of the query.
    """
    if not problem.first:
        raise problem
    yield from paging.refused(problem.exchange, what)


def lets_through(
    context: Context, population: Population, chosen: Filter, sizes: Sequence[int] = PAGE_SIZES
) -> Iterator[Violation]:
    """The list under a filter is exactly what the filter lets through."""
    before, what = first_page(context, population), described(context, chosen.query)
    try:
        seen = walked_under(context, population, chosen.query, sizes)
    except NoPage as problem:
        yield from refused(problem, what)
        return
    shown, expected = ids_of(context, seen.items), matching(population, chosen)
    about = seen.showing(context.contract.listing.id, set(shown) - expected)
    yield from membership.exactly(shown, expected, what, about)
    # Of a case with many queries one is enough to see it by.
    if not context.proof:
        context.prove("before", before.exchange)
        context.prove("act", *seen.shown)


def as_answered_alone(context: Context, population: Population, chosen: Filter) -> Filter:
    """A filter that lets through what the list shows under it alone, where no fact tells what that must be."""
    if chosen.name != TIME_OF_DAY:
        return chosen
    shown = set(shown_under(context, population, chosen.query, [100]))
    return replace(chosen, lets=lambda fact: fact.id in shown)
