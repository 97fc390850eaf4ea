"""What must hold of pages and of walks over them: pure functions from what was answered to violations."""

from collections.abc import Iterator, Sequence
from typing import Any

from conformance.contracts.pointer import ABSENT
from conformance.contracts.terms import Listing
from conformance.http.exchange import Exchange
from conformance.listing.links import is_link
from conformance.listing.pages import Course, Page, read_page
from conformance.results.findings import Shown, Violation

__all__ = [
    "broken_off",
    "dead_link",
    "empty",
    "ends",
    "has_previous",
    "no_larger",
    "refused",
    "same_items",
    "same_order",
    "same_page",
    "total_is",
    "walks_back",
]

About = tuple[Exchange, ...]


def ends(walk: Course, what: str) -> Iterator[Violation]:
    """Following links stops."""
    if not walk.ended:
        yield Violation(
            "endless",
            f"{what} does not end",
            "a last page without a further link",
            f"given up after {walk.asked} pages",
            about=walk.edges,
        )


def no_larger(page: Page, size: int, what: str) -> Iterator[Violation]:
    """A page holds no more items than were asked for."""
    if len(page.items) > size:
        yield Violation(
            "too-large",
            f"{what} has a page of more items than were asked for",
            f"at most {size} items",
            str(len(page.items)),
            about=(page.exchange,),
        )


def total_is(page: Page, number: int, expected: int, what: str) -> Iterator[Violation]:
    """Where the number-th page tells a total, it is the number of matching items."""
    if page.total not in (ABSENT, None) and page.total != expected:
        which = "the first page" if number == 1 else "a later page"
        yield Violation(
            "wrong-total",
            f"the total on {which} of {what} is not the number of matching items",
            str(expected),
            Shown(page.total),
            which,
            about=(page.exchange,),
        )


def refused(answer: Exchange, what: str) -> Iterator[Violation]:
    """A lawful query is answered with a page; this answer to one is none."""
    status = str(answer.status)
    yield Violation("refused", f"{what} is refused", "200 and a page", status, status, about=(answer,))


def broken_off(answer: Exchange, what: str, about: About) -> Iterator[Violation]:
    """A walk goes on to its end; this answer to a link of it is no page."""
    yield Violation("broken-off", f"{what} breaks off", "the next page", str(answer.status), about=about)


def dead_link(answer: Exchange, which: str, where: str, about: About) -> Iterator[Violation]:
    """A link can be followed; this answer to one is no page."""
    yield Violation("dead-link", f"{which} leads to no page", "200 and a page", str(answer.status), where, about=about)


def empty(listing: Listing, answer: Exchange, what: str) -> Iterator[Violation]:
    """Where nothing matches, the answer is a page with no items and no further page."""
    about = (answer,)
    page = read_page(listing, answer)
    if page is None:
        status = str(answer.status)
        message = f"{what}, which nothing matches, is answered with no page"
        yield Violation("no-page", message, "200 and an empty list", f"{status}, or no list", status, about=about)
        return
    if page.items:
        message = f"{what}, which nothing matches, shows items"
        yield Violation("not-empty", message, "no items", f"{len(page.items)} items", about=about)
    if is_link(page.next):
        message = f"{what}, which nothing matches, has a further page"
        yield Violation("further-page", message, f"no {listing.next}", Shown(page.next), about=about)


def same_page(listing: Listing, expected: Page, answer: Exchange, what: str) -> Iterator[Violation]:
    """An answer is a page with the items of another one, in their order."""
    page = read_page(listing, answer)
    if page is None or page.ids(listing.id) != expected.ids(listing.id):
        seen = str(answer.status) if page is None else "other items"
        yield Violation("another-page", what, "the same items", seen, about=(expected.exchange, answer))


def same_items(one: Sequence[Any], other: Sequence[Any]) -> bool:
    """Whether two lists show the same ids equally often, in whatever order."""
    return sorted(map(str, one)) == sorted(map(str, other))


def same_order(first: Sequence[Any], again: Sequence[Any], what: str, about: About) -> Iterator[Violation]:
    """Two walks that show the same items show them in the same order."""
    if same_items(first, again) and list(again) != list(first):
        yield Violation(
            "another-order", f"{what} shows another order than the first walk", "one order", "another", about=about
        )


def has_previous(page: Page, which: str) -> Iterator[Violation]:
    """A page after the first links to the one before."""
    if not is_link(page.previous):
        yield Violation(
            "absent",
            f"{which} is missing on a page after the first",
            "a link to the page before",
            "null or absent",
            about=(page.exchange,),
        )


def walks_back(passed: Sequence[Any], shown: Sequence[Any], what: str, about: About) -> Iterator[Violation]:
    """Walking back shows the ids that were passed on the way there, in list order."""
    if list(shown) != list(passed):
        alike = same_items(shown, passed)
        yield Violation(
            "another-way",
            f"{what} does not show what was passed on the way there",
            f"the {len(passed)} items before, in list order",
            "in another order" if alike else f"{len(shown)} items",
            "order" if alike else "items",
            about=about,
        )
