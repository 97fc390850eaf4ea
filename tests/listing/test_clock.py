"""Whatever zone a server reads times of day and dates in, it is accused only of what no zone explains."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from conformance.listing.clock import MARGIN, OFFSETS, UTC_ALONE, Asked, one_offset, whole_day
from conformance.listing.facts import Fact
from conformance.listing.times import DAY, clock_of
from tests.listing.lists import fact

WINTER, SUMMER = datetime(2024, 1, 17, tzinfo=UTC), datetime(2024, 7, 17, tzinfo=UTC)
MINUTES = (*range(11, 360, 63), *range(365, 720, 47), *range(741, 1018, 38), *range(1018, 1430, 61))
BOUNDS = [(567 * 60, 1000 * 60), (None, 739 * 60), (1114 * 60, None), (3 * 60, 1139 * 60)]


FACTS = [
    fact(n, day + timedelta(minutes=m)) for n, (day, m) in enumerate((d, m) for d in (WINTER, SUMMER) for m in MINUTES)
]


def answered(shows: Callable[[Fact, float, float], bool]) -> list[Asked]:
    """What a server shows that decides by the call and the two bounds, open ones being the day's edges."""
    return [
        Asked(low, high, frozenset(f.id for f in FACTS if shows(f, low or 0, DAY - 1 if high is None else high)))
        for low, high in BOUNDS
    ]


def in_a_zone(ahead: Callable[[Fact], float]) -> Callable[[Fact, float, float], bool]:
    return lambda f, low, high: low <= (clock_of(f.created) + ahead(f)) % DAY <= high


def codes(asked: list[Asked], offsets: tuple[int, ...] = OFFSETS, margin: float = MARGIN) -> list[str]:
    return [violation.code for violation in one_offset(FACTS, asked, offsets, "the list", margin)]


@pytest.mark.parametrize("hours", [0, 5.5, 5.75, -9.5, 14, -14, -3])
def test_any_zone_explains_itself(hours: float) -> None:
    asked = answered(in_a_zone(lambda _: hours * 3600))
    assert codes(asked) == []
    assert codes(asked, UTC_ALONE) == ([] if hours == 0 else ["another-zone"])


def test_a_change_of_clocks_between_two_dates_is_lawful() -> None:
    assert codes(answered(in_a_zone(lambda f: 7200.0 if f.created >= SUMMER else 3600.0))) == []


@pytest.mark.parametrize(
    "shows",
    [
        pytest.param(lambda _, __, ___: True, id="filter ignored"),
        pytest.param(lambda _, __, ___: False, id="nothing shown"),
        pytest.param(lambda f, low, _: clock_of(f.created) >= low, id="end ignored"),
        pytest.param(lambda f, _, high: clock_of(f.created) <= high, id="start ignored"),
        pytest.param(
            lambda f, low, high: low // 3600 * 3600 <= clock_of(f.created) <= high // 3600 * 3600, id="minutes cut off"
        ),
        pytest.param(
            lambda f, low, high: low <= (clock_of(f.created) + 97 * 60 * f.number) % DAY <= high, id="another column"
        ),
        pytest.param(
            lambda f, low, high: WINTER + timedelta(seconds=low) <= f.created <= SUMMER + timedelta(seconds=high),
            id="bounds of the first and last date",
        ),
    ],
)
def test_what_no_zone_explains_is_told(shows: Callable[[Fact, float, float], bool]) -> None:
    assert codes(answered(shows)) == ["no-offset"]


@pytest.mark.parametrize("beside", [-45, 45])
def test_nothing_is_promised_close_to_a_bound(beside: int) -> None:
    at = fact(0, WINTER + timedelta(hours=9, seconds=beside))
    for shown in (frozenset[str](), frozenset({"c0"})):
        assert [*one_offset([at], [Asked(9 * 3600, 18 * 3600, shown)], UTC_ALONE, "the list")] == []


def test_a_second_counts_whole_and_its_rest_is_open() -> None:
    start, end = 9 * 3600, 17 * 3600
    clocks = (start, end, start - 1, end + 1, end + 0.7, start + 1, end - 1, 13 * 3600)
    facts = [fact(n, WINTER + timedelta(seconds=s)) for n, s in enumerate(clocks)]
    right = {"c0", "c1", "c5", "c6", "c7"}
    for shown, wrong in ((right, False), (right | {"c4"}, False), (right - {"c0"}, True), (right | {"c3"}, True)):
        assert bool([*one_offset(facts, [Asked(start, end, frozenset(shown))], OFFSETS, "the list", 0)]) is wrong


HOURS = (12, -24, 48, 11.5, 2, 22)
DAYS = [fact(n, WINTER + timedelta(hours=h)) for n, h in enumerate(HOURS)]


@pytest.mark.parametrize("zone", [-12, -3, 0, 5.5, 12, 14])
@pytest.mark.parametrize("bounds", [(True, True), (True, False), (False, True)])
def test_a_date_is_a_day_of_any_zone(zone: float, bounds: tuple[bool, bool]) -> None:
    low = WINTER - timedelta(hours=zone)
    shown = {
        f.id
        for f in DAYS
        if (not bounds[0] or f.created >= low) and (not bounds[1] or f.created < low + timedelta(days=1))
    }
    assert [*whole_day(DAYS, WINTER, bounds, shown, "the list")] == []


@pytest.mark.parametrize(
    ("bounds", "hours"),
    [
        pytest.param((False, True), {-24}, id="the end is midnight"),
        pytest.param((True, False), {48}, id="the start is the day's end"),
        pytest.param((True, True), set(), id="nothing is shown"),
        pytest.param((True, True), set(HOURS), id="everything is shown"),
    ],
)
def test_a_date_that_is_no_whole_day_is_told(bounds: tuple[bool, bool], hours: set[float]) -> None:
    shown = {f.id for f, hour in zip(DAYS, HOURS, strict=True) if hour in hours}
    assert [v.code for v in whole_day(DAYS, WINTER, bounds, shown, "the list")] == ["no-zone"]
