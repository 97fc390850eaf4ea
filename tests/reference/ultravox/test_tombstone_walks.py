"""Walking through the correct server's list."""

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import pytest

if TYPE_CHECKING:
    from tests.reference.ultravox.conftest import Site

AGENT = "11111111-1111-4111-8111-111111111111"
TIED = [{"deletionTime": "2024-01-01T00:00:00Z"}] * 60 + [{"deletionTime": "2024-01-01T00:00:00.000001Z"}] * 20


@pytest.mark.parametrize("size", [1, 2, 7, 19, 20, 79, 80, 81, 100, 5000])
def test_a_walk_shows_every_item_once_in_both_directions_though_most_share_a_timestamp(site: "Site", size: int) -> None:
    ids = site.seed(*TIED)
    pages = list(site.pages(f"pageSize={size}"))
    there = [item["callId"] for page in pages for item in page["results"]]
    assert sorted(there) == sorted(ids)
    assert {page["total"] for page in pages} == {80}
    assert pages[0]["previous"] is None

    last = pages[-2]["next"] if len(pages) > 1 else f"{site.url}/api/deleted_calls?pageSize={size}"
    back = [[item["callId"] for item in page["results"]] for page in site.pages(last, link="previous")]
    assert [i for page in reversed(back) for i in page] == there


def test_the_newest_deletion_comes_first_and_pages_hold_20(site: "Site") -> None:
    site.seed(*({"deletionTime": f"2024-01-{day:02}T00:00:00Z"} for day in range(1, 26)))
    page = site.ask().body
    days = [item["deletionTime"][8:10] for item in page["results"]]
    assert days == [f"{day:02}" for day in range(25, 5, -1)]


def test_every_page_size_shows_the_same_order(site: "Site") -> None:
    site.seed(*TIED)
    assert site.walk("pageSize=3") == site.walk("pageSize=50") == site.walk("pageSize=3")


def test_links_are_absolute_and_keep_filters_and_page_size(site: "Site") -> None:
    site.seed(*[{"agentId": AGENT, "metadata": {"a": "x", "b": "y"}}] * 5, *[{}] * 5)
    query = f"agentIds={AGENT}&metadata.a=x&metadata.b=y&pageSize=2&fromDate=2000-01-01T00:00:00%2B02:00"
    link = urlsplit(site.ask(query).body["next"])
    assert f"{link.scheme}://{link.netloc}" == site.url
    assert parse_qsl(link.query)[:-1] == parse_qsl(query)
    assert len(site.walk(query)) == 5


def test_the_bare_cursor_with_the_same_filters_gives_the_same_page(site: "Site") -> None:
    site.seed(*[{"agentId": AGENT}] * 7, {})
    link = site.ask(f"pageSize=3&agentIds={AGENT}").body["next"]
    cursor = dict(parse_qsl(urlsplit(link).query))["cursor"]
    followed = site.send("GET", link).body
    assert site.ask(f"agentIds={AGENT}&cursor={cursor}&pageSize=3").body["results"] == followed["results"]


def test_an_empty_list_has_no_items_and_no_links(site: "Site") -> None:
    assert site.ask().body == {"next": None, "previous": None, "results": [], "total": 0}


def test_a_walk_sees_what_was_there_though_tombstones_are_added(site: "Site") -> None:
    before = site.seed(*[{}] * 9)
    seen: list[str] = []
    for page in site.pages("pageSize=2"):
        seen += [item["callId"] for item in page["results"]]
        site.seed({})
    assert sorted(set(seen) & set(before)) == sorted(before)
    assert len(seen) == len(set(seen))


def test_an_empty_cursor_is_no_cursor(site: "Site") -> None:
    site.seed({})
    assert len(site.ask("cursor=").body["results"]) == 1


def test_every_altered_cursor_is_refused(site: "Site") -> None:
    site.seed(*[{}] * 3)
    cursor = dict(parse_qsl(urlsplit(site.ask("pageSize=1").body["next"]).query))["cursor"]
    for at, letter in enumerate(cursor):
        altered = cursor[:at] + ("A" if letter != "A" else "B") + cursor[at + 1 :]
        assert site.ask(f"cursor={altered}").status == 400
    for bad in ("x", "%00", "%C3%A9", cursor[:-1], cursor + "A", cursor + "=", "cD00ODY%3D%22", "A" * 3000):
        assert site.ask(f"cursor={bad}").status == 400


def test_a_cursor_is_good_for_its_account_and_list_only(site: "Site") -> None:
    site.seed(*[{}] * 3)
    link = site.ask("pageSize=1").body["next"]
    assert site.send("GET", link, key=site.fresh().api_key).status == 400
    assert site.send("GET", link.replace("deleted_calls", "calls")).status == 400


@pytest.mark.parametrize("size", ["0", "-1", "abc", "", "1.5", "%C2%B2", "-" + "9" * 5000])
def test_a_page_size_that_is_no_positive_integer_is_refused(site: "Site", size: str) -> None:
    assert site.ask(f"pageSize={size}").status == 400


@pytest.mark.parametrize("key", ["", "no-such-key", "kkk"])
def test_a_bad_key_is_refused(site: "Site", key: str) -> None:
    answer = site.send("GET", "/api/deleted_calls", key=key)
    assert answer.status == 401
    assert set(answer.body) == {"detail"}
