"""Rules: the pages of a list, walked forward."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from conformance.exchange import Exchange
from conformance.listing import oracles
from conformance.listing.filters import Filter, matching, nothing, offered, pick_filter, pick_filters
from conformance.listing.judging import WalkJudge
from conformance.listing.population import Plan, Population
from conformance.listing.subjects import fair_size, people, steady
from conformance.listing.walking import (
    NoPage,
    Page,
    Query,
    Walk,
    cursor_in,
    follow,
    ids_of,
    link,
    one_page,
    page_of,
    walk,
)
from conformance.results import Violation
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
    them, seen, size, chosen = _walked(scene)
    found = list(_judged(scene, them, seen, size, chosen))
    steady(scene, them)
    yield from found


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
    yield from _judged(scene, them, walk(scene, them, size=100), 100, None)


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
    them, seen, size, chosen = _walked(scene)
    if not seen.pages[0].items:
        raise Vacuous("nothing matched")
    if link(seen.pages[0].next) and len(seen.pages[0].items) < size:
        scene.observed[f"first page asked for with size {size}"] = (
            f"{len(seen.pages[0].items)} items, though there are more"
        )
    yield from _judged(scene, them, seen, size, chosen)


@rule("page.total", read_only=True)
def test_total_counts_the_matching_items(scene: Scene) -> Iterator[Violation]:
    """Where there is a total, it equals the number of matching items on every page."""
    them, seen, size, chosen = _walked(scene)
    if all(not isinstance(page.total, int) for page in seen.pages):
        scene.observed["total"] = "not told"
    found = list(_judged(scene, them, seen, size, chosen))
    steady(scene, them)
    yield from found


@rule("page.same-order", read_only=True)
def test_order_is_the_same_at_every_size(scene: Scene) -> Iterator[Violation]:
    """The order is the same at every page size and on repetition."""
    size = scene.pick("page size", [1, 2, 3, 5, 10, 60])
    them = _population(scene, size)
    size = fair_size(them, size)
    first = ids_of(scene, walk(scene, them, size=100).items)
    for other in (size, 100):
        again = walk(scene, them, size=other)
        shown = ids_of(scene, again.items)
        if again.ended and sorted(map(str, shown)) == sorted(map(str, first)) and shown != first:
            yield Violation(
                "another-order", f"the order at page size {other} is not that of the first walk", "one order", "another"
            )


@rule("page.next-usable", read_only=True, long=True)
def test_next_can_be_followed(scene: Scene) -> Iterator[Violation]:
    """`next` is an absolute URI of the target's origin and, followed, keeps filters and page size."""
    if scene.requirement.data["part"] == "origin":
        yield from _origin(scene)
        return
    size = scene.pick("page size", [1, 2, 3, 5])
    plan = Plan(
        scene.pick("population", [3 * size + 2, 12 + size, 30]), joined="all", zone=scene.pick("zone", ["Z", "+02:00"])
    )
    them = people(scene, plan)
    size = fair_size(them, size)
    first = page_of(scene, one_page(scene, them, size=size))
    if first is None or not link(first.next):
        raise Vacuous("the list had no second page")
    broken = list(oracles.link_is_absolute(first.next, "next"))
    if broken:
        yield from broken
        return
    names = [_UNFILTERED, *(offered(scene) if them.known else [])]
    # A few an example: all of them each time would make this rule longer than all others together.
    for name in dict.fromkeys(scene.pick(f"query {number}", names) for number in range(_FOLLOWED)):
        query = pick_filter(scene, them, [name], name).query if name != _UNFILTERED else ()
        yield from _followed(scene, them, name, query, size)


_UNFILTERED = "no filter"
_FOLLOWED = 4


def _followed(scene: Scene, them: Population, name: str, query: Query, size: int) -> Iterator[Violation]:
    """A query on pages of one size shows what it shows on one large page, and each page keeps the size."""
    whole = walk(scene, them, query, size=100)
    try:
        seen = walk(scene, them, query, size=size)
    except NoPage as nothing_there:
        if not nothing_there.first:
            yield Violation(
                "dead-link",
                f"following next under {name}",
                "200 and the next page",
                str(nothing_there.exchange.status),
                name,
            )
        return
    for page in seen.pages[1:]:
        yield from oracles.no_larger(page, size)
    if len(whole.pages) == 1 and seen.ended:
        yield from oracles.exactly(
            ids_of(scene, seen.items), ids_of(scene, whole.items), f"following next under {name}"
        )


def _origin(scene: Scene) -> Iterator[Violation]:
    them = people(scene, Plan(scene.pick("population", [3, 5])))
    page = page_of(scene, one_page(scene, them, size=2))
    if page is None or not link(page.next):
        raise Vacuous("the list had no second page")
    parts = urlsplit(str(page.next))
    lawful = {scene.run.target.origin, scene.run.target.public_origin}
    if parts.netloc and f"{parts.scheme}://{parts.netloc}" not in lawful:
        yield Violation(
            "another-origin",
            "next names another origin than the target's",
            " or ".join(filter(None, lawful)),
            f"{parts.scheme}://{parts.netloc}",
        )


@rule("page.cursor-alone", read_only=True)
def test_a_bare_cursor_gives_the_same_page(scene: Scene) -> Iterator[Violation]:
    """The bare cursor value with the same filters and size gives the same page as `next`."""
    size = scene.pick("page size", [1, 2, 3])
    them = people(scene, Plan(scene.pick("population", [size + 1, 3 * size + 2]), times=scene.pick("times", _TIMES)))
    chosen = pick_filter(scene, them) if them.known and scene.pick("filtered", [False, True]) else None
    query = chosen.query if chosen else ()
    page = page_of(scene, one_page(scene, them, query, size=size))
    cursor = cursor_in(scene, page.next) if page else None
    if page is None or cursor is None:
        raise Vacuous("the list had no second page, or next holds no cursor")
    by_link = page_of(scene, follow(scene, them, page.next))
    name = scene.contract.listing["parameters"]["cursor"]
    alone = one_page(scene, them, [*query, (name, cursor)], size=size)
    yield from _same_page(scene, by_link, alone, "the bare cursor gives another page than next")


def _same_page(scene: Scene, expected: Page | None, answer: Exchange, what: str) -> Iterator[Violation]:
    """An answer is a page with the items of another one, in their order."""
    page = page_of(scene, answer)
    if expected is not None and (page is None or ids_of(scene, page.items) != ids_of(scene, expected.items)):
        seen = str(answer.status) if page is None else "other items"
        yield Violation("another-page", what, "the same items", seen)


@rule("page.repeatable", read_only=True)
def test_a_cursor_gives_the_same_page_again(scene: Scene) -> Iterator[Violation]:
    """Asking for the same cursor again gives the same page."""
    size = scene.pick("page size", [1, 2, 3])
    them = people(
        scene, Plan(scene.pick("population", [size + 1, 3 * size + 2, 55]), times=scene.pick("times", _TIMES))
    )
    page = page_of(scene, one_page(scene, them, size=size))
    if page is None or not link(page.next):
        raise Vacuous("the list had no second page")
    for _ in range(scene.pick("pages on", [0, 1])):
        page = page_of(scene, follow(scene, them, page.next)) or page
    if not link(page.next):
        raise Vacuous("the list had no further page")
    first = page_of(scene, follow(scene, them, page.next))
    for _ in range(scene.pick("times asked again", [1, 2, 3])):
        differs = list(_same_page(scene, first, follow(scene, them, page.next), "the same cursor gave another page"))
        if differs:
            yield from differs
            return


@rule("page.empty", read_only=True)
def test_nothing_matches(scene: Scene) -> Iterator[Violation]:
    """Where nothing matches, `results` is an empty list and there is no further page."""
    how = scene.pick("why nothing matches", ["a filter", "an empty account"])
    them = people(scene, Plan(3 if how == "a filter" else 0))
    if not them.known and how != "a filter":
        raise Vacuous("needs an account of its own")
    query = nothing(scene) if how == "a filter" else ()
    answer = one_page(scene, them, query, size=scene.pick("page size", [100, 1, None]))
    yield from _is_empty(scene, answer, how)


def _is_empty(scene: Scene, answer: Exchange, how: str) -> Iterator[Violation]:
    page = page_of(scene, answer)
    if page is None:
        yield Violation(
            "no-page",
            f"the list where nothing matches ({how})",
            "200 and an empty list",
            f"{answer.status}, or no list",
            str(answer.status),
        )
        return
    if page.items:
        yield Violation("not-empty", f"the list where nothing matches ({how})", "no items", f"{len(page.items)} items")
    if link(page.next):
        yield Violation("further-page", "an empty list has a further page", "no next", str(page.next)[:100])
