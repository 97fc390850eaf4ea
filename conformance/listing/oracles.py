"""What must hold of pages and walks: pure functions from what was seen to violations."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from conformance import instants, pointer
from conformance.listing.ids import Ids
from conformance.listing.population import Fact
from conformance.listing.walking import Course, Page
from conformance.pointer import ABSENT
from conformance.results import Violation

__all__ = [
    "complete",
    "consistent",
    "ends",
    "exactly",
    "faithful",
    "link_is_absolute",
    "no_larger",
    "once",
    "total_is",
]

_SHOWN = 5


def _some(ids: Collection[Any]) -> str:
    few = ", ".join(str(i) for i in list(ids)[:_SHOWN])
    return f"{len(ids)}: {few}" + (", ..." if len(ids) > _SHOWN else "")


def complete(shown: Ids, expected: Collection[str], what: str) -> Iterator[Violation]:
    """Every expected item is shown."""
    missing = shown.missing(expected)
    if missing:
        yield Violation(
            "missing", f"{what} leaves items out", f"all {len(expected)} items", f"missing {_some(missing)}"
        )


def once(shown: Ids, what: str) -> Iterator[Violation]:
    """No item is shown twice."""
    twice = shown.twice()
    if twice:
        yield Violation("twice", f"{what} shows items more than once", "each item once", f"{twice} more than once")


def exactly(shown: Sequence[Any], expected: Collection[str], what: str) -> Iterator[Violation]:
    """The items shown are the expected ones, no fewer and no others."""
    yield from complete(Ids(shown), expected, what)
    known = set(expected)
    others = [i for i in shown if i not in known]
    if others:
        yield Violation(
            "others",
            f"{what} shows items that do not belong there",
            f"only the {len(expected)} matching",
            f"also {_some(others)}",
        )


def ends(walk: Course, what: str) -> Iterator[Violation]:
    """Following `next` stops."""
    if not walk.ended:
        yield Violation(
            "endless", f"{what} does not end", "a last page without next", f"given up after {walk.asked} pages"
        )


def no_larger(page: Page, size: int) -> Iterator[Violation]:
    """A page holds no more items than were asked for."""
    if len(page.items) > size:
        yield Violation(
            "too-large", f"a page asked for with size {size}", f"at most {size} items", str(len(page.items))
        )


def link_is_absolute(link: Any, which: str) -> Iterator[Violation]:
    """A link is an absolute http URI."""
    parts = urlsplit(str(link))
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        yield Violation("not-absolute", f"{which} is no absolute URI", "http(s)://host/...", str(link)[:200])


def total_is(page: Page, number: int, expected: int) -> Iterator[Violation]:
    """Where the number-th page tells a total, it is the number of matching items."""
    if page.total not in (ABSENT, None) and page.total != expected:
        which = "the first page" if number == 1 else "a later page"
        yield Violation("wrong-total", f"total on {which}", str(expected), str(page.total), which)


def faithful(
    item: dict[str, Any], stored: dict[str, Any], fields: Iterable[str], defaults: dict[str, Any]
) -> Iterator[Violation]:
    """The fields of a tombstone read as they were set up; null equals absent, an absent one its default."""
    for place in fields:
        if not pointer.has(stored, place):
            continue
        before, after = pointer.get(stored, place), pointer.get(item, place)
        if after is ABSENT:
            after = defaults.get(place)
        if not _same(before, after):
            yield Violation("unfaithful", f"{place} of a tombstone is not what it was", str(before), str(after), place)


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
        return Decimal(value[:-1])
    except ArithmeticError:
        return None


def consistent(items: Sequence[dict[str, Any]], listing: dict[str, Any]) -> Iterator[Violation]:
    """Each item's times are in order, its reason fits them, and all items are of one account."""
    for item in items:
        yield from _in_order(item, listing["times"])
        reason, unjoined = pointer.get(item, listing["reason"]["at"]), listing["reason"]["unjoined"]
        joined = pointer.get(item, listing["times"]["joined"])
        if reason not in (None, ABSENT) and (reason == unjoined) != (joined in (None, ABSENT)):
            yield Violation(
                "reason",
                f"{listing['reason']['at']} does not fit {listing['times']['joined']}",
                f"{unjoined} exactly where nobody joined",
                f"{reason} with joined {joined}",
                str(reason == unjoined),
            )
    accounts = {str(pointer.get(item, listing["account"])) for item in items}
    if len(accounts) > 1:
        yield Violation("accounts", "one credential's list names several accounts", "one account", str(len(accounts)))


def _in_order(item: dict[str, Any], times: dict[str, str]) -> Iterator[Violation]:
    order = [place for name in ("created", "joined", "ended", "deleted") if (place := times.get(name))]
    if _plainly_in_order([pointer.get(item, place) for place in order]):
        return
    stamps = [(place, stamp) for place in order if (stamp := instants.parse(pointer.get(item, place)))]
    for (first, earlier), (second, later) in pairwise(stamps):
        if earlier.seconds >= later.end:
            yield Violation(
                "out-of-order",
                f"{second} lies before {first}",
                f"{first} <= {second}",
                f"{pointer.get(item, second)} < {pointer.get(item, first)}",
                f"{first} {second}",
            )


def _plainly_in_order(texts: Iterable[Any]) -> bool:
    """Whether stamps are in order by their text alone: UTC stamps of one length sort as their instants do."""
    given = [text for text in texts if text not in (None, ABSENT)]
    alike = all(isinstance(text, str) and len(text) == len(given[0]) and text[-1:] == "Z" for text in given)
    return alike and given == sorted(given)


def content_of(fact: Fact) -> dict[str, str]:
    """Texts of a call that its tombstone must not show, by what they are."""
    held = {"text": fact.text, "agent": fact.agent, "voice": fact.voice}
    held |= {f"metadata {key}": value for key, value in fact.metadata.items() if len(value) > _TELLING}
    return {what: content for what, content in held.items() if content}


_TELLING = 3
"""Characters that a text must have to be told from a coincidence."""
