"""The oracles of cursors, sizes and values that make no sense."""

from typing import Any

import pytest

from conformance.listing import refusals
from tests.exchanges import answer, codes, told
from tests.listing.lists import LISTING, listed, page

BEFORE = answer(200, b"before")
FIRST = page(["a", "b"], next="x")


@pytest.mark.parametrize("status", [200, 400, 404, 429, 499])
def test_what_is_no_5xx_is_no_failure(status: int) -> None:
    assert [*refusals.never_fails(answer(status), "a query")] == []


@pytest.mark.parametrize("status", [500, 501, 503, 599])
def test_a_5xx_is_told_after_what_came_before(status: int) -> None:
    bad = answer(status)
    assert told(refusals.never_fails(bad, "a query", "kind", (BEFORE,))) == [
        ("server-error", "kind", str(status), (BEFORE, bad))
    ]
    assert told(refusals.never_fails(bad, "a query")) == [("server-error", "", str(status), (bad,))]


@pytest.mark.parametrize(
    ("shown", "again"),
    [
        (listed(["a", "b"]), True),
        (listed(["b", "a"]), False),
        (listed(["a"]), False),
        (answer(404, {"items": [{"id": "a"}, {"id": "b"}]}), False),
    ],
)
def test_a_restart_is_the_first_page_again(shown: Any, *, again: bool) -> None:
    assert refusals.restarts(LISTING, FIRST, shown) is again


@pytest.mark.parametrize("status", [400, 404, 422, 500])
def test_a_refused_cursor_is_as_it_should_be(status: int) -> None:
    shown = answer(status, {"items": [{"id": "a"}, {"id": "b"}]})
    assert [*refusals.cursor_refused(LISTING, FIRST, shown, "a cursor", "long")] == []


@pytest.mark.parametrize(
    ("shown", "code", "seen"),
    [
        (listed(["a", "b"]), "restart", "200 with the first page"),
        (listed(["c"]), "accepted", "200 with 1 items"),
        (listed([]), "accepted", "200 with 0 items"),
        (answer(204), "accepted", "204 with no items"),
        (answer(302), "accepted", "302 with no items"),
        (answer(399), "accepted", "399 with no items"),
    ],
)
def test_a_cursor_that_is_not_refused_is_told(shown: Any, code: str, seen: str) -> None:
    assert told(refusals.cursor_refused(LISTING, FIRST, shown, "a cursor", "long")) == [
        (code, "long", seen, (FIRST.exchange, shown))
    ]


@pytest.mark.parametrize("there", [{"a", "b"}, {"a", "b", "c"}, None])
@pytest.mark.parametrize("shown", [answer(400), answer(499), answer(204), listed(["a", "b"]), listed([])])
def test_an_odd_size_may_be_refused_or_give_a_page(shown: Any, there: set[str] | None) -> None:
    assert [*refusals.sane_size(LISTING, shown, there, "limit=0")] == []


@pytest.mark.parametrize(
    ("shown", "code", "seen"),
    [
        (answer(500), "server-error", "500"),
        (answer(503), "server-error", "503"),
        (answer(200, b"[]"), "no-page", "200 and no page"),
        (listed(["a", "c"]), "others", "others"),
        (listed([["a"]]), "others", "others"),
    ],
)
def test_an_odd_size_that_does_harm_is_told(shown: Any, code: str, seen: str) -> None:
    assert told(refusals.sane_size(LISTING, shown, {"a", "b"}, "limit=0")) == [(code, "size", seen, (shown,))]


def test_whose_items_an_odd_size_shows_may_be_unknown() -> None:
    assert [*refusals.sane_size(LISTING, listed(["x"]), None, "limit=0")] == []
    assert codes(refusals.sane_size(LISTING, listed(["x"]), set(), "limit=0")) == [("others", "size")]


@pytest.mark.parametrize(
    "shown",
    [answer(400), listed(["a"]), listed([]), listed(["a", "c"]), listed(["a", "b"], next="more"), answer(200, b"x")],
)
def test_a_value_that_is_refused_or_changes_the_list_is_heeded(shown: Any) -> None:
    assert [*refusals.value_heeded(LISTING, BEFORE, shown, {"a", "b"}, "since=x", where="from")] == []


def test_a_value_that_is_ignored_or_fails_is_told() -> None:
    for shown in (listed(["a", "b"]), listed(["b", "a", "c"], next=None)):
        assert told(refusals.value_heeded(LISTING, BEFORE, shown, {"a", "b"}, "since=x", where="from")) == [
            ("ignored", "from", "all 2 items", (BEFORE, shown))
        ]
    bad = answer(500)
    [failed] = refusals.value_heeded(LISTING, BEFORE, bad, {"a"}, "since=x", where="from")
    assert told([failed]) == [("server-error", "from", "500", (BEFORE, bad))]
    assert failed.message == "since=x makes the server fail"
