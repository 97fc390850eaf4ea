"""Pages of a list and walks over them, as they were answered: plain data."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from conformance.contracts import pointer
from conformance.contracts.pointer import ABSENT, JsonObject
from conformance.contracts.terms import Listing, Parameter
from conformance.http.exchange import Exchange

__all__ = ["Course", "Page", "Query", "Walk", "describe", "id_of", "read_page"]

Query = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Page:
    """One page of a list, as answered."""

    exchange: Exchange
    items: list[JsonObject]
    next: Any
    previous: Any
    total: Any

    def ids(self, place: str) -> list[Any]:
        """The ids of the page's items, in order."""
        return [id_of(item, place) for item in self.items]


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
    def items(self) -> list[JsonObject]:
        """Every item in the order it was shown."""
        return [item for page in self.pages for item in page.items]

    @property
    def shown(self) -> tuple[Exchange, ...]:
        """The exchanges by which the walk can be seen: its first, second and last page."""
        kept = [*self.pages[:2], *self.pages[2:][-1:]]
        return tuple(page.exchange for page in kept)

    def ids(self, place: str) -> list[Any]:
        """The ids of every item in the order it was shown."""
        return [call_id for page in self.pages for call_id in page.ids(place)]

    def showing(self, place: str, ids: Iterable[Any]) -> tuple[Exchange, ...]:
        """The first exchange that shows one of these ids, and its edges where none does."""
        wanted = set(map(str, ids))
        for page in self.pages:
            if wanted & set(map(str, page.ids(place))):
                return (page.exchange,)
        return self.edges


def id_of(item: Any, place: str) -> Any:
    """The id of an item; what can be no id, a list or an object, as text."""
    found = pointer.get(item, place)
    return str(found) if isinstance(found, list | dict) else found


def read_page(listing: Listing, exchange: Exchange) -> Page | None:
    """Read an answer as a page; None where it is none."""
    items = pointer.get(exchange.json, listing.items)
    if exchange.status != 200 or not isinstance(items, list) or not all(isinstance(i, dict) for i in items):
        return None
    links = (
        pointer.get(exchange.json, place) if place else ABSENT
        for place in (listing.next, listing.previous, listing.total)
    )
    return Page(exchange, items, *links)


_BOUNDS: Final[tuple[Parameter, ...]] = ("from", "to", "day-start", "day-end", "shortest", "longest")
"""Parameters whose values are told: others hold ids, or what a call had."""


def describe(operation: str, parameters: Mapping[Parameter, str], query: Query = (), size: int | None = None) -> str:
    """What was asked, for people: the operation, what it was filtered by, and the page size.

    `parameters` are what the contract calls them, by kind; `{key}` in one stands for whatever key was asked for.
    """
    named: list[str] = []
    for kind, template in parameters.items():
        head = template.partition("{")[0]
        values = [value for name, value in query if name == template or (head != template and name.startswith(head))]
        if values:
            named.append(f"{template}={values[0]}" if kind in _BOUNDS and values[0] else template)
    filtered = f" filtered by {' and '.join(named)}" if named else ""
    return f"{operation}{filtered}" + ("" if size is None else f" at {parameters['size']}={size}")
