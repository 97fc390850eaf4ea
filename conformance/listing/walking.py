"""Walk a list page by page, forward and back."""

from collections.abc import Iterable, Iterator
from typing import Any

from conformance.contracts.pointer import JsonObject
from conformance.engine.context import Context
from conformance.engine.stops import NotReached
from conformance.http.exchange import Exchange, Intent
from conformance.listing.bounds import merged
from conformance.listing.facts import Population
from conformance.listing.links import cursor_of, is_link, on_the_target
from conformance.listing.pages import Course, Page, Query, Walk, describe, id_of, read_page

__all__ = [
    "NoLink",
    "NoPage",
    "back",
    "cursor_in",
    "described",
    "first_page",
    "follow",
    "ids_of",
    "next_page",
    "one_page",
    "pages",
    "walk",
]

SLACK = 6
"""Pages beyond the needed ones after which a walk is held to be endless."""


def one_page(
    context: Context, population: Population, query: Query = (), *, size: int | None = 100, intent: Intent = "regular"
) -> Exchange:
    """Ask for the first page of a query, whose bounds take the place of those that restrict the population.

    Raises:
        NotReached: a regular query would have a range whose end lies before its start.
    """
    pairs = merged(context, population.base, query, regular=intent == "regular")
    if size is not None:
        pairs.append((context.contract.listing.parameters["size"], str(size)))
    return context.send(context.request("tombstones", query=pairs, api_key=population.api_key, intent=intent))


def walk(
    context: Context, population: Population, query: Query = (), *, size: int | None = 100, expected: int | None = None
) -> Walk:
    """Follow `next` to the end, or until more pages came than the expected items can fill, and keep all pages.

    Raises:
        NoPage: an answer is no page.
        NoLink: a link can't be followed.
    """
    whole = Walk()
    whole.pages.extend(pages(context, population, query, whole, size=size, expected=expected))
    return whole


def pages(
    context: Context,
    population: Population,
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
    page = first_page(context, population, query, size=size)
    course.first = page.exchange
    most = _enough(len(population.facts) if expected is None else expected, page)
    seen: set[int] = set()
    while True:
        course.asked += 1
        course.latest = page.exchange
        yield page
        if not is_link(page.next):
            course.ended = True
            return
        # A link may be long, and a list have many of them.
        mark = hash(str(page.next))
        course.looped = mark in seen
        if course.looped or course.asked > most:
            return
        seen.add(mark)
        page = next_page(context, population, page)


def _enough(items: int, page: Page) -> int:
    """Pages after which a walk is held to be endless: three times what this page's length asks for, and some."""
    return 3 * items // max(1, len(page.items)) + SLACK


def back(context: Context, population: Population, start: Page) -> Walk:
    """Follow `previous` from a page to the beginning; the pages come in the order they were asked for.

    Raises:
        NoPage: an answer is no page.
        NoLink: a link can't be followed.
    """
    page, walked = start, Walk(first=start.exchange, latest=start.exchange)
    most = _enough(len(population.facts), start)
    seen: set[int] = set()
    while is_link(page.previous):
        mark = hash(str(page.previous))
        if mark in seen or walked.asked >= most:
            return walked
        seen.add(mark)
        page = _page(context, follow(context, population, page.previous), before=page)
        walked.pages.append(page)
        walked.asked += 1
        walked.latest = page.exchange
    walked.ended = True
    return walked


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
    page = read_page(context.contract.listing, exchange)
    if page is None:
        raise NoPage(exchange, before)
    return page


def first_page(context: Context, population: Population, query: Query = (), *, size: int | None = 100) -> Page:
    """The first page of a query.

    Raises:
        NoPage: the answer is none.
    """
    return _page(context, one_page(context, population, query, size=size))


def next_page(context: Context, population: Population, page: Page) -> Page:
    """The page that a page's `next` leads to.

    Raises:
        NoPage: the answer is none.
        NoLink: the link can't be followed.
    """
    return _page(context, follow(context, population, page.next), before=page)


def follow(context: Context, population: Population, link: Any, *, intent: Intent = "regular") -> Exchange:
    """Ask for a link's page, always of the target itself and as the account whose list it is.

    Raises:
        NoLink: it is no URI.
    """
    plain = context.request("tombstones", api_key=population.api_key, intent=intent)
    there = on_the_target(link, plain.url)
    if there is None:
        raise NoLink
    return context.send(context.at(plain, there), "follow the link of the page before")


def cursor_in(context: Context, link: Any) -> str | None:
    """The value of the cursor parameter in a link."""
    return cursor_of(link, context.contract.listing.parameters["cursor"])


def ids_of(context: Context, items: Iterable[JsonObject]) -> list[Any]:
    """The ids of items, in order."""
    place = context.contract.listing.id
    return [id_of(item, place) for item in items]


def described(context: Context, query: Query = (), size: int | None = None) -> str:
    """What a query asks of the list, for people."""
    operation = context.contract.roles["tombstones"]
    return describe(f"{operation.method} {operation.path}", context.contract.listing.parameters, query, size)
