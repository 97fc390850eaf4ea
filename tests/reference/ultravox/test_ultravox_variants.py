"""Every variant is a correct server that differs."""

from typing import TYPE_CHECKING, Any

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


def test_there_are_at_least_18_variants() -> None:
    assert len(VARIANTS) >= 18
