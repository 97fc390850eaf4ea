"""Pages and walks as they were answered."""

import pytest

from conformance.contracts.pointer import ABSENT
from conformance.contracts.terms import Listing
from conformance.listing.pages import Course, Query, Walk, describe, id_of, read_page
from tests.exchanges import answer
from tests.listing.lists import LISTING, listed, page, walk


def test_a_page_has_its_items_links_and_total() -> None:
    read = page(["a", "b"], next="n", previous="p", total=7)
    assert (read.items, read.next, read.previous, read.total) == ([{"id": "a"}, {"id": "b"}], "n", "p", 7)
    assert read.ids("/id") == ["a", "b"]


def test_null_and_absent_links_are_told_apart() -> None:
    exchange = listed([], next=None)
    read = read_page(LISTING, exchange)
    assert read is not None
    assert read.exchange is exchange
    assert (read.items, read.next, read.previous, read.total) == ([], None, ABSENT, ABSENT)


def test_what_the_contract_does_not_name_is_not_read() -> None:
    bare = Listing(items="/items", next="/next", id="/id", times={}, parameters={})
    read = read_page(bare, listed(["a"], previous="p", total=1))
    assert read is not None
    assert (read.previous, read.total) == (ABSENT, ABSENT)


@pytest.mark.parametrize(
    "exchange",
    [
        answer(201, {"items": []}),
        answer(404, {"items": []}),
        answer(200, {"items": {}}),
        answer(200, {"items": None}),
        answer(200, {"items": [{}, "x"]}),
        answer(200, []),
        answer(200, b"<html>"),
    ],
)
def test_what_is_no_page_is_not_read(exchange: object) -> None:
    assert read_page(LISTING, exchange) is None  # type: ignore[arg-type] # parametrised


@pytest.mark.parametrize(
    ("shown", "read"), [("a", "a"), (5, 5), (None, None), (["a"], "['a']"), ({"a": 1}, "{'a': 1}")]
)
def test_an_id_that_is_none_can_still_be_looked_for(shown: object, read: object) -> None:
    assert id_of({"id": shown}, "/id") == read
    assert id_of({}, "/id") is ABSENT


def test_a_walk_is_shown_by_its_first_second_and_last_page() -> None:
    long = walk(["a"], ["b"], ["c"], ["d", "e"])
    exchanges = [one.exchange for one in long.pages]
    assert long.shown == (exchanges[0], exchanges[1], exchanges[3])
    assert walk(["a"], ["b"]).shown == tuple(exchanges[:2])
    assert Walk().shown == ()
    assert long.items == [{"id": one} for one in "abcde"]
    assert long.ids("/id") == ["a", "b", "c", "d", "e"]


def test_a_walk_has_two_edges_one_or_none() -> None:
    one, other = answer(200), answer(404)
    assert Course(first=one, latest=other).edges == (one, other)
    assert Course(first=one, latest=one).edges == (one,)
    assert Course().edges == ()


def test_ids_are_shown_by_the_first_page_that_has_one_of_them() -> None:
    seen = walk(["a"], ["b", 5], ["b"])
    assert seen.showing("/id", ["x", "b"]) == (seen.pages[1].exchange,)
    assert seen.showing("/id", ["5"]) == (seen.pages[1].exchange,)
    assert seen.showing("/id", ["x"]) == seen.edges
    assert seen.showing("/id", []) == seen.edges


@pytest.mark.parametrize(
    ("query", "size", "words"),
    [
        ((), None, "GET /list"),
        ((), 3, "GET /list at limit=3"),
        ([("agent", "x"), ("agent", "y")], None, "GET /list filtered by agent"),
        ([("agent", "x"), ("since", "2024")], 1, "GET /list filtered by since=2024 and agent at limit=1"),
        ([("since", ""), ("until", "2025")], None, "GET /list filtered by since and until=2025"),
        ([("metadata.team", "red")], None, "GET /list filtered by metadata.{key}"),
        ([("agents", "x"), ("sinc", "x"), ("metadata", "x")], None, "GET /list"),
    ],
)
def test_a_query_is_told_by_the_names_of_its_parameters(query: Query, size: int | None, words: str) -> None:
    assert describe("GET /list", LISTING.parameters, query, size) == words
