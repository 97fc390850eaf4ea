"""A small contract of a list, and facts, pages and walks made by hand."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from conformance.contracts.pointer import ABSENT
from conformance.contracts.terms import Listing, Reason
from conformance.http.exchange import Exchange
from conformance.listing.facts import Fact
from conformance.listing.pages import Page, Walk, read_page
from tests.exchanges import answer

LISTING = Listing(
    items="/items",
    next="/next",
    previous="/previous",
    total="/total",
    id="/id",
    times={"created": "/created", "joined": "/joined", "ended": "/ended", "deleted": "/deleted"},
    parameters={"size": "limit", "from": "since", "to": "until", "agents": "agent", "metadata": "metadata.{key}"},
    reason=Reason(at="/reason", unjoined="unjoined"),
    account="/account",
    seed={"agent": "agentId", "created": "createdAt"},
)

DAY = datetime(2024, 1, 17, tzinfo=UTC)
"""A midnight."""


def fact(number: int, created: datetime = DAY, **more: Any) -> Fact:
    """A call named `c<number>`."""
    stated = {"joined": None, "ended": None, "deleted": created, "agent": None, "voice": None} | more
    return Fact(
        number, created, metadata=stated.pop("metadata", {}), text=stated.pop("text", ""), id=f"c{number}", **stated
    )


def listed(ids: Iterable[Any], **parts: Any) -> Exchange:
    """An answer whose items have these ids; `parts` are what else stands beside them."""
    return answer(body={"items": [{"id": one} for one in ids], **parts})


def page(ids: Iterable[Any], **parts: Any) -> Page:
    """A page whose items have these ids."""
    read = read_page(LISTING, listed(ids, **parts))
    assert read is not None
    return read


def walk(*pages: Iterable[Any], ended: bool = True) -> Walk:
    """A walk over pages with these ids."""
    made = [page(ids) for ids in pages]
    return Walk(len(made), ended, first=made[0].exchange, latest=made[-1].exchange, pages=made)


def items(*stated: dict[str, Any]) -> Page:
    """A page of these items, as they are."""
    return Page(answer(body={"items": stated}), list(stated), ABSENT, ABSENT, ABSENT)
