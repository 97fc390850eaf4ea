"""Every variant is a correct server that differs."""

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from conformance.reference.ultravox import VARIANTS

if TYPE_CHECKING:
    from tests.reference.ultravox.conftest import Serve

AGENT = "11111111-1111-4111-8111-111111111111"
TIED = {"created": "2024-01-01T10:00:00.123400Z", "deletionTime": "2024-01-01T12:00:00.5Z", "agentId": AGENT}
CALLS = [TIED] * 15 + [{"joined": None, "metadata": {"k": "v"}, "agentId": AGENT}] * 8 + [{}] * 2


@pytest.mark.parametrize("variant", sorted(VARIANTS))
def test_a_variant_walks_the_whole_list_with_and_without_a_filter(serve: "Serve", variant: str) -> None:
    site = serve(variants=(variant,))
    ids = site.seed(*CALLS)
    for size in (1, 5, 23):
        assert sorted(site.walk(f"pageSize={size}")) == sorted(ids)
        assert sorted(site.walk(f"agentIds={AGENT}&pageSize={size}")) == sorted(ids[:23])
    assert sorted(site.walk("toDate=2024-01-01")) == sorted(ids[:15])
    assert site.send("GET", "/api/deleted_calls", key="x").status in (401, 403)
    assert site.ask("cursor=x").status in (400, 404)


@pytest.mark.parametrize(
    ("variant", "query", "seen"),
    [
        ("default-page-5", "", lambda page: len(page["results"]) == 5),
        ("largest-page-10", "pageSize=50", lambda page: len(page["results"]) == 10),
        ("short-pages", "pageSize=5", lambda page: len(page["results"]) == 4),
        ("no-total", "", lambda page: "total" not in page),
        ("null-links-absent", "", lambda page: "previous" not in page and "next" in page),
        ("page-before-the-first", "", lambda page: page["previous"] is not None),
        ("empty-trailing-page", "pageSize=25", lambda page: page["next"] is not None),
        ("filters-in-cursor", f"agentIds={AGENT}", lambda page: "agentIds" not in page["next"]),
        ("creation-up", "", lambda page: page["results"][0]["created"].startswith("2024")),
        ("creation-down", "", lambda page: not page["results"][0]["created"].startswith("2024")),
        ("deletion-up", "", lambda page: page["results"][0]["deletionTime"].startswith("2024")),
        ("lenient-sizes", "pageSize=abc", lambda page: len(page["results"]) == 20),
        ("bad-value-matches-nothing", "fromDate=x", lambda page: page["results"] == []),
        ("null-fields-absent", "", lambda page: any("joined" not in item for item in page["results"])),
        ("default-fields-absent", "", lambda page: "maxDuration" not in page["results"][0]),
        ("extra-fields", "", lambda page: "region" in page["results"][0]),
        ("times-plus-two", "toDate=2024-01-01", lambda p: p["results"][0]["created"].endswith("12:00:00.123400+02:00")),
        ("times-trimmed", "toDate=2024-01-01", lambda p: p["results"][0]["created"] == "2024-01-01T10:00:00.1234Z"),
        ("times-in-seconds", "toDate=2024-01-01", lambda p: p["results"][0]["created"] == "2024-01-01T10:00:00Z"),
        ("search-call-id-only", "search=v", lambda page: page["results"] == []),
        ("search-by-likeness", "search=nothing-like-it", lambda page: page["results"] != []),
        ("associations-shown", f"agentIds={AGENT}", lambda page: page["results"][0]["agentId"] == AGENT),
        ("cursors-are-places", "pageSize=5", lambda page: "cursor=fx" in page["next"]),
        ("numbered-cursors", "pageSize=5", lambda page: page["next"].endswith("cursor=1")),
        ("scheme-in-capitals", "pageSize=5", lambda page: page["next"].startswith("HTTP://")),
        ("instants-kept-in-seconds", "toDate=2024-01-01", lambda p: p["results"][0]["created"].endswith("00.000000Z")),
    ],
)
def test_a_variant_shows(serve: "Serve", variant: str, query: str, seen: Any) -> None:
    site = serve(variants=(variant,))
    site.seed(*CALLS)
    assert seen(site.ask(query).body)


def test_erased_text_is_found_where_that_variant_is_on(serve: "Serve") -> None:
    site = serve(variants=("search-finds-erased-text",))
    (call_id, _) = site.seed({"text": "a Word"}, {})
    assert site.ids("search=word") == {call_id}


def test_a_cursor_that_is_a_place_may_be_altered(serve: "Serve") -> None:
    site = serve(variants=("cursors-are-places",))
    site.seed(*CALLS)
    cursor = parse_qs(urlsplit(site.ask("pageSize=5").body["next"]).query)["cursor"][0]
    altered = cursor[:2] + "7" + cursor[3:]
    assert site.ask(f"cursor={altered}").status == 200
    assert site.ask(f"cursor={cursor[::-1]}").status == 400


def test_a_lenient_decoder_passes_over_what_it_does_not_know(serve: "Serve") -> None:
    site = serve(variants=("lenient-base64",))
    site.seed(*CALLS)
    cursor = parse_qs(urlsplit(site.ask("pageSize=5").body["next"]).query)["cursor"][0]
    assert site.ids(f"cursor={cursor}") == site.ids(f"cursor=!{cursor}!!") == site.ids(f"cursor={cursor}A" * 3)
    assert site.ask("cursor=!!!!").status == 400


def test_a_number_is_good_for_one_account_alone(serve: "Serve") -> None:
    site = serve(variants=("numbered-cursors",))
    site.seed(*CALLS)
    assert site.ask("pageSize=5").body["next"].endswith("cursor=1")
    assert site.fresh().ask("cursor=1").status == 400
    assert site.ask("cursor=1").status == 200


@pytest.mark.parametrize(
    "query",
    ["fromDate=2025-01-01&toDate=2024-01-01", "durationMin=9s&durationMax=3s"],
)
def test_a_range_that_ends_before_it_starts_is_refused_or_empty(serve: "Serve", query: str) -> None:
    assert serve(variants=("inverted-ranges-refused",)).ask(query).status == 400
    plain = serve()
    plain.seed(*CALLS)
    assert plain.ask(query).body["results"] == []


def test_previous_is_missing_on_filtered_lists(serve: "Serve") -> None:
    site = serve(variants=("previous-on-plain-lists",))
    site.seed(*CALLS)
    for query, there in (("pageSize=5", True), (f"pageSize=5&agentIds={AGENT}", False)):
        second = site.send("GET", site.ask(query).body["next"]).body
        assert (second["previous"] is not None) is there


def test_members_come_in_any_order(serve: "Serve") -> None:
    site = serve(variants=("keys-in-changing-order",))
    site.seed({})
    assert len({tuple(site.ask().body["results"][0]) for _ in range(20)}) > 1


def test_there_are_at_least_18_variants() -> None:
    assert len(VARIANTS) >= 18
