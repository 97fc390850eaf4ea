"""The oracles of pages and walks: what they tell, and whom they must not accuse."""

from typing import Any

import pytest

from conformance.listing import paging
from conformance.listing.pages import Course
from tests.exchanges import answer, codes, told
from tests.listing.lists import LISTING, listed, page

BEFORE, AFTER = answer(200, b"before"), answer(404, b"after")


def test_a_walk_that_ended_ends() -> None:
    assert [*paging.ends(Course(asked=3, ended=True), "a walk")] == []


def test_a_walk_without_an_end_is_told_with_its_edges() -> None:
    walk = Course(asked=9, first=BEFORE, latest=AFTER)
    assert told(paging.ends(walk, "a walk")) == [("endless", "", "given up after 9 pages", (BEFORE, AFTER))]


@pytest.mark.parametrize(("items", "size", "large"), [(2, 3, False), (3, 3, False), (4, 3, True), (0, 0, False)])
def test_a_page_may_be_full_but_no_larger(items: int, size: int, *, large: bool) -> None:
    one = page(range(items))
    expected = [("too-large", "", str(items), (one.exchange,))] if large else []
    assert told(paging.no_larger(one, size, "a walk")) == expected


@pytest.mark.parametrize("parts", [{"total": 3}, {"total": None}, {}, {"total": 3.0}])
def test_a_total_is_right_null_or_absent(parts: dict[str, Any]) -> None:
    assert [*paging.total_is(page([], **parts), 1, 3, "a walk")] == []


@pytest.mark.parametrize("total", [2, 4, 0, "3", [3]])
@pytest.mark.parametrize(("number", "which"), [(1, "the first page"), (2, "a later page"), (3, "a later page")])
def test_another_total_is_told_by_where_it_stands(total: Any, number: int, which: str) -> None:
    one = page([], total=total)
    found = [*paging.total_is(one, number, 3, "a walk")]
    assert told(found) == [("wrong-total", which, (total, ""), (one.exchange,))]
    assert [v.expected for v in found] == ["3"]


def test_what_is_no_page_is_told_by_where_it_was_asked_for() -> None:
    assert told(paging.refused(AFTER, "a query")) == [("refused", "404", "404", (AFTER,))]
    assert told(paging.broken_off(AFTER, "a walk", (BEFORE, AFTER))) == [("broken-off", "", "404", (BEFORE, AFTER))]
    assert told(paging.dead_link(AFTER, "next", "agents", (BEFORE,))) == [("dead-link", "agents", "404", (BEFORE,))]


@pytest.mark.parametrize("link", [{}, {"next": None}, {"next": ""}])
def test_an_empty_list_without_a_link_is_empty(link: dict[str, Any]) -> None:
    assert [*paging.empty(LISTING, listed([], **link), "a query")] == []


def test_an_empty_list_that_is_none_is_told() -> None:
    bad = answer(404, {"items": []})
    assert told(paging.empty(LISTING, bad, "a query")) == [("no-page", "404", "404, or no list", (bad,))]
    null = answer(200, {"items": None})
    assert told(paging.empty(LISTING, null, "a query")) == [("no-page", "200", "200, or no list", (null,))]


def test_an_empty_list_with_items_or_a_further_page_is_told() -> None:
    both = listed(["a", "b"], next="http://h/2")
    assert told(paging.empty(LISTING, both, "a query")) == [
        ("not-empty", "", "2 items", (both,)),
        ("further-page", "", ("http://h/2", ""), (both,)),
    ]
    assert codes(paging.empty(LISTING, listed(["a"]), "a query")) == [("not-empty", "")]
    assert codes(paging.empty(LISTING, listed([], next="x"), "a query")) == [("further-page", "")]


def test_the_same_page_has_the_same_items_in_their_order() -> None:
    expected = page(["a", "b"], next="one")
    assert [*paging.same_page(LISTING, expected, listed(["a", "b"], next="other"), "again")] == []
    assert [*paging.same_page(LISTING, page([]), listed([]), "again")] == []


@pytest.mark.parametrize(
    ("other", "seen"),
    [
        (listed(["b", "a"]), "other items"),
        (listed(["a"]), "other items"),
        (listed([]), "other items"),
        (answer(404, {"items": [{"id": "a"}, {"id": "b"}]}), "404"),
    ],
)
def test_another_page_is_told(other: Any, seen: str) -> None:
    expected = page(["a", "b"])
    found = [*paging.same_page(LISTING, expected, other, "again gives another")]
    assert told(found) == [("another-page", "", seen, (expected.exchange, other))]
    assert [v.message for v in found] == ["again gives another"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (["a", "b"], ["b", "a"], True),
        ([], [], True),
        ([1, None, "b"], ["b", 1, None], True),
        (["a", "a"], ["a"], False),
        (["a", "b"], ["a", "c"], False),
    ],
)
def test_items_are_the_same_in_whatever_order(one: list[Any], other: list[Any], *, same: bool) -> None:
    assert paging.same_items(one, other) is same


def test_order_is_compared_of_the_same_items_alone() -> None:
    about = (BEFORE, AFTER)
    assert [*paging.same_order(["a", "b"], ("a", "b"), "a walk", about)] == []
    assert [*paging.same_order(["a", "b"], ["b", "c"], "a walk", about)] == []
    assert told(paging.same_order(["a", "b"], ["b", "a"], "a walk", about)) == [("another-order", "", "another", about)]


@pytest.mark.parametrize(("previous", "there"), [("http://h/1", True), (None, False), ("", False)])
def test_a_later_page_links_back(previous: str | None, *, there: bool) -> None:
    one = page(["a"], previous=previous)
    expected = [] if there else [("absent", "", "null or absent", (one.exchange,))]
    assert told(paging.has_previous(one, "/previous")) == expected


def test_a_page_that_has_no_such_link_does_not_link_back() -> None:
    assert codes(paging.has_previous(page(["a"]), "/previous")) == [("absent", "")]


@pytest.mark.parametrize(
    ("shown", "where", "seen"),
    [
        (["b", "a"], "order", "in another order"),
        (["a"], "items", "1 items"),
        (["a", "b", "b"], "items", "3 items"),
        (["a", "c"], "items", "2 items"),
    ],
)
def test_walking_back_shows_what_was_passed(shown: list[str], where: str, seen: str) -> None:
    about = (BEFORE, AFTER)
    assert told(paging.walks_back(["a", "b"], shown, "walking back", about)) == [("another-way", where, seen, about)]
    assert [*paging.walks_back(shown, tuple(shown), "walking back", about)] == []
