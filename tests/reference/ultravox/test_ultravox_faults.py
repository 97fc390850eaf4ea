"""The table of faults, and that a fault does what its name says."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.reference.ultravox import FAULTS
from conformance.reference.ultravox.conditions import ALWAYS
from conformance.reference.ultravox.faults import ALL_FAULTS

if TYPE_CHECKING:
    from tests.reference.ultravox.conftest import Serve, Site

AGENT, OTHER = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
TIE = "2024-01-01T12:00:00Z"
MUST_RULES = [
    "page.complete",
    "page.no-duplicates",
    "page.terminates",
    "page.size",
    "page.next-usable",
    "page.previous",
    "page.empty",
    "tombstone.exactly-deleted",
    "tombstone.faithful",
    "filter.from",
    "filter.to",
    "filter.date-only",
    "filter.time-of-day",
    "filter.duration",
    "filter.agents",
    "filter.voice",
    "filter.metadata",
    "filter.conjunction",
    "filter.partition",
    "schema.response",
    "status.documented",
    "auth.required",
    "auth.other-account",
    "input.no-5xx",
]
SHOULD_RULES = [
    "page.same-order",
    "page.cursor-alone",
    "page.repeatable",
    "page.total",
    "page.stable-under-writes",
    "page.bad-cursor",
    "page.size-bounds",
    "tombstone.consistent",
    "tombstone.no-content",
    "filter.search",
    "filter.bad-value",
    "schema.well-formed",
]


def test_names_are_unique() -> None:
    assert len(ALL_FAULTS) == len(FAULTS)


def test_there_are_at_least_70_faults_and_about_half_are_conditional() -> None:
    conditional = sum(fault.condition is not ALWAYS for fault in ALL_FAULTS)
    assert len(ALL_FAULTS) >= 70
    assert 0.4 <= conditional / len(ALL_FAULTS) <= 0.6


def test_every_must_rule_has_two_faults_and_every_other_rule_one() -> None:
    rules = [fault.rule for fault in ALL_FAULTS]
    assert [rule for rule in MUST_RULES if rules.count(rule) < 2] == []
    assert [rule for rule in SHOULD_RULES if rule not in rules] == []
    assert set(rules) == {*MUST_RULES, *SHOULD_RULES}


def test_no_fault_repeats_another() -> None:
    assert len({(fault.effect, fault.condition.name, fault.rule) for fault in ALL_FAULTS}) == len(ALL_FAULTS)


def test_every_effect_of_a_fault_is_asked_for_somewhere() -> None:
    package = Path(__file__).parents[3] / "conformance/reference/ultravox"
    sources = "".join(p.read_text() for p in package.glob("*.py") if not p.name.startswith("faults"))
    asked = set(re.findall(r'"([a-z-]+\.[a-z0-9-]+)"', sources))
    assert {fault.effect for fault in ALL_FAULTS} - asked == set()


def _seeded(site: "Site") -> list[str]:
    return site.seed(
        *[{"deletionTime": TIE, "created": "2024-01-01T10:00:00Z", "agentId": AGENT, "metadata": {"k": "v"}}] * 7,
        {"joined": None, "deletionTime": "2024-01-02T00:00:00Z", "metadata": {"k": "v", "l": "w"}},
        {
            "endReason": "system_error",
            "joined": None,
            "text": "well",
            "deletionTime": "2024-01-02T00:00:00Z",
            "metadata": {"k": "v", "l": "w"},
        },
        {
            "endReason": "agent_hangup",
            "text": "never shown",
            "recordingEnabled": True,
            "agentId": OTHER,
            "deletionTime": "2024-01-03T00:00:00Z",
        },
    )


@pytest.mark.parametrize(
    ("fault", "query"),
    [
        ("ties-lost", "pageSize=3"),
        ("rest-of-second-lost", "pageSize=3"),
        ("last-item-lost", "pageSize=3"),
        ("partial-page-lost", "pageSize=3"),
        ("rest-of-second-lost-at-size-one", "pageSize=1"),
        ("edge-item-twice", "pageSize=3"),
        ("ties-twice", "pageSize=8"),
        ("last-page-repeats-an-item", "pageSize=3"),
    ],
)
def test_a_walk_goes_wrong_where_pages_meet(serve: "Serve", fault: str, query: str) -> None:
    site = serve(faults=(fault,))
    ids = _seeded(site)
    assert sorted(site.walk(query)) != sorted(ids)
    assert len(set(site.walk("pageSize=100"))) == len(ids)


@pytest.mark.parametrize("fault", ["next-always-set", "next-loops-back", "next-is-the-page-itself"])
def test_a_walk_never_ends(serve: "Serve", fault: str) -> None:
    site = serve(faults=(fault,))
    _seeded(site)
    pages = site.pages("pageSize=2")
    assert sum(1 for _ in zip(pages, range(30), strict=False)) == 30


def _page(**expected: Any) -> Any:
    return lambda page: all(page.get(k, "absent") == v for k, v in expected.items())


def _some(field: str, value: Any) -> Any:
    return lambda page: any(item.get(field, "absent") == value for item in page["results"])


def _count(count: int) -> Any:
    return lambda page: len(page["results"]) == count


@pytest.mark.parametrize(
    ("fault", "query", "seen"),
    [
        ("size-off-by-one", "pageSize=3", _count(4)),
        ("size-ignored", "pageSize=3", _count(10)),
        ("next-relative", "pageSize=3", lambda page: page["next"].startswith("/api/")),
        ("next-without-filters", "pageSize=1&metadata.k=v", lambda page: "metadata" not in page["next"]),
        ("total-is-page-length", "pageSize=3", _page(total=3)),
        ("total-unfiltered", "metadata.k=v", _page(total=10)),
        ("never-joined-missing", "", _count(8)),
        ("no-agent-missing", "", _count(8)),
        ("agent-hangup-is-hangup", "", lambda page: not _some("endReason", "agent_hangup")(page)),
        ("recording-always-false", "", lambda page: not _some("recordingEnabled", True)(page)),
        ("created-is-deletion", "", _some("created", "2024-01-01T12:00:00.000000Z")),
        ("two-account-ids", "", lambda page: len({item["accountId"] for item in page["results"]}) == 2),
        ("text-shown-for-failed", "", _some("note", "after 'well'")),
        ("next-no-uri", "pageSize=3", _page(next="http://[")),
        ("next-with-a-dot-segment", "pageSize=3", lambda page: "/./" in page["next"]),
        ("time-of-day-in-a-zone", "timeOfDayEnd=12:00:00", _count(3)),
        ("single-item-pages-show-others", "pageSize=1", lambda page: page["total"] > 10),
        ("from-exclusive", "fromDate=2024-01-01T10:00:00Z", _count(3)),
        ("from-offset-ignored", "fromDate=2024-01-01T12:00:00%2B02:00", _count(3)),
        ("date-end-is-midnight", "toDate=2024-01-01", _count(0)),
        ("time-of-day-local", "timeOfDayEnd=12:00:00", _count(3)),
        ("duration-as-text", "durationMin=100s", _count(8)),
        ("agents-first-only", f"agentIds={OTHER}&agentIds={AGENT}", _count(1)),
        ("agents-all-of", f"agentIds={OTHER}&agentIds={AGENT}", _count(0)),
        ("metadata-any-pair", "metadata.k=v&metadata.l=w", _count(9)),
        ("search-ignored", "search=nothing", _count(10)),
        ("filters-joined-by-or", f"metadata.l=w&agentIds={OTHER}", _count(3)),
        ("agents-dropped-beside-metadata", f"metadata.k=v&agentIds={AGENT}", _count(9)),
        ("bad-date-ignored", "fromDate=x", _count(10)),
        ("bad-cursor-restarts", "cursor=x", _count(10)),
        ("empty-results-null", "search=nothing", _page(results=None)),
        ("total-text", "", _page(total="10")),
    ],
)
def test_a_fault_shows_on_a_page(serve: "Serve", fault: str, query: str, seen: Any) -> None:
    right, wrong = serve(), serve(faults=(fault,))
    for site in (right, wrong):
        _seeded(site)
        site.fresh().seed({})
    assert seen(wrong.ask(query).body)
    answer = right.ask(query)
    assert answer.status == 400 or not seen(answer.body)


@pytest.mark.parametrize(
    ("fault", "query", "status"),
    [
        ("bad-cursor-500", "cursor=x", 500),
        ("size-zero-500", "pageSize=0", 500),
        ("size-text-500", "pageSize=x", 500),
        ("empty-404", "search=nothing", 404),
        ("empty-204", "search=nothing", 204),
        ("bad-agent-500", "agentIds=x", 500),
        ("empty-search-500", "search=", 500),
        ("date-only-500", "toDate=2024-01-01", 500),
    ],
)
def test_a_fault_shows_in_the_status(serve: "Serve", fault: str, query: str, status: int) -> None:
    site = serve(faults=(fault,))
    _seeded(site)
    assert site.ask(query).status == status
    assert site.ask().status == 200


@pytest.mark.parametrize(
    ("fault", "key"),
    [
        ("empty-credential-accepted", ""),
        ("any-credential-accepted", "x"),
        ("key-prefix-accepted", "k" * 8),
        ("any-credential-of-right-length", "x" * 32),
    ],
)
def test_a_bad_key_is_let_in(serve: "Serve", fault: str, key: str) -> None:
    assert serve(faults=(fault,)).send("GET", "/api/deleted_calls", key=key).status == 200
    assert serve().send("GET", "/api/deleted_calls", key=key).status == 401


def test_a_foreign_cursor_shows_foreign_items(serve: "Serve") -> None:
    site = serve(faults=("foreign-cursor-shows-foreign-items",))
    ids = _seeded(site)
    link = site.ask("pageSize=4").body["next"]
    shown = site.send("GET", link, key=site.fresh().api_key).body["results"]
    assert {item["callId"] for item in shown} <= set(ids)
    assert shown


def test_offset_pagination_repeats_items_when_the_list_grows(serve: "Serve") -> None:
    site = serve(faults=("offset-pagination",))
    _seeded(site)
    seen: list[str] = []
    for page in site.pages("pageSize=4"):
        seen += [item["callId"] for item in page["results"]]
        if len(seen) == 4:
            site.seed({})
    assert len(seen) > len(set(seen))


def test_a_walk_breaks_off_at_its_third_page(serve: "Serve") -> None:
    site = serve(faults=("next-dead-from-page-three",))
    _seeded(site)
    second = site.send("GET", site.ask("pageSize=3").body["next"])
    assert second.status == 200
    assert site.send("GET", second.body["next"]).status == 404


def test_the_page_before_is_not_found(serve: "Serve") -> None:
    site = serve(faults=("previous-is-dead",))
    _seeded(site)
    second = site.send("GET", site.ask("pageSize=3").body["next"])
    assert second.status == 200
    assert site.send("GET", second.body["previous"]).status == 404


@pytest.mark.parametrize(
    ("fault", "state"),
    [("search-shows-live-calls", "live calls exist"), ("search-shows-another-accounts", "deleted calls exist")],
)
def test_a_search_shows_what_does_not_belong_there(serve: "Serve", fault: str, state: str) -> None:
    site = serve(faults=(fault,))
    owner = site if state.startswith("live") else site.fresh()
    (call_id,) = owner.seed({"metadata": {"k": "word"}}, state=state)
    assert call_id in site.ids("search=word")
    assert call_id not in site.ids()


@pytest.mark.parametrize(("faults", "listed"), [((), True), (("native-deletions-unlisted",), False)])
def test_what_the_vendors_own_operation_deletes_enters_the_list(
    serve: "Serve", faults: tuple[str, ...], *, listed: bool
) -> None:
    site = serve(faults=faults)
    call_id = site.send("POST", "/api/calls", body=b"{}").body["callId"]
    assert site.send("DELETE", f"/api/calls/{call_id}").status == 204
    assert site.send("GET", f"/api/calls/{call_id}").status == 404
    assert (call_id in site.ids()) is listed


@pytest.mark.parametrize("fault", ["duplicate-key", "lone-surrogate", "nan"])
def test_a_body_is_spoiled(serve: "Serve", fault: str) -> None:
    site = serve(faults=(fault,))
    raw = site.raw("/api/deleted_calls")
    assert {"duplicate-key": b'"total":0,', "lone-surrogate": b"\\ud83d", "nan": b"NaN"}[fault] in raw


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_no_fault_keeps_a_seeded_list_from_being_answered(serve: "Serve", fault: str) -> None:
    site = serve(faults=(fault,))
    _seeded(site)
    for query in ("", "pageSize=2", f"agentIds={AGENT}&metadata.k=v&fromDate=2024-01-01", "durationMin=1s&search=v"):
        answer = site.ask(query)
        assert answer.status in (200, 203) or fault in ("date-only-500", "search-500")
