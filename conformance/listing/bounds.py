"""Bounds of creation, as a query has them: the one place where they are put together."""

from collections.abc import Sequence
from datetime import datetime

from conformance.engine.context import Context
from conformance.engine.stops import NotReached
from conformance.listing.times import moment, stamp

__all__ = ["between", "merged"]

Pairs = Sequence[tuple[str, str]]


def between(
    context: Context,
    low: datetime | None = None,
    high: datetime | None = None,
    *,
    zone: str = "Z",
    other_zone: str = "Z",
) -> tuple[tuple[str, str], ...]:
    """The query for what was created between two instants, either of which may be open; each in its zone.

    Raises:
        NotReached: the end lies before the start: a server may refuse such a range.
    """
    named = context.contract.listing.parameters
    if low is not None and high is not None and low > high:
        raise NotReached("a range whose end lies before its start is nothing to ask for")
    start = ((named["from"], stamp(low, zone)),) if low is not None else ()
    end = ((named["to"], stamp(high, other_zone)),) if high is not None else ()
    return (*start, *end)


def merged(context: Context, base: Pairs, query: Pairs, *, regular: bool) -> list[tuple[str, str]]:
    """A query beside what restricts its population; what it names itself takes the place of that.

    Raises:
        NotReached: it is to be a regular one, and its end lies before its start.
    """
    named = {name for name, _ in query}
    pairs = [*(pair for pair in base if pair[0] not in named), *query]
    if regular:
        parameters, given = context.contract.listing.parameters, dict(pairs)
        low, high = (moment(given.get(parameters.get(which, ""))) for which in ("from", "to"))
        if low is not None and high is not None and low > high:
            raise NotReached("the window that was found has no room for this range")
    return pairs
