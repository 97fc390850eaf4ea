"""Rules: the pages of a list, walked forward."""

from collections.abc import Iterator

from conformance.listing.filters import Filter, matching, nothing, pick_filters
from conformance.listing.judging import WalkJudge, broken_off
from conformance.listing.population import Plan, Population
from conformance.listing.subjects import fair_size, people, steady
from conformance.listing.walking import NoPage, Page, Walk, ids_of, link, one_page, page_of, walk
from conformance.results import Shown, Violation
from conformance.rule import Vacuous, rule
from conformance.scene import Scene

__all__: list[str] = []

_TIMES = ("apart", "equal", "in pairs", "in threes", "within a second")
_PAGES_AT_MOST = 30


def _population(scene: Scene, size: int) -> Population:
    """As many calls as make a case of this page size: none, one, a page, one more, several pages, past 50 and 100."""
    sizes = [size + 1, size, 1, 0, 2 * size, 2 * size + 1, 3 * size + 2, 55, 105]
    fitting = [n for n in sizes if n <= size * _PAGES_AT_MOST and n <= 210]
    plan = Plan(
        scene.pick("population", fitting),
        times=scene.pick("times", _TIMES),
        joined=scene.pick("joined", ["most", "all", "none"]),
        zone=scene.pick("zone", ["Z", "+02:00", "-07:30"]),
        order=scene.pick("set up", ["as they were", "backwards", "shuffled"]),
    )
    return people(scene, plan)


def _walked(scene: Scene) -> tuple[Population, Walk, int, Filter | None]:
    """Walk a list, perhaps filtered, at some page size, and tell what was asked."""
    size = scene.pick("page size", [1, 2, 3, 1, 5, 10, 25, 60, 100])
    them = _population(scene, size)
    size = fair_size(them, size)
    count = scene.pick("filters", [0, 0, 1, 2])
    chosen = pick_filters(scene, them, count) if count and them.known and them.facts else None
    return them, walk(scene, them, chosen.query if chosen else (), size=size), size, chosen


def _judged(scene: Scene, them: Population, seen: Walk, size: int, chosen: Filter | None) -> Iterator[Violation]:
    """What the contract promises of a walk's pages, each violation given to its requirement."""
    expected = matching(them, chosen) if chosen else them.ids
    what = f"a walk at page size {size}" + (f" under {chosen.name}" if chosen else "")
    judge = WalkJudge(scene, expected, size, what)
    for page in seen.pages:
        judge.see(page)
    yield from judge.told(seen)


def _all_of_it(scene: Scene) -> Iterator[Violation]:
    try:
        them, seen, size, chosen = _walked(scene)
    except NoPage as problem:
        yield from broken_off(scene, problem, "a walk")
        return
    found = list(_judged(scene, them, seen, size, chosen))
    steady(scene, them)
    yield from found
    if len(seen.pages) == 1:
        # One page can be wrong, but shows nothing of walking.
        raise Vacuous("the list had no second page")
    scene.prove("act", *seen.shown)


@rule("page.complete", read_only=True)
def test_a_walk_shows_every_item(scene: Scene) -> Iterator[Violation]:
    """Following `next` shows every matching item, at every page size, also when many share a timestamp."""
    if scene.run.has("states") and scene.pick("a crowd at one instant", [False] * 14 + [True]):
        yield from _crowd(scene)
    else:
        yield from _all_of_it(scene)


def _crowd(scene: Scene) -> Iterator[Violation]:
    """More calls of one instant than a paginator that counts its way through ties is made for."""
    them = people(scene, Plan(_CROWD, times="equal"))
    try:
        seen = walk(scene, them, size=100)
    except NoPage as problem:
        yield from broken_off(scene, problem, f"a walk over {_CROWD} calls of one instant")
        return
    yield from _judged(scene, them, seen, 100, None)
    scene.prove("act", *seen.shown)


_CROWD = 1_200
"""Items of one timestamp: Django REST Framework's cursors give up counting at 1,000."""


@rule("page.no-duplicates", read_only=True)
def test_a_walk_shows_no_item_twice(scene: Scene) -> Iterator[Violation]:
    """Following `next` shows no item twice, at every page size, also when many share a timestamp."""
    yield from _all_of_it(scene)


@rule("page.terminates", read_only=True)
def test_a_walk_ends(scene: Scene) -> Iterator[Violation]:
    """Following `next` stops."""
    yield from _all_of_it(scene)


@rule("page.size", read_only=True)
def test_no_page_is_larger_than_asked(scene: Scene) -> Iterator[Violation]:
    """No page holds more items than were asked for; a smaller cap of the server's is observed."""
    try:
        them, seen, size, chosen = _walked(scene)
    except NoPage as problem:
        yield from broken_off(scene, problem, "a walk")
        return
    if not seen.pages[0].items:
        raise Vacuous("nothing matched")
    if link(seen.pages[0].next) and len(seen.pages[0].items) < size:
        scene.observed[f"first page asked for with size {size}"] = (
            f"{len(seen.pages[0].items)} items, though there are more"
        )
    found = list(_judged(scene, them, seen, size, chosen))
    steady(scene, them)
    yield from found
    scene.prove("act", *seen.shown)


@rule("page.total", read_only=True)
def test_total_counts_the_matching_items(scene: Scene) -> Iterator[Violation]:
    """Where there is a total, it equals the number of matching items on every page."""
    try:
        them, seen, size, chosen = _walked(scene)
    except NoPage as problem:
        yield from broken_off(scene, problem, "a walk")
        return
    found = list(_judged(scene, them, seen, size, chosen))
    steady(scene, them)
    yield from found
    if not any(_is_told(page) for page in seen.pages):
        scene.observed["total"] = "not told"
        raise Vacuous("the list tells no total")
    scene.prove("act", *seen.shown)


def _is_told(page: Page) -> bool:
    return isinstance(page.total, int) and not isinstance(page.total, bool)


@rule("page.same-order", read_only=True, proof=("before", "act"))
def test_order_is_the_same_at_every_size(scene: Scene) -> Iterator[Violation]:
    """The order is the same at every page size and on repetition."""
    size = scene.pick("page size", [1, 2, 3, 5, 10, 60])
    them = _population(scene, size)
    if len(them.facts) < 2:
        raise Vacuous("too few calls to have an order")
    size = fair_size(them, size)
    before = walk(scene, them, size=100)
    first = ids_of(scene, before.items)
    others = [(other, walk(scene, them, size=other)) for other in (size, 100)]
    compared = []
    for other, again in others:
        shown = ids_of(scene, again.items)
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
        raise Vacuous("the list did not show the same items again")
    scene.prove("before", *before.edges)
    scene.prove("act", *compared[0].edges)


@rule("page.empty", read_only=True, proof=("before", "act"))
def test_nothing_matches(scene: Scene) -> Iterator[Violation]:
    """Where nothing matches, `results` is an empty list and there is no further page."""
    how = scene.pick("why nothing matches", ["a filter", "an empty account"])
    them = people(scene, Plan(3 if how == "a filter" else 0))
    if how != "a filter" and not (them.known and them.apart):
        raise Vacuous("needs an account of its own")
    before = one_page(scene, them) if how == "a filter" else None
    query = nothing(scene, them) if how == "a filter" else ()
    answer = one_page(scene, them, query, size=scene.pick("page size", [100, 1, None]))
    page = page_of(scene, answer)
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
    scene.prove("before", before)
    scene.prove("act", answer)
