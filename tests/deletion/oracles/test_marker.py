"""The marker is the instant of the deletion, wherever and however often it is looked at."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.deletion.call import Call, View
from conformance.deletion.oracles.marker import is_marked, marked, marked_when_known, same_marker
from tests.deletion.built import BEGAN, ID, a_call, a_view, answer, at, codes, deletion, in_full

MARKER = "/redacted_at"
SKEW = 5.0


def view(stamp: Any, where: str = "get", *, began: float = 3.0) -> View:
    return a_view({"redacted_at": stamp}, where, began=BEGAN + began)


def deleted(*, lost: float | None = None, date: float | None = None) -> Call:
    """A call that was deleted between 0 and 2 seconds after `BEGAN`, and took no longer to be answered."""
    done = deletion(seconds=2.0, date=BEGAN + date if date is not None else None)
    return a_call({"id": ID}, done, lost=BEGAN + lost if lost is not None else None)


def found(call: Call, *views: View) -> list[tuple[str, str]]:
    return codes(marked(call, iter(views), MARKER, SKEW))


OUTSIDE = [("outside-window", "")]

# 0 and 2 seconds are the ends of the request, 5 the skew.
WINDOW = [
    *[(at(-5), []), (at(-6), OUTSIDE), (at(-5.5, 1), OUTSIDE), (at(-5.1, 1), OUTSIDE), (at(-5, 1), [])],
    *[
        (at(-5.001, 3), OUTSIDE),
        (at(-5, 3), []),
        (at(7), []),
        (at(7, 3), []),
        (at(7.001, 3), OUTSIDE),
        (at(8), OUTSIDE),
    ],
    *[(at(0), []), (at(1.5, 3), [])],
]


@pytest.mark.parametrize(("stamp", "expected"), WINDOW, ids=str)
def test_the_marker_lies_in_the_window_of_the_request_at_its_own_resolution(
    stamp: str, expected: list[tuple[str, str]]
) -> None:
    assert found(deleted(), view(stamp, "delete")) == expected
    assert found(deleted(), view(stamp, "get")) == expected


@given(st.integers(-20_000, 20_000), st.integers(0, 3))
def test_a_stamp_is_outside_when_all_that_it_covers_is(milliseconds: int, digits: int) -> None:
    stamp = at(milliseconds / 1000, digits)
    step = 10 ** (3 - digits)
    begins = milliseconds // step * step
    expected = begins + step <= -5000 or begins > 7000
    assert found(deleted(), view(stamp)) == (OUTSIDE if expected else [])


def test_a_marker_outside_the_window_is_told_with_the_window() -> None:
    call, late = deleted(), view(at(60))
    assert in_full(marked(call, [late], MARKER, SKEW)) == [
        (
            "outside-window",
            "GET /calls/{id} returns a /redacted_at that is not the time of the deletion",
            "between 1699999995.000 and 1700000007.000 (seconds since 1970)",
            (at(60), " = 1700000060.000"),
            "",
            (call.shown, call.deleted, late.exchange),
        )
    ]


AHEAD = [(at(-5), []), (at(-6), OUTSIDE), (at(67), []), (at(68), OUTSIDE)]
BEHIND = [(at(-65), []), (at(-66), OUTSIDE), (at(7), []), (at(8), OUTSIDE)]
IN_STEP = [(at(-6), OUTSIDE), (at(7), []), (at(8), OUTSIDE)]


@pytest.mark.parametrize(("stamp", "expected"), AHEAD, ids=str)
def test_a_clock_that_its_date_shows_to_run_ahead_may_mark_so_much_later(stamp: str, expected: Any) -> None:
    assert found(deleted(date=62), view(stamp)) == expected


@pytest.mark.parametrize(("stamp", "expected"), BEHIND, ids=str)
def test_a_clock_that_its_date_shows_to_run_behind_may_mark_so_much_earlier(stamp: str, expected: Any) -> None:
    assert found(deleted(date=-58), view(stamp)) == expected


@pytest.mark.parametrize(("stamp", "expected"), IN_STEP, ids=str)
def test_a_date_of_the_same_seconds_changes_nothing(stamp: str, expected: Any) -> None:
    assert found(deleted(date=3), view(stamp)) == expected


def test_the_window_begins_with_the_first_delete_though_it_failed() -> None:
    call = a_call({}, deletion(status=500, began=BEGAN - 10), deletion())
    assert found(call, view(at(-15))) == []
    assert found(call, view(at(-16))) == OUTSIDE


def test_the_window_ends_with_the_last_delete_that_had_begun_before_the_look() -> None:
    call = a_call({}, deletion(), deletion(began=BEGAN + 100))
    assert found(call, view(at(106), began=150)) == []
    assert found(call, view(at(107), began=150)) == OUTSIDE
    # A look that ended just as the second DELETE began may show that one's marker, an earlier look not.
    assert found(call, view(at(106), began=99)) == []
    assert found(call, view(at(6), began=98.5)) == []
    assert found(call, view(at(7), began=98.5)) == OUTSIDE


def test_a_look_that_seems_to_have_ended_before_the_delete_is_held_against_it() -> None:
    call = a_call({}, deletion(seconds=2.0))
    assert found(call, view(at(7), began=-10)) == []
    assert found(call, view(at(8), began=-10)) == OUTSIDE


def test_without_a_deletion_there_is_no_window() -> None:
    assert found(a_call({}, deletion(status=500)), view(at(9999))) == []


NO_INSTANT = {
    "null": (None, "unmarked"),
    "empty": ("", "no-instant"),
    "true": (True, "no-instant"),
    "a number": (1_700_000_000, "no-instant"),
    "without offset": ("2023-11-14T22:13:20", "no-instant"),
    "a date": ("2023-11-14", "no-instant"),
}


@pytest.mark.parametrize(("stamp", "code"), NO_INSTANT.values(), ids=NO_INSTANT)
def test_every_view_without_an_instant_is_told(stamp: Any, code: str) -> None:
    views = [view(stamp, where) for where in ("delete", "get", "list")]
    assert found(deleted(), *views) == [(code, "delete"), (code, "get"), (code, "list")]


def test_an_absent_marker_is_none() -> None:
    assert found(deleted(), a_view({}, "list")) == [("unmarked", "list")]


def test_a_view_without_a_marker_is_told_with_what_stands_there() -> None:
    call, null, wrong = deleted(), view(None), view("now", "list")
    assert in_full(marked(call, [null, wrong], MARKER, SKEW)) == [
        (
            "unmarked",
            "GET /calls/{id} returns no /redacted_at for a deleted call",
            "an RFC 3339 date-time with offset",
            (None, ""),
            "get",
            (call.shown, call.deleted, null.exchange),
        ),
        (
            "no-instant",
            "GET /calls returns a /redacted_at that is no instant for a deleted call",
            "an RFC 3339 date-time with offset",
            ("now", ""),
            "list",
            (call.shown, call.deleted, wrong.exchange),
        ),
    ]


def test_after_a_view_without_an_instant_the_next_is_held_against_the_window() -> None:
    assert found(deleted(), view(None, "delete"), view(at(60))) == [("unmarked", "delete"), *OUTSIDE]
    assert found(deleted(), view(None, "delete"), view(at(1)), view(at(2))) == [
        ("unmarked", "delete"),
        ("another-marker", "get"),
    ]


def test_a_view_without_an_instant_in_the_middle_changes_nothing_for_the_next() -> None:
    assert found(deleted(), view(at(1), "delete"), view(None), view(at(1)), view(at(3), "list")) == [
        ("unmarked", "get"),
        ("another-marker", "list"),
    ]


def test_reads_agree_with_the_delete_before_them_at_the_coarser_resolution() -> None:
    call = deleted()
    assert found(call, view(at(1.25, 3), "delete"), view(at(1)), view(at(1.3, 1), "list")) == []
    assert found(call, view(at(1.25, 3), "delete"), view(at(1.251, 3), "list")) == [("another-marker", "list")]


def test_a_later_delete_moves_what_reads_are_held_against() -> None:
    first, later = view(at(1), "delete"), view(at(4), "delete")
    assert found(deleted(), first, view(at(1)), later, view(at(4))) == []
    assert found(deleted(), first, later, view(at(1))) == [("another-marker", "get")]


def test_without_a_view_of_the_delete_the_first_read_is_what_the_others_are_held_against() -> None:
    assert found(deleted(), view(at(1)), view(at(3), "list"), view(at(3))) == [
        ("another-marker", "list"),
        ("another-marker", "get"),
    ]


def test_only_the_first_instant_is_held_against_the_window() -> None:
    assert found(deleted(), view(at(1), "delete"), view(at(60), "delete")) == []
    assert found(deleted(), view(at(60), "delete"), view(at(60))) == OUTSIDE


def test_a_read_that_disagrees_is_told_with_both_instants() -> None:
    call, other = deleted(), view(at(3))
    assert in_full(marked(call, [view(at(1), "delete"), other], MARKER, SKEW)) == [
        (
            "another-marker",
            "GET /calls/{id} returns another /redacted_at than the DELETE before it",
            (at(1), ""),
            (at(3), ""),
            "get",
            (call.shown, call.deleted, other.exchange),
        )
    ]


def test_after_a_lost_reply_each_view_is_held_against_the_time_of_its_look() -> None:
    call = deleted(lost=-3)
    assert found(call, view(at(-8)), view(at(9), began=3)) == []
    assert found(call, view(at(-9))) == OUTSIDE
    assert found(call, view(at(1)), view(at(10), began=3), view(at(10), began=5)) == OUTSIDE


def test_one_marker_in_every_answer() -> None:
    call = deleted()
    assert codes(same_marker(call, [], MARKER)) == []
    assert codes(same_marker(call, [view(at(1))], MARKER)) == []
    assert codes(same_marker(call, [view(at(1.5, 3)), view(at(1.5, 1)), view(at(1))], MARKER)) == []
    assert codes(same_marker(call, [view(None), view(None)], MARKER)) == []


def test_a_marker_that_moved_is_told_for_each_view_and_against_the_first() -> None:
    call, first, moved = deleted(), view(at(1), "delete"), view(at(2))
    views = [first, moved, view(at(1), "list"), view(None, "list")]
    assert codes(same_marker(call, iter(views), MARKER)) == [("marker-moved", "get"), ("marker-moved", "list")]
    assert in_full(same_marker(call, views[:3], MARKER)) == [
        (
            "marker-moved",
            "GET /calls/{id} returns another /redacted_at than an earlier answer",
            (at(1), ""),
            (at(2), ""),
            "get",
            (first.exchange, moved.exchange),
        )
    ]


def test_a_deleted_call_has_a_marker_whatever_stands_in_it() -> None:
    call = deleted()
    assert codes(is_marked(call, view(at(1)), MARKER)) == []
    assert codes(is_marked(call, view("soon"), MARKER, "get")) == []
    for value in (None, "", 0, False):
        assert codes(is_marked(call, view(value), MARKER)) == [("unmarked", "")]
    assert codes(is_marked(call, a_view({}), MARKER, "list")) == [("unmarked", "list")]


def test_a_deleted_call_without_a_marker_is_told_with_what_shows_it() -> None:
    call, empty = deleted(), view("")
    assert in_full(is_marked(call, empty, MARKER, "get")) == [
        (
            "unmarked",
            "GET /calls/{id} returns no /redacted_at after DELETE",
            "an RFC 3339 date-time with offset",
            ("", ""),
            "get",
            (call.shown, call.deleted, empty.exchange),
        )
    ]


def test_a_call_that_is_known_to_be_deleted_shows_an_instant() -> None:
    assert codes(marked_when_known(answer({"redacted_at": at(-99_999)}), ID, MARKER)) == []
    for body in ({}, {"redacted_at": None}, {"redacted_at": "soon"}, None):
        assert codes(marked_when_known(answer(body), ID, MARKER)) == [("unmarked", "")]
    shows = answer({"redacted_at": "soon"})
    assert in_full(marked_when_known(shows, ID, MARKER)) == [
        (
            "unmarked",
            "GET /calls/{id} returns no instant as /redacted_at of a call that is known to be deleted",
            "an RFC 3339 date-time with offset",
            ("soon", ""),
            "",
            (shows,),
        )
    ]
