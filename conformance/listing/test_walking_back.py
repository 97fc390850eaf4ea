"""Rules: links followed, asked for again and taken apart, walking back, and walking while the list changes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from conformance.engine.context import Context
from conformance.engine.rule import rule
from conformance.engine.stops import NotReached
from conformance.http.exchange import Exchange
from conformance.listing import oracles
from conformance.listing.filters import offered, pick_filter
from conformance.listing.ids import Ids
from conformance.listing.links import origin_of
from conformance.listing.population import Plan, Population
from conformance.listing.subjects import known_population, page_size_for, population_of, require_unchanged
from conformance.listing.walking import (
    NoPage,
    Page,
    Query,
    Walk,
    back,
    cursor_in,
    first_page,
    ids_of,
    link,
    next_page,
    one_page,
    page_of,
    walk,
)
from conformance.results.findings import Shown, Violation

__all__: list[str] = []

_TIMES = ("apart", "equal", "in pairs", "in threes", "within a second")


def _linking(context: Context, population: Population, query: Query, size: int) -> Page:
    """The first page, if it has a link to another.

    Raises:
        NoPage: it is none.
        NotReached: it has none.
    """
    page = first_page(context, population, query, size=size)
    if not link(page.next):
        raise NotReached("the list had no second page")
    return page


@rule("page.next-usable", read_only=True, long=True, proof=("before", "act"))
def test_next_can_be_followed(context: Context) -> Iterator[Violation]:
    """`next` is an absolute URI of the target's origin and, followed, keeps filters and page size."""
    if context.requirement.data.part == "origin":
        yield from _origin(context)
        return
    size = context.pick("page size", [1, 2, 3, 5])
    plan = Plan(
        context.pick("population", [3 * size + 2, 12 + size, 30]),
        joined="all",
        zone=context.pick("zone", ["Z", "+02:00"]),
    )
    population = population_of(context, plan)
    size = page_size_for(population, size)
    first = _linking(context, population, (), size)
    broken = list(oracles.link_is_absolute(first.next, "next", (first.exchange,)))
    if broken:
        yield from broken
        return
    names = [_UNFILTERED, *(offered(context) if population.known else [])]
    # A few an example: all of them each time would make this rule longer than all others together.
    for name in dict.fromkeys(context.pick(f"query {number}", names) for number in range(_FOLLOWED)):
        query = pick_filter(context, population, [name], name).query if name != _UNFILTERED else ()
        yield from _followed(context, population, name, query, size)


_UNFILTERED = "no filter"
_FOLLOWED = 4


def _followed(context: Context, population: Population, name: str, query: Query, size: int) -> Iterator[Violation]:
    """A query on pages of one size shows what it shows on large ones, and each page keeps the size."""
    walked: list[Walk] = []
    for asked in (100, size):
        try:
            walked.append(walk(context, population, query, size=asked))
        except NoPage as problem:
            if problem.first:
                return
            status = str(problem.exchange.status)
            yield Violation(
                "dead-link",
                f"following next under {name}",
                "200 and the next page",
                status,
                name,
                about=problem.about,
            )
            return
    whole, seen = walked
    for page in seen.pages[1:]:
        yield from oracles.link_is_absolute(page.next, "next", (page.exchange,)) if link(page.next) else ()
        yield from oracles.no_larger(page, size)
    if whole.ended and seen.ended:
        shown, expected = ids_of(context, seen.items), ids_of(context, whole.items)
        about = (*whole.edges[:1], *seen.showing(context, set(shown) - set(expected)))
        found = list(oracles.exactly(shown, expected, f"following next under {name}", about))
        if found:
            require_unchanged(context, population)
        yield from found
    if len(seen.pages) > 1 and not any(part == "act" for part, _ in context.proof):
        context.prove("before", *whole.edges)
        context.prove("act", *seen.shown)


def _origin(context: Context) -> Iterator[Violation]:
    population = population_of(context, Plan(context.pick("population", [3, 5])))
    page = _linking(context, population, (), page_size_for(population, 2))
    named, target = origin_of(page.next), context.run.target
    lawful = {origin_of(target.origin): target.origin, origin_of(target.public_origin): target.public_origin}
    if named is None:
        raise NotReached("next is no absolute URI")
    if named not in lawful:
        yield Violation(
            "another-origin",
            "next names another origin than the target's",
            " or ".join(origin for origin in lawful.values() if origin),
            Shown(page.next),
            about=(page.exchange,),
        )
    context.prove("act", page.exchange)


@rule("page.cursor-alone", read_only=True, proof=("before", "act"))
def test_a_bare_cursor_gives_the_same_page(context: Context) -> Iterator[Violation]:
    """The bare cursor value with the same filters and size gives the same page as `next`."""
    size = context.pick("page size", [1, 2, 3])
    population = population_of(
        context, Plan(context.pick("population", [size + 1, 3 * size + 2]), times=context.pick("times", _TIMES))
    )
    size = page_size_for(population, size)
    filtered = population.known and context.pick("filtered", [False, True])
    query = pick_filter(context, population, offered(context)).query if filtered else ()
    page = _linking(context, population, query, size)
    cursor = cursor_in(context, page.next)
    if not cursor:
        raise NotReached("next holds no cursor")
    by_link = next_page(context, population, page)
    name = context.contract.listing.parameters["cursor"]
    alone = one_page(context, population, [*query, (name, cursor)], size=size)
    differs = list(_same_page(context, by_link, alone, "the bare cursor gives another page than next"))
    if differs:
        require_unchanged(context, population)
    yield from differs
    context.prove("before", by_link.exchange)
    context.prove("act", alone)


def _same_page(context: Context, expected: Page, answer: Exchange, what: str) -> Iterator[Violation]:
    """An answer is a page with the items of another one, in their order."""
    page = page_of(context, answer)
    if page is None or ids_of(context, page.items) != ids_of(context, expected.items):
        seen = str(answer.status) if page is None else "other items"
        yield Violation("another-page", what, "the same items", seen, about=(expected.exchange, answer))


@rule("page.repeatable", read_only=True, proof=("before", "act"))
def test_a_cursor_gives_the_same_page_again(context: Context) -> Iterator[Violation]:
    """Asking for the same cursor again gives the same page."""
    size = context.pick("page size", [1, 2, 3])
    population = population_of(
        context, Plan(context.pick("population", [size + 1, 3 * size + 2, 55]), times=context.pick("times", _TIMES))
    )
    page = _linking(context, population, (), page_size_for(population, size))
    for _ in range(context.pick("pages on", [0, 1])):
        page = next_page(context, population, page)
    if not link(page.next):
        raise NotReached("the list had no further page")
    first = next_page(context, population, page)
    again = first.exchange
    for _ in range(context.pick("times asked again", [1, 2, 3])):
        again = _again(context, population, page)
        differs = list(_same_page(context, first, again, "the same cursor gave another page"))
        if differs:
            require_unchanged(context, population)
            yield from differs
            return
    context.prove("before", first.exchange)
    context.prove("act", again)


def _again(context: Context, population: Population, page: Page) -> Exchange:
    """The answer to a link that was followed before, whatever it is now."""
    try:
        return next_page(context, population, page).exchange
    except NoPage as problem:
        return problem.exchange


@rule("page.previous", read_only=True, proof=("before", "act"))
def test_walking_back_shows_the_same_items(context: Context) -> Iterator[Violation]:
    """Where there is `previous`, walking back shows the same items in list order; it is there from page two on."""
    size = context.pick("page size", [1, 2, 3, 5, 25])
    sizes = [2 * size + 1, size + 1, 2 * size, 3 * size + 2, 4 * size]
    plan = Plan(
        context.pick("population", sizes),
        times=context.pick("times", _TIMES),
        order=context.pick("set up", ["as they were", "shuffled"]),
    )
    population = population_of(context, plan)
    size = page_size_for(population, size)
    presence = context.requirement.data.part == "presence"
    # A filtered list may do without: only the plain one is held to have it.
    filtered = not presence and population.known and context.pick("filtered", [False, True])
    forward = walk(
        context, population, pick_filter(context, population, offered(context)).query if filtered else (), size=size
    )
    turns = [n for n, page in enumerate(forward.pages) if n > 0 and page.items]
    if not turns or not forward.ended:
        raise NotReached("the list had no second page with items")
    turn = turns[context.pick("turn back at", [*range(len(turns))][::-1])]
    start = forward.pages[turn]
    if presence:
        if not link(start.previous):
            what = "a page after the first has no previous"
            yield Violation("absent", what, "a link to the page before", "null or absent", about=(start.exchange,))
        context.prove("act", start.exchange)
        return
    if not link(start.previous):
        raise NotReached("previous is not offered")
    found = list(_back_again(context, population, forward, turn, size))
    if found:
        require_unchanged(context, population)
    yield from found


def _back_again(context: Context, population: Population, forward: Walk, turn: int, size: int) -> Iterator[Violation]:
    """What walking back from a page shows is what was passed on the way there."""
    passed = forward.pages[:turn]
    expected = ids_of(context, [item for page in passed for item in page.items])
    try:
        returned = back(context, population, forward.pages[turn])
    except NoPage as problem:
        status = str(problem.exchange.status)
        yield Violation("dead-link", "following previous", "200 and a page", status, about=problem.about)
        return
    yield from oracles.ends(returned, "walking back")
    if not returned.ended:
        return
    shown = [i for page in reversed(returned.pages) for i in ids_of(context, page.items)]
    if shown != expected:
        alike = sorted(map(str, shown)) == sorted(map(str, expected))
        yield Violation(
            "another-way",
            f"walking back at page size {size} does not show what was passed on the way there",
            f"the {len(expected)} items before, in list order",
            "in another order" if alike else f"{len(shown)} items",
            "order" if alike else "items",
            about=(passed[-1].exchange, forward.pages[turn].exchange, *returned.edges[1:]),
        )
    context.prove("before", passed[0].exchange, forward.pages[turn].exchange)
    context.prove("act", *returned.shown[:1], *returned.edges[1:])


@rule("page.stable-under-writes", needs=("states",), proof=("before", "after"))
def test_writes_do_not_disturb_a_walk(context: Context) -> Iterator[Violation]:
    """Items there before the walk are seen exactly once though others are deleted during it."""
    size = context.pick("page size", [1, 2, 3, 5])
    population = known_population(
        context,
        Plan(context.pick("population", [2 * size + 1, 3 * size, 4 * size + 2]), times=context.pick("times", _TIMES)),
    )
    pages, written = [first_page(context, population, size=size)], 0
    for number in range(len(population.facts) + 20):
        if not link(pages[-1].next):
            break
        written += _write(context, population, number)
        try:
            pages.append(next_page(context, population, pages[-1]))
        except NoPage as problem:
            yield from _broken_by_a_write(context, population, problem, size if written else 0)
            return
    if not written:
        raise NotReached("nothing was written during the walk")
    shown = [i for page in pages for i in ids_of(context, page.items) if i in population.ids]
    about = (pages[0].exchange, pages[-1].exchange)
    yield from oracles.complete(Ids(shown), population.ids, "a walk while others are deleted", about)
    yield from oracles.once(Ids(shown), "a walk while others are deleted", about)
    context.prove("before", pages[0].exchange)
    context.prove("after", *[page.exchange for page in pages[1:]][:2], pages[-1].exchange)


def _broken_by_a_write(context: Context, population: Population, problem: NoPage, size: int) -> Iterator[Violation]:
    """A walk that breaks off is the writes' doing only if it does not break off without them.

    Raises:
        NoPage: it does.
    """
    if not size or not walk(context, population, size=size, expected=2 * len(population.facts) + 20).ended:
        raise problem
    status = str(problem.exchange.status)
    what = "a walk while others are deleted breaks off"
    yield Violation("broken-off", what, "the next page", status, about=problem.about)


def _write(context: Context, population: Population, number: int) -> int:
    """Delete other calls: newer than all, older than all, or in their midst; how many."""
    kind = context.pick(
        f"written after page {number}",
        ["newer", "older", "in the midst", "nothing", "a live call"] if number < 4 else ["nothing"],
    )
    if kind == "nothing":
        return 0
    if kind == "a live call":
        made = context.state("live calls exist", api_key=population.api_key, calls=[population.beside(context)])
        call_id = next(iter(made.get("call_ids") or []), None)
        if not isinstance(call_id, str):
            raise NotReached("state handler: 'live calls exist' did not answer with an id")
        # From now on it may be shown, whatever becomes of the answer.
        context.run.ledger.removed(call_id)
        context.state("a call is deleted", call_id=call_id, api_key=population.api_key)
        return 1
    first = min(fact.created for fact in population.facts).replace(microsecond=0)
    moment = {
        "newer": datetime.now(UTC) - timedelta(days=1),
        "older": first - timedelta(days=60),
        "in the midst": first + timedelta(days=1, minutes=3),
    }[kind]
    call = population.beside(context, created=moment.isoformat(), deleted=(moment + timedelta(hours=2)).isoformat())
    count = context.pick(f"how many after page {number}", [1, 2, 4])
    context.state("deleted calls exist", api_key=population.api_key, calls=[call] * count)
    return count
