"""Whatever zone a server reads times of day and dates in, it is accused only of what no zone explains."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest

from conformance.listing.clock import MARGIN, OFFSETS, UTC_ALONE, Asked, one_offset, whole_day
from conformance.listing.facts import Fact
from conformance.listing.times import DAY, clock_of
from tests.exchanges import answer, told
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


NINE, TEN = 9 * 3600, 10 * 3600


def may(seconds: float, start: int | None, end: int | None, *, offset: int = 0, margin: float = 60) -> str:
    """Whether a call at a time of day may be shown under bounds, may be hidden, or either."""
    at = fact(0, WINTER + timedelta(seconds=seconds))
    shown, hidden = (Asked(start, end, ids).fits(at, offset, margin) for ids in (frozenset({"c0"}), frozenset[str]()))
    return {(True, False): "in", (False, True): "out", (True, True): "either"}[shown, hidden]


@pytest.mark.parametrize(
    ("seconds", "start", "end", "margin", "expected"),
    [
        # The start: outside up to the margin before it, inside from the margin after it on.
        (NINE - 61, NINE, None, 60, "out"),
        (NINE - 60, NINE, None, 60, "either"),
        (NINE + 59, NINE, None, 60, "either"),
        (NINE + 60, NINE, None, 60, "in"),
        # The end: inside up to the margin before it, outside from the margin after it on.
        (TEN - 60, None, TEN, 60, "in"),
        (TEN - 59, None, TEN, 60, "either"),
        (TEN + 59, None, TEN, 60, "either"),
        (TEN + 60, None, TEN, 60, "out"),
        # Without a margin bounds are inclusive, and the rest of the end's second is open.
        (NINE, NINE, TEN, 0, "in"),
        (NINE - 0.001, NINE, TEN, 0, "out"),
        (TEN, NINE, TEN, 0, "in"),
        (TEN + 0.001, NINE, TEN, 0, "either"),
        (TEN + 0.999, NINE, TEN, 0, "either"),
        (TEN + 1, NINE, TEN, 0, "out"),
        # An open end is the day's last second, and its rest is open.
        (DAY - 1, NINE, None, 60, "in"),
        (DAY - 0.5, NINE, None, 60, "either"),
        (0, None, NINE, 60, "in"),
        (NINE, None, None, 60, "in"),
    ],
)
def test_a_bound_is_inclusive_beyond_its_margin(
    seconds: float, start: int | None, end: int | None, margin: float, expected: str
) -> None:
    assert may(seconds, start, end, margin=margin) == expected


@pytest.mark.parametrize(("offset", "expected"), [(0, "out"), (3600, "out"), (7200, "in"), (-22 * 3600, "in")])
def test_a_clock_ahead_of_utc_wraps_at_midnight(offset: int, expected: str) -> None:
    assert may(7.5 * 3600, NINE, TEN, offset=offset) == expected


@pytest.mark.parametrize(
    ("start", "end", "name"),
    [(0, TEN, "00:00:00 to 10:00:00"), (NINE, None, "09:00:00 to ..."), (None, 59, "... to 00:00:59")],
)
def test_bounds_are_named_for_people(start: int | None, end: int | None, name: str) -> None:
    assert Asked(start, end, frozenset()).name == name


def test_offsets_are_those_of_every_zone() -> None:
    assert (min(OFFSETS), max(OFFSETS), len(OFFSETS), UTC_ALONE, MARGIN) == (-50400, 50400, 113, (0,), 60)
    assert {b - a for a, b in pairwise(OFFSETS)} == {900}


def test_what_fits_worst_is_told_with_its_answers() -> None:
    pages = [answer(body=[number]) for number in range(6)]
    noon = fact(0, WINTER + timedelta(hours=12))
    right = Asked(NINE, None, frozenset({"c0"}), tuple(pages[:3]))
    wrong = Asked(None, 15 * 3600, frozenset(), tuple(pages[3:]))
    [found] = one_offset([noon], [right, wrong], UTC_ALONE, "the list")
    seen = "1 of 2 answers unexplained, among them that to ... to 15:00:00"
    assert told([found]) == [("another-zone", "", seen, tuple(pages[2:]))]
    assert found.message == "the list does not bound the time of day in UTC"
    assert found.expected == "UTC"


def test_of_several_zones_the_one_that_explains_most_is_nearest() -> None:
    calls = [fact(0, WINTER + timedelta(hours=12)), fact(1, WINTER + timedelta(hours=20))]
    everything, nothing = Asked(None, None, frozenset(), ()), Asked(11 * 3600, 13 * 3600, frozenset({"c0"}))
    shifted = Asked(14 * 3600, 16 * 3600, frozenset({"c0"}))
    [found] = one_offset(calls, [everything, nothing, shifted], OFFSETS, "the list")
    assert told([found]) == [("no-offset", "", "2 of 3 answers unexplained, among them that to ... to ...", ())]
    assert found.message == "the list shows of one date what no zone explains"


def test_each_date_is_told_once_and_the_first_alone() -> None:
    calls = [fact(n, day + timedelta(hours=12)) for n, day in enumerate((WINTER, SUMMER))]
    assert len([*one_offset(calls, [Asked(None, None, frozenset())], OFFSETS, "the list")]) == 1
    one = [Asked(None, None, frozenset({"c0"}))]
    assert len([*one_offset(calls, one, OFFSETS, "the list")]) == 1
    assert [*one_offset(calls, [Asked(None, None, frozenset({"c0", "c1"}))], OFFSETS, "the list")] == []


def test_a_date_is_the_day_in_utc_on_which_a_call_was_created() -> None:
    east = timezone(timedelta(hours=9))
    late = [fact(n, datetime(2024, 1, 17, hour, tzinfo=east)) for n, hour in ((0, 2), (1, 20))]
    # One clock an hour ahead on the one date, and in UTC on the other.
    asked = [Asked(17 * 3600 + 1800, 19 * 3600, frozenset({"c0"})), Asked(10 * 3600, 12 * 3600, frozenset({"c1"}))]
    assert [*one_offset(late, asked, OFFSETS, "the list")] == []


def day_of(hours: float, bounds: tuple[bool, bool], seconds: float = 0) -> str:
    """Whether a call that lies so far after the date's midnight in UTC may be shown, may be hidden, or either."""
    calls = [*_FIXED, fact(9, WINTER + timedelta(hours=hours, seconds=seconds))]
    right = {f.id for f in _FIXED if (not bounds[0] or f.created >= WINTER) and (not bounds[1] or f.created < _NEXT)}
    shown, hidden = (not [*whole_day(calls, WINTER, bounds, ids, "the list")] for ids in (right | {"c9"}, right))
    return {(True, False): "in", (False, True): "out", (True, True): "either"}[shown, hidden]


_NEXT = WINTER + timedelta(days=1)
# Calls that no zone but UTC explains: five minutes on both sides of both midnights.
_FIXED = [
    fact(n, midnight + timedelta(seconds=beside))
    for n, (midnight, beside) in enumerate((m, b) for m in (WINTER, _NEXT) for b in (-300, 300))
]


@pytest.mark.parametrize(
    ("hours", "seconds", "bounds", "expected"),
    [
        (0, -61, (True, False), "out"),
        (0, -60, (True, False), "either"),
        (0, 59, (True, False), "either"),
        (0, 60, (True, False), "in"),
        (24, -61, (False, True), "in"),
        (24, -60, (False, True), "either"),
        (24, 59, (False, True), "either"),
        (24, 60, (False, True), "out"),
        (48, 0, (True, False), "in"),
        (-48, 0, (False, True), "in"),
        (12, 0, (True, True), "in"),
        (-12, 0, (True, True), "out"),
        (36, 0, (True, True), "out"),
    ],
)
def test_a_day_is_bounded_by_its_midnights(
    hours: float, seconds: float, bounds: tuple[bool, bool], expected: str
) -> None:
    assert day_of(hours, bounds, seconds) == expected


@pytest.mark.parametrize(
    ("bounds", "which"), [((True, True), "from and to"), ((True, False), "from"), ((False, True), "to")]
)
def test_a_day_that_is_none_is_told_by_its_bounds_and_the_nearest_hours(bounds: tuple[bool, bool], which: str) -> None:
    about = (answer(),)
    calls = [fact(n, WINTER + timedelta(hours=h)) for n, h in enumerate((95, -100, 100, -95, 90))]
    # Everything is wrong: what the bounds hold is hidden, what they do not is shown.
    inside = {(True, True): set(), (True, False): {0, 2, 4}, (False, True): {1, 3}}[bounds]
    shown = {f"c{n}" for n in range(5) if n not in inside}
    seen = "calls at -100, -95, 90, 95 hours after its midnight (UTC) are wrong"
    assert told(whole_day(calls, WINTER, bounds, shown, "the list", about=about)) == [("no-zone", which, seen, about)]


def test_of_a_day_the_zone_with_the_fewest_wrong_calls_is_told() -> None:
    shown = {f.id for f in _FIXED} - {"c0"} - {"c3"} | {"c9"}
    calls = [*_FIXED, fact(9, WINTER + timedelta(hours=100))]
    [found] = whole_day(calls, WINTER, (True, True), shown, "the list")
    assert found.observed == "calls at 100 hours after its midnight (UTC) are wrong"


def test_the_machines_own_zone_plays_no_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        calls = [fact(n, WINTER + timedelta(hours=hour)) for n, hour in ((0, 2), (1, 20))]
        # Of one date in UTC, and of two in Tokyo: no one clock shows both.
        early, late = (3 * 3600, 5 * 3600), (19 * 3600 + 1800, 20 * 3600 + 1800)
        asked = [Asked(*early, frozenset({"c0"})), Asked(*late, frozenset({"c1"}))]
        assert [v.code for v in one_offset(calls, asked, OFFSETS, "the list")] == ["no-offset"]
    finally:
        monkeypatch.undo()
        time.tzset()
