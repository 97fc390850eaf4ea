"""The list under a filter: walked at some page size, and held against what the filter lets through."""

from collections.abc import Iterator, Sequence

from conformance.listing import oracles
from conformance.listing.filters import Filter, matching
from conformance.listing.population import Population
from conformance.listing.subjects import fair_size
from conformance.listing.walking import NoPage, Query, ids_of, walk
from conformance.results import Violation
from conformance.scene import Scene

__all__ = ["PAGE_SIZES", "lets_through", "shown_under"]

PAGE_SIZES = (100, 2, 1)
"""Page sizes at which filtered lists are walked."""


def shown_under(scene: Scene, them: Population, query: Query, sizes: Sequence[int] = PAGE_SIZES) -> list[str]:
    """The ids that the list shows under a query.

    Raises:
        NoPage: an answer is no page.
    """
    size = fair_size(them, scene.pick("page size", sizes))
    return ids_of(scene, walk(scene, them, query, size=size).items)


def lets_through(
    scene: Scene, them: Population, chosen: Filter, sizes: Sequence[int] = PAGE_SIZES
) -> Iterator[Violation]:
    """The list under a filter is exactly what the filter lets through."""
    try:
        shown = shown_under(scene, them, chosen.query, sizes)
    except NoPage as refused:
        if refused.first:
            yield Violation("refused", f"the list under {chosen.name}", "200 and a page", str(refused.exchange.status))
        return
    yield from oracles.exactly(shown, matching(them, chosen), f"the list under {chosen.name}")
