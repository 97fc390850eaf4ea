"""What a filter by time of day, or by a bare date, must have answered, in whatever zone the server reads it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from conformance.http.exchange import Exchange
from conformance.listing.facts import Fact
from conformance.listing.times import DAY, clock_of, clock_text
from conformance.results.findings import Violation

__all__ = ["MARGIN", "OFFSETS", "UTC_ALONE", "Asked", "one_offset", "whole_day"]

OFFSETS: Final = tuple(range(-14 * 3600, 14 * 3600 + 1, 15 * 60))
"""Seconds that a zone may be ahead of UTC: no zone is further than 14 hours, and all are at a quarter of an hour."""
UTC_ALONE: Final = (0,)
MARGIN: Final = 60
"""Seconds beside a bound within which nothing is held against a server that reads or keeps times coarsely."""


@dataclass(frozen=True)
class Asked:
    """Bounds of a time of day in seconds since midnight (None: open), and the ids that were shown under them."""

    start: int | None
    end: int | None
    shown: frozenset[str]
    exchanges: tuple[Exchange, ...] = ()

    @property
    def name(self) -> str:
        """The bounds, for people."""
        start, end = (None if bound is None else clock_text(bound) for bound in (self.start, self.end))
        return f"{start or '...'} to {end or '...'}"

    def fits(self, fact: Fact, offset: int, margin: float) -> bool:
        """Whether the answer about one call is right, if the server's clock is so far ahead of UTC.

        Nothing is promised within the margin of a bound, nor in the rest of the second that an end names; an open end
        is the day's last second.
        """
        clock = (clock_of(fact.created) + offset) % DAY
        after_start = self.start is None or clock >= self.start + margin
        before_start = self.start is not None and clock < self.start - margin
        before_end = clock <= DAY - 1 if self.end is None else clock <= self.end - margin
        after_end = self.end is not None and clock >= self.end + max(margin, 1.0)
        return not (before_start or after_end) if fact.id in self.shown else not (after_start and before_end)


def one_offset(
    facts: Sequence[Fact], asked: Sequence[Asked], offsets: Collection[int], what: str, margin: float = MARGIN
) -> Iterator[Violation]:
    """For the calls of each date one offset from UTC explains every answer: of each date its own, for clocks change."""
    dates: dict[date, list[Fact]] = {}
    for fact in facts:
        dates.setdefault(fact.created.astimezone(UTC).date(), []).append(fact)
    for calls in dates.values():
        wrong = {o: [a for a in asked if not all(a.fits(fact, o, margin) for fact in calls)] for o in offsets}
        if not all(wrong.values()):
            continue
        nearest = min(wrong, key=lambda o: (len(wrong[o]), abs(o)))
        worst = wrong[nearest][0]
        many = len(offsets) > 1
        yield Violation(
            "no-offset" if many else "another-zone",
            f"{what} shows of one date what no zone explains"
            if many
            else f"{what} does not bound the time of day in UTC",
            "one offset from UTC, between -14 and +14 hours, that explains every answer" if many else "UTC",
            f"{len(wrong[nearest])} of {len(asked)} answers unexplained, among them that to {worst.name}",
            about=tuple(exchange for one in (*asked[:1], worst) for exchange in one.exchanges)[-4:],
        )
        return


def whole_day(
    facts: Sequence[Fact],
    day: datetime,
    bounds: tuple[bool, bool],
    shown: Collection[str],
    what: str,
    *,
    about: tuple[Exchange, ...] = (),
) -> Iterator[Violation]:
    """A bare date means that day from its start to its end, in one zone; `bounds` says which of the two were asked for.

    `day` is its midnight in UTC. Nothing is promised within the margin of the day's edges.
    """
    margin = timedelta(seconds=MARGIN)
    begins, ends = bounds

    def fits(fact: Fact, offset: int) -> bool:
        low = day - timedelta(seconds=offset)
        high = low + timedelta(days=1)
        inside = (not begins or fact.created >= low + margin) and (not ends or fact.created < high - margin)
        outside = (begins and fact.created < low - margin) or (ends and fact.created >= high + margin)
        return not (outside if fact.id in shown else inside)

    wrong = [[fact for fact in facts if not fits(fact, offset)] for offset in OFFSETS]
    if all(wrong):
        nearest = min(wrong, key=len)
        hours = sorted((fact.created - day) / timedelta(hours=1) for fact in nearest)
        which = " and ".join(name for name, asked in (("from", begins), ("to", ends)) if asked)
        yield Violation(
            "no-zone",
            f"{what} does not show that whole day of any zone",
            "what lies in the day, in one zone",
            f"calls at {', '.join(f'{hour:g}' for hour in hours[:4])} hours after its midnight (UTC) are wrong",
            which,
            about=about,
        )
