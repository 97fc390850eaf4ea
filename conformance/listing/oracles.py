"""What must hold of pages and walks: pure functions from what was seen to violations."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from conformance.contracts import pointer
from conformance.contracts.pointer import ABSENT
from conformance.contracts.terms import Listing, ListTime
from conformance.http import instants
from conformance.http.exchange import Exchange
from conformance.listing.ids import Ids
from conformance.listing.links import dangerous, origin_of, parts_of
from conformance.listing.population import Fact
from conformance.listing.walking import Course, Page
from conformance.results.findings import Shown, Violation

__all__ = [
    "CONTENT",
    "complete",
    "consistent",
    "content_of",
    "ends",
    "exactly",
    "faithful",
    "link_is_absolute",
    "no_larger",
    "once",
    "total_is",
]

_FEW: Final = 2
"""Ids that a finding names."""

About = tuple[Exchange, ...]


def few(ids: Collection[Any], what: str) -> Shown:
    """Some of these ids, and how many there are."""
    return Shown(list(ids)[:_FEW], f"{' ...' if len(ids) > _FEW else ''}, {len(ids)} {what}")


def complete(shown: Ids, expected: Collection[str], what: str, about: About = ()) -> Iterator[Violation]:
    """Every expected item is shown."""
    missing = shown.missing(expected)
    if missing:
        yield Violation(
            "missing", f"{what} leaves items out", f"all {len(expected)} items", few(missing, "missing"), about=about
        )


def once(shown: Ids, what: str, about: About = ()) -> Iterator[Violation]:
    """No item is shown twice."""
    twice = shown.twice()
    if twice:
        yield Violation(
            "twice", f"{what} shows items more than once", "each item once", f"{twice} more than once", about=about
        )


def exactly(shown: Sequence[Any], expected: Collection[str], what: str, about: About = ()) -> Iterator[Violation]:
    """The items shown are the expected ones, no fewer and no others."""
    yield from complete(Ids(shown), expected, what, about)
    known = set(expected)
    others = [i for i in shown if i not in known]
    if others:
        yield Violation(
            "others",
            f"{what} shows items that do not belong there",
            f"only the {len(expected)} matching",
            few(others, "others"),
            about=about,
        )


def ends(walk: Course, what: str) -> Iterator[Violation]:
    """Following `next` stops."""
    if not walk.ended:
        yield Violation(
            "endless",
            f"{what} does not end",
            "a last page without next",
            f"given up after {walk.asked} pages",
            about=walk.edges,
        )


def no_larger(page: Page, size: int) -> Iterator[Violation]:
    """A page holds no more items than were asked for."""
    if len(page.items) > size:
        yield Violation(
            "too-large",
            f"a page asked for with size {size}",
            f"at most {size} items",
            str(len(page.items)),
            about=(page.exchange,),
        )


def link_is_absolute(link: Any, which: str, about: About = ()) -> Iterator[Violation]:
    """A link is an absolute http URI, and its path can't be read as another."""
    if parts_of(link) is None:
        yield Violation("no-uri", f"{which} is no URI", "http(s)://host/...", Shown(link), about=about)
    elif origin_of(link) is None:
        yield Violation("not-absolute", f"{which} is no absolute URI", "http(s)://host/...", Shown(link), about=about)
    elif dangerous(link):
        yield Violation(
            "dangerous-path",
            f"{which} has a path that clients and proxies turn into another",
            "a path without dots or slashes in a segment",
            Shown(link),
            about=about,
        )


def total_is(page: Page, number: int, expected: int) -> Iterator[Violation]:
    """Where the number-th page tells a total, it is the number of matching items."""
    if page.total not in (ABSENT, None) and page.total != expected:
        which = "the first page" if number == 1 else "a later page"
        yield Violation(
            "wrong-total", f"total on {which}", str(expected), Shown(page.total), which, about=(page.exchange,)
        )


def faithful(
    item: dict[str, Any],
    stored: dict[str, Any],
    fields: Iterable[str],
    defaults: dict[str, Any],
    about: About = (),
) -> Iterator[Violation]:
    """The fields of a tombstone read as they were set up; null equals absent, an absent one its default."""
    for place in fields:
        if not pointer.has(stored, place):
            continue
        before, after = (
            defaults.get(place) if value is None or value is ABSENT else value
            for value in (pointer.get(stored, place), pointer.get(item, place))
        )
        if not _same(before, after):
            yield Violation(
                "unfaithful",
                f"{place} of a tombstone is not what it was",
                Shown(before),
                Shown(after),
                place,
                about=about,
            )


def _same(one: Any, other: Any) -> bool:
    if instants.same(one, other):
        return True
    left, right = _seconds(one), _seconds(other)
    return left is not None and left == right


def _seconds(value: Any) -> Decimal | None:
    """A duration such as 300s in seconds."""
    if not isinstance(value, str) or not value.endswith("s"):
        return None
    try:
        number = Decimal(value[:-1])
    except ArithmeticError:
        return None
    return number if number.is_finite() else None


def consistent(items: Sequence[dict[str, Any]], listing: Listing, about: About = ()) -> Iterator[Violation]:
    """Each item's times are in order, its reason fits them, and all items are of one account."""
    for item in items:
        yield from _in_order(item, listing.times, about)
        if listing.reason is None:
            continue
        reason, unjoined = pointer.get(item, listing.reason.at), listing.reason.unjoined
        joined = pointer.get(item, listing.times["joined"])
        if reason not in (None, ABSENT) and (reason == unjoined) != (joined in (None, ABSENT)):
            yield Violation(
                "reason",
                f"{listing.reason.at} does not fit {listing.times['joined']}",
                f"{unjoined} exactly where nobody joined",
                Shown([reason, None if joined is ABSENT else joined]),
                str(reason == unjoined),
                about=about,
            )
    accounts = {str(pointer.get(item, listing.account)) for item in items}
    if len(accounts) > 1:
        yield Violation(
            "accounts", "one credential's list names several accounts", "one account", str(len(accounts)), about=about
        )


_IN_ORDER: Final[tuple[ListTime, ...]] = ("created", "joined", "ended", "deleted")


def _in_order(item: dict[str, Any], times: Mapping[ListTime, str], about: About) -> Iterator[Violation]:
    order = [times[name] for name in _IN_ORDER if name in times]
    if _plainly_in_order([pointer.get(item, place) for place in order]):
        return
    stamps = [(place, stamp) for place in order if (stamp := instants.parse(pointer.get(item, place)))]
    for (first, earlier), (second, later) in pairwise(stamps):
        # A stamp may be rounded up as well as cut: what is closer than the coarser of the two tells no order.
        if earlier.seconds - later.seconds >= max(earlier.resolution, later.resolution):
            yield Violation(
                "out-of-order",
                f"{second} lies before {first}",
                f"{first} <= {second}",
                Shown([pointer.get(item, second), pointer.get(item, first)]),
                f"{first} {second}",
                about=about,
            )


def _plainly_in_order(texts: Iterable[Any]) -> bool:
    """Whether stamps are in order by their text alone: UTC stamps of one length sort as their instants do."""
    given = [text for text in texts if text not in (None, ABSENT)]
    alike = all(isinstance(text, str) and len(text) == len(given[0]) and text[-1:] == "Z" for text in given)
    return alike and given == sorted(given)


CONTENT: Final = ("text",)
"""What of a call is content, unless a contract says otherwise: filters go on to know whose it was, and its metadata."""

_TELLING: Final = 3
"""Characters that a text must have to be told from a coincidence."""


def content_of(fact: Fact, kinds: Collection[str] = CONTENT) -> dict[str, str]:
    """Texts of a call that its tombstone must not show, by what they are."""
    held = {"text": fact.text, "agent": fact.agent, "voice": fact.voice}
    found = {what: content for what, content in held.items() if content and what in kinds}
    if "metadata" in kinds:
        found |= {f"metadata {key}": value for key, value in fact.metadata.items() if len(value) > _TELLING}
    return found
