"""Rules: the pages of a list, walked forward."""

from collections.abc import Iterator

from conformance.engine.context import Context
from conformance.engine.rule import rule
from conformance.engine.stops import NotReached
from conformance.listing.filters import Filter, matching, nothing, pick_filters
from conformance.listing.judging import WalkJudge, broken_off
from conformance.listing.population import Plan, Population
from conformance.listing.subjects import page_size_for, population_of, require_unchanged
from conformance.listing.walking import NoPage, Page, Walk, ids_of, link, one_page, page_of, walk
from conformance.results.findings import Shown, Violation

__all__: list[str] = []

_TIMES = ("apart", "equal", "in pairs", "in threes", "within a second")
_PAGES_AT_MOST = 30


def _population(context: Context, size: int) -> Population:
    """As many calls as make a case of this page size: none, one, a page, one more, several pages, past 50 and 100."""
    sizes = [size + 1, size, 1, 0, 2 * size, 2 * size + 1, 3 * size + 2, 55, 105]
    fitting = [n for n in sizes if n <= size * _PAGES_AT_MOST and n <= 210]
    plan = Plan(
        context.pick("population", fitting),
        times=context.pick("times", _TIMES),
        joined=context.pick("joined", ["most", "all", "none"]),
        zone=context.pick("zone", ["Z", "+02:00", "-07:30"]),
        order=context.pick("set up", ["as they were", "backwards", "shuffled"]),
    )
    return population_of(context, plan)


def _walked(context: Context) -> tuple[Population, Walk, int, Filter | None]:
    """Walk a list, perhaps filtered, at some page size, and tell what was asked."""
    size = context.pick("page size", [1, 2, 3, 1, 5, 10, 25, 60, 100])
    population = _population(context, size)
    size = page_size_for(population, size)
    count = context.pick("filters", [0, 0, 1, 2])
    chosen = pick_filters(context, population, count) if count and population.known and population.facts else None
    return population, walk(context, population, chosen.query if chosen else (), size=size), size, chosen


def _judged(
    context: Context, population: Population, seen: Walk, size: int, chosen: Filter | None
) -> Iterator[Violation]:
    """What the contract promises of a walk's pages, each violation given to its requirement."""
    expected = matching(population, chosen) if chosen else population.ids
    what = f"a walk at page size {size}" + (f" under {chosen.name}" if chosen else "")
    judge = WalkJudge(context, expected, size, what)
    for page in seen.pages:
        judge.see(page)
    yield from judge.told(seen)


def _all_of_it(context: Context) -> Iterator[Violation]:
    try:
        population, seen, size, chosen = _walked(context)
    except NoPage as problem:
        yield from broken_off(context, problem, "a walk")
        return
    found = list(_judged(context, population, seen, size, chosen))
    require_unchanged(context, population)
    yield from found
    if len(seen.pages) == 1:
        # One page can be wrong, but shows nothing of walking.
        raise NotReached("the list had no second page")
    context.prove("act", *seen.shown)


@rule("page.complete", read_only=True)
def test_a_walk_shows_every_item(context: Context) -> Iterator[Violation]:
    """Following `next` shows every matching item, at every page size, also when many share a timestamp."""
    if context.run.set_ups.possible and context.pick("a crowd at one instant", [False] * 14 + [True]):
        yield from _crowd(context)
    else:
        yield from _all_of_it(context)


def _crowd(context: Context) -> Iterator[Violation]:
    """More calls of one instant than a paginator that counts its way through ties is made for."""
    population = population_of(context, Plan(_CROWD, times="equal"))
    try:
        seen = walk(context, population, size=100)
    except NoPage as problem:
        yield from broken_off(context, problem, f"a walk over {_CROWD} calls of one instant")
        return
    yield from _judged(context, population, seen, 100, None)
    context.prove("act", *seen.shown)


_CROWD = 1_200
"""Items of one timestamp: Django REST Framework's cursors give up counting at 1,000."""


@rule("page.no-duplicates", read_only=True)
def test_a_walk_shows_no_item_twice(context: Context) -> Iterator[Violation]:
    """Following `next` shows no item twice, at every page size, also when many share a timestamp."""
    yield from _all_of_it(context)


@rule("page.terminates", read_only=True)
def test_a_walk_ends(context: Context) -> Iterator[Violation]:
    """Following `next` stops."""
    yield from _all_of_it(context)


@rule("page.size", read_only=True)
def test_no_page_is_larger_than_asked(context: Context) -> Iterator[Violation]:
    """No page holds more items than were asked for; a smaller cap of the server's is observed."""
    try:
        population, seen, size, chosen = _walked(context)
    except NoPage as problem:
        yield from broken_off(context, problem, "a walk")
        return
    if not seen.pages[0].items:
        raise NotReached("nothing matched")
    if link(seen.pages[0].next) and len(seen.pages[0].items) < size:
        context.observed[f"first page asked for with size {size}"] = (
            f"{len(seen.pages[0].items)} items, though there are more"
        )
    found = list(_judged(context, population, seen, size, chosen))
    require_unchanged(context, population)
    yield from found
    context.prove("act", *seen.shown)


@rule("page.total", read_only=True)
def test_total_counts_the_matching_items(context: Context) -> Iterator[Violation]:
    """Where there is a total, it equals the number of matching items on every page."""
    try:
        population, seen, size, chosen = _walked(context)
    except NoPage as problem:
        yield from broken_off(context, problem, "a walk")
        return
    found = list(_judged(context, population, seen, size, chosen))
    require_unchanged(context, population)
    yield from found
    if not any(_is_told(page) for page in seen.pages):
        context.observed["total"] = "not told"
        raise NotReached("the list tells no total")
    context.prove("act", *seen.shown)


def _is_told(page: Page) -> bool:
    return isinstance(page.total, int) and not isinstance(page.total, bool)


@rule("page.same-order", read_only=True, proof=("before", "act"))
def test_order_is_the_same_at_every_size(context: Context) -> Iterator[Violation]:
    """The order is the same at every page size and on repetition."""
    size = context.pick("page size", [1, 2, 3, 5, 10, 60])
    population = _population(context, size)
    if len(population.facts) < 2:
        raise NotReached("too few calls to have an order")
    size = page_size_for(population, size)
    before = walk(context, population, size=100)
    first = ids_of(context, before.items)
    others = [(other, walk(context, population, size=other)) for other in (size, 100)]
    compared = []
    for other, again in others:
        shown = ids_of(context, again.items)
        # What is not the same items is told elsewhere, and has no order to compare.
        if not (before.ended and again.ended and sorted(map(str, shown)) == sorted(map(str, first))):
            continue
        compared.append(again)
        if shown != first:
            yield Violation(
                "another-order",
                f"the order at page size {other} is not that of the first walk",
                "one order",
                "another",
                about=(*before.edges, *again.edges),
            )
    if not compared:
        raise NotReached("the list did not show the same items again")
    context.prove("before", *before.edges)
    context.prove("act", *compared[0].edges)


@rule("page.empty", read_only=True, proof=("before", "act"))
def test_nothing_matches(context: Context) -> Iterator[Violation]:
    """Where nothing matches, `results` is an empty list and there is no further page."""
    how = context.pick("why nothing matches", ["a filter", "an empty account"])
    population = population_of(context, Plan(3 if how == "a filter" else 0))
    if how != "a filter" and not (population.known and population.apart):
        raise NotReached("needs an account of its own")
    before = one_page(context, population) if how == "a filter" else None
    query = nothing(context, population) if how == "a filter" else ()
    answer = one_page(context, population, query, size=context.pick("page size", [100, 1, None]))
    page = page_of(context, answer)
    what = f"the list where nothing matches ({how})"
    if page is None:
        status = str(answer.status)
        yield Violation("no-page", what, "200 and an empty list", f"{status}, or no list", status, about=(answer,))
        return
    if page.items:
        yield Violation("not-empty", what, "no items", f"{len(page.items)} items", about=(answer,))
    if link(page.next):
        yield Violation(
            "further-page", "an empty list has a further page", "no next", Shown(page.next), about=(answer,)
        )
    context.prove("before", before)
    context.prove("act", answer)
