"""What a tombstone must tell of its call, and what not: pure functions from items to violations."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from conformance.contracts import pointer
from conformance.contracts.pointer import ABSENT, JsonObject
from conformance.contracts.terms import Listing, ListTime
from conformance.http import instants
from conformance.http.exchange import Exchange
from conformance.listing.facts import Fact
from conformance.listing.pages import Page
from conformance.results.findings import Shown, Violation

__all__ = ["CONTENT", "consistent", "content_of", "faithful", "no_content", "one_account"]

About = tuple[Exchange, ...]


def faithful(
    item: JsonObject,
    stored: JsonObject,
    fields: Iterable[str],
    defaults: Mapping[str, Any],
    what: str,
    *,
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
                f"{what} shows {place} of a deleted call otherwise than it was",
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


def consistent(items: Iterable[JsonObject], listing: Listing, what: str, about: About = ()) -> Iterator[Violation]:
    """Each item's times are in order, and its reason fits them."""
    for item in items:
        yield from _in_order(item, listing.times, what, about)
        if listing.reason is None:
            continue
        reason, unjoined = pointer.get(item, listing.reason.at), listing.reason.unjoined
        joined = pointer.get(item, listing.times["joined"])
        if reason not in (None, ABSENT) and (reason == unjoined) != (joined in (None, ABSENT)):
            yield Violation(
                "reason",
                f"{what} shows a {listing.reason.at} that does not fit {listing.times['joined']}",
                f"{unjoined} exactly where nobody joined",
                Shown([reason, None if joined is ABSENT else joined]),
                str(reason == unjoined),
                about=about,
            )


_IN_ORDER: Final[tuple[ListTime, ...]] = ("created", "joined", "ended", "deleted")


def _in_order(item: JsonObject, times: Mapping[ListTime, str], what: str, about: About) -> Iterator[Violation]:
    order = [times[name] for name in _IN_ORDER if name in times]
    if _plainly_in_order([pointer.get(item, place) for place in order]):
        return
    stamps = [(place, stamp) for place in order if (stamp := instants.parse(pointer.get(item, place)))]
    for (first, earlier), (second, later) in pairwise(stamps):
        # A stamp may be rounded up as well as cut: what is closer than the coarser of the two tells no order.
        if earlier.seconds - later.seconds >= max(earlier.resolution, later.resolution):
            yield Violation(
                "out-of-order",
                f"{what} shows a {second} before its {first}",
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


def one_account(pages: Sequence[Page], place: str, what: str) -> Iterator[Violation]:
    """All items that one credential sees name the same account, on one page and on all of them."""
    first_to_name: dict[str, Exchange] = {}
    for page in pages:
        for item in page.items:
            first_to_name.setdefault(str(pointer.get(item, place)), page.exchange)
    if len(first_to_name) > 1:
        first, other, *_ = first_to_name.values()
        yield Violation(
            "accounts",
            f"{what} names several accounts in {place}",
            "one account",
            str(len(first_to_name)),
            about=(other,) if first is other else (first, other),
        )


CONTENT: Final = ("text",)
"""What of a call is content, unless a contract says otherwise: filters go on to know whose it was, and its metadata."""

_TELLING: Final = 3
"""Characters that a text must have more than to be told from a coincidence."""


def content_of(fact: Fact, kinds: Collection[str] = CONTENT) -> dict[str, str]:
    """Texts of a call that its tombstone must not show, by what they are."""
    held = {"text": fact.text, "agent": fact.agent, "voice": fact.voice}
    found = {what: content for what, content in held.items() if content and what in kinds}
    if "metadata" in kinds:
        found |= {f"metadata {key}": value for key, value in fact.metadata.items() if len(value) > _TELLING}
    return found


def no_content(pages: Iterable[Page], facts: Sequence[Fact], kinds: Collection[str], what: str) -> Iterator[Violation]:
    """No content of a deleted call shows in the items and headers of a page; the first that does is told.

    A link may echo what was asked for: of the body, only the items are looked through.
    """
    for page in pages:
        text = json.dumps(page.items, ensure_ascii=False) + str(page.exchange.headers)
        for fact in facts:
            for kind, content in content_of(fact, kinds).items():
                if content in text:
                    yield Violation(
                        "content",
                        f"{what} still shows the {kind} of a deleted call",
                        "no content",
                        f"its {kind}",
                        kind,
                        about=(page.exchange,),
                    )
                    return
