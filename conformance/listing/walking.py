"""Walk a list page by page, forward and back."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from conformance import pointer
from conformance.exchange import Exchange, Intent
from conformance.listing.population import Population
from conformance.pointer import ABSENT
from conformance.rule import Vacuous
from conformance.scene import Scene

__all__ = [
    "Course",
    "NoPage",
    "Page",
    "Query",
    "Walk",
    "back",
    "cursor_in",
    "follow",
    "ids_of",
    "link",
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
    """How a walk went: pages asked for, whether it came to an end, or was given up because it ran in a circle."""

    asked: int = 0
    ended: bool = False
    looped: bool = False


@dataclass
class Walk(Course):
    """A walk with all its pages."""

    pages: list[Page] = field(default_factory=list)

    @property
    def items(self) -> list[dict[str, Any]]:
        """Every item in the order it was shown."""
        return [item for page in self.pages for item in page.items]


def page_of(scene: Scene, exchange: Exchange) -> Page | None:
    """Read an answer as a page; None where it is none."""
    listing = scene.contract.listing
    items = pointer.get(exchange.json, listing["items"])
    if exchange.status != 200 or not isinstance(items, list) or not all(isinstance(i, dict) for i in items):
        return None
    links = (
        pointer.get(exchange.json, listing[name]) if name in listing else ABSENT
        for name in ("next", "previous", "total")
    )
    return Page(exchange, items, *links)


def one_page(
    scene: Scene, people: Population, query: Query = (), *, size: int | None = 100, intent: Intent = "regular"
) -> Exchange:
    """Ask for the first page of a query, whose bounds take the place of those that restrict the population."""
    named = {name for name, _ in query}
    pairs = [*(pair for pair in people.base if pair[0] not in named), *query]
    if size is not None:
        pairs.append((scene.contract.listing["parameters"]["size"], str(size)))
    return scene.send(scene.request("tombstones", query=pairs, api_key=people.api_key, intent=intent))


def walk(
    scene: Scene, people: Population, query: Query = (), *, size: int | None = 100, expected: int | None = None
) -> Walk:
    """Follow `next` to the end, or until more pages came than the expected items can fill, and keep all pages.

    Raises:
        NoPage: an answer is no page.
    """
    whole = Walk()
    whole.pages.extend(pages(scene, people, query, whole, size=size, expected=expected))
    return whole


def pages(
    scene: Scene,
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
    """
    page = _page(scene, one_page(scene, people, query, size=size), first=True)
    most = _enough(len(people.facts) if expected is None else expected, page)
    seen: set[int] = set()
    while True:
        course.asked += 1
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
        page = _page(scene, follow(scene, people, page.next))


def _enough(items: int, page: Page) -> int:
    """Pages after which a walk is held to be endless: three times what this page's length asks for, and some."""
    return 3 * items // max(1, len(page.items)) + SLACK


def back(scene: Scene, people: Population, start: Page) -> Walk:
    """Follow `previous` from a page to the beginning; the pages come in the order they were asked for.

    Raises:
        NoPage: an answer is no page.
    """
    page, walked = start, Walk()
    most = _enough(len(people.facts), start)
    seen = set()
    while link(page.previous):
        if page.previous in seen or walked.asked >= most:
            return walked
        seen.add(page.previous)
        page = _page(scene, follow(scene, people, page.previous))
        walked.pages.append(page)
        walked.asked += 1
    walked.ended = True
    return walked


def link(value: Any) -> bool:
    """Whether a link leads anywhere."""
    return value not in (None, ABSENT, "")


class NoPage(Vacuous):
    """The list answered with something that is no page; `first` tells whether it was the first page asked for."""

    def __init__(self, exchange: Exchange, *, first: bool) -> None:
        super().__init__(
            f"the list answered {exchange.status}, or no page, {'at once' if first else 'in the middle of a walk'}"
        )
        self.exchange = exchange
        self.first = first


def _page(scene: Scene, exchange: Exchange, *, first: bool = False) -> Page:
    page = page_of(scene, exchange)
    if page is None:
        raise NoPage(exchange, first=first)
    return page


def follow(scene: Scene, people: Population, link: Any, *, intent: Intent = "regular") -> Exchange:
    """Ask for a link's page, always of the target itself: a credential never goes to another origin."""
    plain = scene.request("tombstones", api_key=people.api_key, intent=intent)
    there = urljoin(plain.url, str(link))
    if not there.startswith(scene.run.target.origin + "/"):
        there = plain.url + "?" + urlsplit(there).query
    return scene.send(scene.at(plain, there), "follow the link of the page before")


def cursor_in(scene: Scene, link: Any) -> str | None:
    """The value of the cursor parameter in a link."""
    name = scene.contract.listing["parameters"]["cursor"]
    return dict(parse_qsl(urlsplit(str(link)).query)).get(name)


def ids_of(scene: Scene, items: Iterable[dict[str, Any]]) -> list[Any]:
    """The ids of items, in order."""
    place = scene.contract.listing["id"]
    return [pointer.get(item, place) for item in items]
