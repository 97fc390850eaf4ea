"""Walk a list page by page, forward and back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from conformance import pointer
from conformance.exchange import Exchange, Intent
from conformance.listing.population import Population
from conformance.pointer import ABSENT
from conformance.rule import Vacuous
from conformance.scene import Scene

__all__ = [
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


@dataclass(frozen=True)
class Walk:
    """The pages of a walk; `ended` is false where it was given up, `looped` tells that it ran in a circle."""

    pages: list[Page]
    ended: bool
    looped: bool = False

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
    """Follow `next` to the end, or until more pages came than the expected items can fill.

    Raises:
        NoPage: an answer is no page.
    """
    pages = [_page(scene, one_page(scene, people, query, size=size), first=True)]
    most = _enough(len(people.facts) if expected is None else expected, pages[0])
    seen = set()
    while link(pages[-1].next):
        if pages[-1].next in seen or len(pages) > most:
            return Walk(pages, ended=False, looped=pages[-1].next in seen)
        seen.add(pages[-1].next)
        pages.append(_page(scene, follow(scene, people, pages[-1].next)))
    return Walk(pages, ended=True)


def _enough(items: int, page: Page) -> int:
    """Pages after which a walk is held to be endless: three times what this page's length asks for, and some."""
    return 3 * items // max(1, len(page.items)) + SLACK


def back(scene: Scene, people: Population, start: Page) -> Walk:
    """Follow `previous` from a page to the beginning; the pages come in the order they were asked for.

    Raises:
        NoPage: an answer is no page.
    """
    pages = [start]
    most = _enough(len(people.facts), start)
    seen = set()
    while link(pages[-1].previous):
        if pages[-1].previous in seen or len(pages) > most:
            return Walk(pages[1:], ended=False)
        seen.add(pages[-1].previous)
        pages.append(_page(scene, follow(scene, people, pages[-1].previous)))
    return Walk(pages[1:], ended=True)


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
