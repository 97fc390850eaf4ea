"""The oracles of which calls a list shows: what they tell, and whom they must not accuse."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.listing import membership
from conformance.listing.ids import Ids
from conformance.listing.membership import Expected
from tests.exchanges import answer, codes, told
from tests.listing.lists import DAY, fact, walk

ONE, OTHER = answer(200, b"one"), answer(200, b"other")
ABOUT = (ONE, OTHER)
IDS = st.lists(st.sampled_from("abcdef"))


@given(IDS, st.sets(st.sampled_from("abcdef")))
def test_exactly_what_is_expected_is_judged_as_sets_are(shown: list[str], expected: set[str]) -> None:
    found = {code for code, _ in codes(membership.exactly(shown, expected, "a list"))}
    assert ("missing" in found) is bool(expected - {*shown})
    assert ("others" in found) is bool({*shown} - expected)


@given(IDS)
def test_twice_is_what_came_more_than_once(shown: list[str]) -> None:
    assert bool([*membership.once(Ids(shown), "a list")]) is (len(set(shown)) < len(shown))


@pytest.mark.parametrize(
    ("shown", "seen"),
    [
        (["a", "b"], (["c"], ", 1 missing")),
        (["a"], (["b", "c"], ", 2 missing")),
        ([], (["a", "b"], " ..., 3 missing")),
    ],
)
def test_what_is_missing_is_told_with_some_of_its_ids(shown: list[str], seen: Any) -> None:
    found = [*membership.complete(Ids(shown), ["a", "b", "c"], "a list", ABOUT)]
    assert told(found) == [("missing", "", seen, ABOUT)]
    assert [v.expected for v in found] == ["all 3 items"]


def test_nothing_is_missing_of_nothing() -> None:
    assert [*membership.complete(Ids(["a"]), [], "a list")] == []
    assert [*membership.complete(Ids([]), [], "a list")] == []


def test_what_came_twice_is_counted() -> None:
    assert told(membership.once(Ids("aabbbc"), "a list", ABOUT)) == [("twice", "", "2 more than once", ABOUT)]


def test_missing_and_others_are_told_each() -> None:
    assert told(membership.exactly(["x", "y", "z", "a"], ["a", "b"], "a list", ABOUT)) == [
        ("missing", "", (["b"], ", 1 missing"), ABOUT),
        ("others", "", (["x", "y"], " ..., 3 others"), ABOUT),
    ]
    assert [v.expected for v in membership.exactly(["x", "a", "b"], ["a", "b"], "a list")] == ["only the 2 matching"]


def test_messages_begin_with_what_was_asked() -> None:
    found = [*membership.exactly("x", "a", "a list"), *membership.holds(walk("xl"), HELD, "/id", "a list")]
    assert len(found) == 5
    assert {v.message[:7] for v in found} == {"a list "}


def test_only_what_is_allowed_may_be_shown() -> None:
    assert [*membership.only(["a", "a"], ["a", "b"], "a list")] == []
    assert [*membership.only([], [], "a list")] == []
    assert told(membership.only(["a", 5], {"a"}, "a list", where="search", about=ABOUT)) == [
        ("others", "search", ([5], ", 1 others"), ABOUT)
    ]
    assert codes(membership.only(["a"], [], "a list")) == [("others", "")]


@pytest.mark.parametrize(
    ("shown", "there", "everything"),
    [
        (["a", "b"], {"a", "b"}, True),
        (["a", "b", "x"], {"a", "b"}, True),
        (["a"], {"a", "b"}, False),
        ([], {"a", "b"}, False),
        (["a"], {"a"}, False),
        (["a"], set(), False),
    ],
)
def test_a_random_search_does_not_find_everything(shown: list[str], there: set[str], *, everything: bool) -> None:
    expected = [("found", "", "all 2", ABOUT)] if everything else []
    assert told(membership.not_everything(shown, there, "a search", ABOUT)) == expected


def sides(left: str, right: str) -> list[Any]:
    """What is told of halves that show the calls with these numbers; call 1 lies at the middle itself."""
    facts = [fact(n, DAY + timedelta(microseconds=n - 1)) for n in range(3)]
    one, other = ([f"c{n}" for n in half] for half in (left, right))
    return told(membership.on_its_side(facts, DAY, one, other, "a range", about=ABOUT))


@pytest.mark.parametrize(("left", "right"), [("0", "12"), ("01", "2"), ("01", "12"), ("", ""), ("9", "9")])
def test_at_the_middle_either_half_may_show_a_call(left: str, right: str) -> None:
    assert sides(left, right) == []


@pytest.mark.parametrize(("left", "right", "count"), [("02", "1", 1), ("", "0", 1), ("2", "", 1), ("012", "012", 2)])
def test_beside_the_middle_each_half_has_its_own(left: str, right: str, count: int) -> None:
    assert sides(left, right) == [("wrong-side", "", f"{count} on the other", ABOUT)]


HELD = Expected(frozenset("ab"), {"live calls": frozenset("l"), "another's": frozenset("mn")}, alone=True)


def test_a_list_that_holds_its_deleted_calls_is_right() -> None:
    assert [*membership.holds(walk(["a"], ["b"]), HELD, "/id", "the list")] == []
    assert [*membership.holds(walk([]), Expected(frozenset(), {}, alone=True), "/id", "the list")] == []


def test_each_way_of_holding_others_is_told_where_it_shows() -> None:
    seen = walk(["a", "b"], ["l"], ["m", "n"], ["x", "y"])
    second, third, fourth = (page.exchange for page in seen.pages[1:])
    assert told(membership.holds(seen, HELD, "/id", "the list", [ONE])) == [
        ("does-not-belong", "live calls", "1 of them", (second,)),
        ("does-not-belong", "another's", "2 of them", (third,)),
        ("unknown", "", "2 of them", (fourth,)),
    ]


def test_what_is_missing_is_told_with_the_act_and_the_edges() -> None:
    seen = walk(["a"], ["a"], [])
    assert told(membership.holds(seen, HELD, "/id", "the list", [ONE])) == [
        ("missing", "", (["b"], ", 1 missing"), (ONE, *seen.edges))
    ]
    assert told(membership.holds(seen, HELD, "/id", "the list"))[0][3] == seen.edges


def test_a_walk_without_an_end_leaves_nothing_out_but_may_show_too_much() -> None:
    seen = walk(["a"], ["l"], ended=False)
    assert codes(membership.holds(seen, HELD, "/id", "the list")) == [("does-not-belong", "live calls")]


def test_in_a_shared_account_others_may_be_there() -> None:
    shared = Expected(HELD.deleted, HELD.wrong, alone=False)
    assert [*membership.holds(walk(["a", "b", "x"]), shared, "/id", "the list")] == []
    assert codes(membership.holds(walk(["a", "b", "l"]), shared, "/id", "the list")) == [
        ("does-not-belong", "live calls")
    ]


@pytest.mark.parametrize(("oracle", "code"), [(membership.foreign, "foreign"), (membership.live, "live")])
def test_calls_of_others_and_live_ones_are_told(oracle: Any, code: str) -> None:
    assert [*oracle(ONE, [])] == []
    assert told(oracle(ONE, ["x"])) == [(code, "", (["x"], ", 1 that do not belong there"), (ONE,))]
    assert told(oracle(ONE, list("xyz"))) == [(code, "", (["x", "y"], " ..., 3 that do not belong there"), (ONE,))]
