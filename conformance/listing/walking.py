"""Walk a list page by page, forward and back."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.contracts import pointer
from conformance.contracts.pointer import ABSENT
from conformance.engine.context import Context
from conformance.engine.stops import NotReached
from conformance.http.exchange import Exchange, Intent
from conformance.listing.bounds import merged
from conformance.listing.links import cursor_of, is_link, on_the_target
from conformance.listing.population import Population

__all__ = [
    "Course",
    "NoLink",
    "NoPage",
    "Page",
    "Query",
    "Walk",
    "back",
    "cursor_in",
    "first_page",
    "follow",
    "ids_of",
    "link",
    "next_page",
    "one_page",
    "page_of",
    "pages",
    "walk",
]

Query = Sequence[tuple[str, str]]

SLACK = 6
"""Pages beyond the needed ones after which a walk is held to be endless."""


@dataclass(frozen=True)
class Page:
    """One page of a list, as answered."""

    exchange: Exchange
    items: list[dict[str, Any]]
    next: Any
    previous: Any
    total: Any

    def ids(self, place: str) -> list[Any]:
        """The ids of the page's items, in order."""
        return [pointer.get(item, place) for item in self.items]


@dataclass
class Course:
    """How a walk went: pages asked for, whether it came to an end, or was given up because it ran in a circle.

    `first` and `latest` are the exchanges of its first page and of the one last asked for.
    """

    asked: int = 0
    ended: bool = False
    looped: bool = False
    first: Exchange | None = None
    latest: Exchange | None = None

    @property
    def edges(self) -> tuple[Exchange, ...]:
        """Its first and its latest exchange."""
        both = [self.first] if self.first is self.latest else [self.first, self.latest]
        return tuple(one for one in both if one is not None)


@dataclass
class Walk(Course):
    """A walk with all its pages."""

    pages: list[Page] = field(default_factory=list)

    @property
    def items(self) -> list[dict[str, Any]]:
        """Every item in the order it was shown."""
        return [item for page in self.pages for item in page.items]

    @property
    def shown(self) -> tuple[Exchange, ...]:
        """The exchanges by which the walk can be seen: its first, second and last page."""
        kept = [*self.pages[:2], *self.pages[2:][-1:]]
        return tuple(page.exchange for page in kept)

    def showing(self, context: Context, ids: Iterable[Any]) -> tuple[Exchange, ...]:
        """The first exchange that shows one of these, and its edges where none does."""
        wanted = set(map(str, ids))
        for page in self.pages:
            if wanted & set(map(str, ids_of(context, page.items))):
                return (page.exchange,)
        return self.edges


def page_of(context: Context, exchange: Exchange) -> Page | None:
    """Read an answer as a page; None where it is none."""
    listing = context.contract.listing
    items = pointer.get(exchange.json, listing.items)
    if exchange.status != 200 or not isinstance(items, list) or not all(isinstance(i, dict) for i in items):
        return None
    links = (
        pointer.get(exchange.json, place) if place else ABSENT
        for place in (listing.next, listing.previous, listing.total)
    )
    return Page(exchange, items, *links)


def one_page(
    context: Context, people: Population, query: Query = (), *, size: int | None = 100, intent: Intent = "regular"
) -> Exchange:
    """Ask for the first page of a query, whose bounds take the place of those that restrict the population.

    Raises:
        NotReached: a regular query would have a range whose end lies before its start.
    """
    pairs = merged(context, people.base, query, regular=intent == "regular")
    if size is not None:
        pairs.append((context.contract.listing.parameters["size"], str(size)))
    return context.send(context.request("tombstones", query=pairs, api_key=people.api_key, intent=intent))


def walk(
    context: Context, people: Population, query: Query = (), *, size: int | None = 100, expected: int | None = None
) -> Walk:
    """Follow `next` to the end, or until more pages came than the expected items can fill, and keep all pages.

    Raises:
        NoPage: an answer is no page.
        NoLink: a link can't be followed.
    """
    whole = Walk()
    whole.pages.extend(pages(context, people, query, whole, size=size, expected=expected))
    return whole


def pages(
    context: Context,
    people: Population,
    query: Query,
    course: Course,
    *,
    size: int | None = 100,
    expected: int | None = None,
) -> Iterator[Page]:
    """The pages of a walk one by one, as they are asked for; `course` tells how it goes.

    Raises:
        NoPage: an answer is no page.
        NoLink: a link can't be followed.
    """
    page = first_page(context, people, query, size=size)
    course.first = page.exchange
    most = _enough(len(people.facts) if expected is None else expected, page)
    seen: set[int] = set()
    while True:
        course.asked += 1
        course.latest = page.exchange
        yield page
        if not link(page.next):
            course.ended = True
            return
        # A link may be long, and a list have many of them.
        mark = hash(str(page.next))
        course.looped = mark in seen
        if course.looped or course.asked > most:
            return
        seen.add(mark)
        page = next_page(context, people, page)


def _enough(items: int, page: Page) -> int:
    """Pages after which a walk is held to be endless: three times what this page's length asks for, and some."""
    return 3 * items // max(1, len(page.items)) + SLACK


def back(context: Context, people: Population, start: Page) -> Walk:
    """Follow `previous` from a page to the beginning; the pages come in the order they were asked for.

    Raises:
        NoPage: an answer is no page.
        NoLink: a link can't be followed.
    """
    page, walked = start, Walk(first=start.exchange, latest=start.exchange)
    most = _enough(len(people.facts), start)
    seen: set[int] = set()
    while link(page.previous):
        mark = hash(str(page.previous))
        if mark in seen or walked.asked >= most:
            return walked
        seen.add(mark)
        page = _page(context, follow(context, people, page.previous), before=page)
        walked.pages.append(page)
        walked.asked += 1
        walked.latest = page.exchange
    walked.ended = True
    return walked


def link(value: Any) -> bool:
    """Whether a link leads anywhere."""
    return is_link(value)


class NoPage(NotReached):
    """The list answered with something that is no page.

    `first` tells whether it was the first page asked for; `about` are the page with the link, if any, and this answer.
    """

    def __init__(self, exchange: Exchange, before: Page | None = None) -> None:
        self.exchange = exchange
        self.first = before is None
        self.about = (exchange,) if before is None else (before.exchange, exchange)
        where = "at once" if self.first else "where a link was followed"
        super().__init__(f"the list answered {exchange.status}, or no page, {where}")


class NoLink(NotReached):
    """A link is no URI, so that it can't be followed."""

    def __init__(self) -> None:
        super().__init__("a link of the list is no URI and can't be followed")


def _page(context: Context, exchange: Exchange, before: Page | None = None) -> Page:
    page = page_of(context, exchange)
    if page is None:
        raise NoPage(exchange, before)
    return page


def first_page(context: Context, people: Population, query: Query = (), *, size: int | None = 100) -> Page:
    """The first page of a query.

    Raises:
        NoPage: the answer is none.
    """
    return _page(context, one_page(context, people, query, size=size))


def next_page(context: Context, people: Population, page: Page) -> Page:
    """The page that a page's `next` leads to.

    Raises:
        NoPage: the answer is none.
        NoLink: the link can't be followed.
    """
    return _page(context, follow(context, people, page.next), before=page)


def follow(context: Context, people: Population, link: Any, *, intent: Intent = "regular") -> Exchange:
    """Ask for a link's page, always of the target itself and as the account whose list it is.

    Raises:
        NoLink: it is no URI.
    """
    plain = context.request("tombstones", api_key=people.api_key, intent=intent)
    there = on_the_target(link, plain.url)
    if there is None:
        raise NoLink
    return context.send(context.at(plain, there), "follow the link of the page before")


def cursor_in(context: Context, link: Any) -> str | None:
    """The value of the cursor parameter in a link."""
    return cursor_of(link, context.contract.listing.parameters["cursor"])


def ids_of(context: Context, items: Iterable[dict[str, Any]]) -> list[Any]:
    """The ids of items, in order."""
    place = context.contract.listing.id
    return [pointer.get(item, place) for item in items]
