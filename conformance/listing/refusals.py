"""What a list must make of cursors, sizes and values that make no sense: pure functions."""

from collections.abc import Collection, Iterator
from typing import Any

from conformance.contracts.terms import Listing
from conformance.http.exchange import Exchange
from conformance.listing.links import is_link
from conformance.listing.pages import Page, read_page
from conformance.results.findings import Violation

__all__ = ["cursor_refused", "never_fails", "restarts", "sane_size", "value_heeded"]


def never_fails(answer: Exchange, what: str, where: str = "", about: tuple[Exchange, ...] = ()) -> Iterator[Violation]:
    """No request makes the server fail, whatever is asked; `about` is what came before."""
    if answer.status >= 500:
        yield Violation(
            "server-error", f"{what} makes the server fail", "no 5xx", str(answer.status), where, about=(*about, answer)
        )


def restarts(listing: Listing, first: Page, answer: Exchange) -> bool:
    """Whether an answer shows the first page again."""
    page = read_page(listing, answer)
    return page is not None and page.ids(listing.id) == first.ids(listing.id)


def cursor_refused(listing: Listing, first: Page, answer: Exchange, what: str, kind: str) -> Iterator[Violation]:
    """A cursor that no list can make sense of is a 4xx: neither the list from its start, nor any other answer."""
    page, about = read_page(listing, answer), (first.exchange, answer)
    if restarts(listing, first, answer):
        seen = f"{answer.status} with the first page"
        yield Violation("restart", f"{what} silently starts the list again", "a 4xx", seen, kind, about=about)
    elif answer.status < 400:
        seen = f"{answer.status} with {len(page.items) if page else 'no'} items"
        yield Violation("accepted", f"{what} is accepted", "a 4xx", seen, kind, about=about)


def sane_size(
    listing: Listing, answer: Exchange, there: Collection[str] | None, what: str, where: str = "size"
) -> Iterator[Violation]:
    """An odd page size is a 4xx or a page, never a 5xx; `there` are all ids that may be shown, None where unknown."""
    promised = "a 4xx or a sane page"
    if answer.status >= 500:
        message = f"{what} makes the server fail"
        yield Violation("server-error", message, promised, str(answer.status), where, about=(answer,))
    page = read_page(listing, answer)
    if answer.status == 200 and page is None:
        message = f"{what} is answered with no page"
        yield Violation("no-page", message, promised, "200 and no page", where, about=(answer,))
    elif page is not None and there is not None and any(i not in there for i in page.ids(listing.id)):
        message = f"{what} shows items that do not belong to the list"
        yield Violation("others", message, "its own items", "others", where, about=(answer,))


def value_heeded(
    listing: Listing, before: Exchange, answer: Exchange, there: Collection[Any], what: str, *, where: str
) -> Iterator[Violation]:
    """A value that can't be parsed is a 4xx, or at least not the whole list; `there` are the ids of that one."""
    yield from never_fails(answer, what, where, (before,))
    page = read_page(listing, answer)
    if page is not None and set(there) <= set(page.ids(listing.id)) and not is_link(page.next):
        yield Violation(
            "ignored",
            f"{what} is ignored",
            "a 4xx, or not the unfiltered list",
            f"all {len(there)} items",
            where,
            about=(before, answer),
        )
