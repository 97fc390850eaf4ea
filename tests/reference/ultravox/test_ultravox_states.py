"""Provider states, and the vendor's own ways to create and delete calls."""

from typing import TYPE_CHECKING, Any

import pytest
import urllib3

if TYPE_CHECKING:
    from tests.reference.ultravox.conftest import Site

REQUIRED = {"accountId", "callId", "created", "deletionTime", "endReason", "hadSummary", "recordingEnabled"}
FIELDS = REQUIRED | {"joined", "ended", "maxDuration"}


def _only(site: "Site") -> dict[str, Any]:
    (item,) = site.ask().body["results"]
    return dict(item)


def test_deleted_calls_are_stored_as_given_and_answered_in_order(site: "Site") -> None:
    first = {
        "created": "2024-01-01T10:00:00.123456+02:00",
        "joined": "2024-01-01T08:00:01Z",
        "ended": "2024-01-01T08:02:00Z",
        "deletionTime": "2024-02-01T00:00:00Z",
        "maxDuration": "90s",
        "endReason": "agent_hangup",
        "recordingEnabled": True,
        "hadSummary": True,
        "agentId": None,
        "metadata": {"k": "v"},
        "text": "secret",
    }
    answer = site.state("deleted calls exist", api_key=site.api_key, calls=[first, {}]).body
    shown = answer["calls"][0]
    assert set(shown) == FIELDS
    assert [call["callId"] for call in answer["calls"]] == answer["call_ids"]
    assert shown["created"] == "2024-01-01T08:00:00.123456Z"
    assert {k: shown[k] for k in ("maxDuration", "endReason", "recordingEnabled", "hadSummary")} == {
        k: first[k] for k in ("maxDuration", "endReason", "recordingEnabled", "hadSummary")
    }
    assert site.send("GET", f"/api/deleted_calls/{shown['callId']}").body == shown
    assert shown in site.ask().body["results"]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"created": "2024-01-01T00:00:00Z"},
        {"joined": "2024-01-01T00:00:00Z"},
        {"ended": "2024-01-01T00:00:00Z"},
        {"deletionTime": "2024-01-01T00:00:00Z"},
        {"created": "2024-01-01T00:00:00Z", "deletionTime": "2024-01-01T00:00:10Z"},
        {"created": "2024-01-01T00:00:00Z", "ended": "2024-01-01T00:00:10Z"},
    ],
)
def test_missing_times_fit_those_given(site: "Site", given: dict[str, str]) -> None:
    site.seed(given)
    shown = _only(site)
    assert shown["created"] <= shown["joined"] <= shown["ended"] <= shown["deletionTime"]
    assert all(shown[field] == f"{time[:-1]}.000000Z" for field, time in given.items())


@pytest.mark.parametrize("given", [{"joined": None}, {"endReason": "unjoined"}])
def test_a_call_never_joined_is_unjoined(site: "Site", given: dict[str, None]) -> None:
    site.seed(given)
    assert [_only(site)[f] for f in ("joined", "ended", "endReason")] == [None, None, "unjoined"]


def test_a_null_end_reason_stays_null(site: "Site") -> None:
    site.seed({"endReason": None})
    assert _only(site)["endReason"] is None


def test_setups_add_up_and_accounts_are_apart(site: "Site") -> None:
    other = site.fresh()
    site.seed({})
    site.seed({}, {})
    other.seed({})
    assert (site.ask().body["total"], other.ask().body["total"]) == (3, 1)
    assert site.ask().body["results"][0]["accountId"] != _only(other)["accountId"]
    assert other.send("GET", f"/api/deleted_calls/{site.walk()[0]}").status == 404


def test_teardown_drops_the_account_data_only(site: "Site") -> None:
    other = site.fresh()
    site.seed({})
    other.seed({})
    assert site.state("a fresh account exists", action="teardown", api_key=site.api_key).status == 200
    assert (site.ask().body["total"], other.ask().body["total"]) == (0, 1)


def test_a_live_call_is_listed_among_the_live_until_the_state_deletes_it(site: "Site") -> None:
    call_id, _ = site.seed({"metadata": {"k": "v"}}, {}, state="live calls exist")
    assert site.ask().body["total"] == 0
    assert site.ask("metadata.k=v", "/api/calls").body["results"][0]["callId"] == call_id
    assert site.state("a call is deleted", call_id=call_id).body == {}
    assert site.state("a call is deleted", call_id=call_id).status == 200
    assert site.ask("", "/api/calls").body["total"] == 1
    assert site.ids("metadata.k=v") == {call_id}


def test_the_empty_state_does_nothing(site: "Site") -> None:
    assert site.state("") == (200, {})


@pytest.mark.parametrize(
    ("state", "params"),
    [
        ("no such state", {}),
        ("a call exists", {"call": {"status": "completed"}}),
        ("a call ends", {}),
        ("deleting a call fails", {}),
        ("a call is deleted", {"call_id": "x"}),
        ("a call is deleted", {}),
        ("deleted calls exist", {}),
        ("deleted calls exist", {"calls": [{}] * 101}),
        ("deleted calls exist", {"calls": [1]}),
        ("deleted calls exist", {"calls": [{"created": "2024-01-01"}]}),
        ("deleted calls exist", {"calls": [{"endReason": "bored"}]}),
        ("deleted calls exist", {"calls": [{"surprise": 1}]}),
        ("deleted calls exist", {"calls": [{"metadata": {"k": 1}}]}),
        ("deleted calls exist", {"calls": [{"text": "\ud800"}]}),
        ("deleted calls exist", {"calls": [], "api_key": "nobody's"}),
    ],
)
def test_a_setup_that_cannot_be_done_is_refused(site: "Site", state: str, params: dict[str, Any]) -> None:
    answer = site.state(state, **params)
    assert answer.status == 400
    assert answer.body["detail"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b"null", b"[" * 100_000, b'{"action":"setup","state":NaN}'])
def test_an_ill_formed_setup_is_refused(site: "Site", body: bytes) -> None:
    assert site.send("POST", "/_conformance/state", body=body).status == 400


def test_a_created_call_becomes_an_unjoined_tombstone_when_deleted(site: "Site") -> None:
    created = site.send("POST", "/api/calls", json={"metadata": {"k": "v"}, "systemPrompt": "Hi", "maxDuration": "60s"})
    call = created.body
    path = f"/api/calls/{call['callId']}"
    assert created.status == 201
    assert [call[f] for f in ("joined", "ended", "endReason", "maxDuration")] == [None, None, None, "60s"]
    assert site.send("GET", path).body == call
    assert site.send("DELETE", path, key=site.fresh().api_key).status == 404
    assert site.send("DELETE", path).status == 204
    assert site.send("DELETE", path).status == site.send("GET", path).status == 404
    shown = _only(site)
    assert set(shown) == FIELDS
    assert (shown["callId"], shown["created"], shown["endReason"]) == (call["callId"], call["created"], "unjoined")
    assert shown["deletionTime"] >= shown["created"]


def test_unknown_paths_and_methods_are_json_errors(site: "Site") -> None:
    assert site.send("GET", "/api/nothing").status == 404
    answer = site.send("PUT", "/api/deleted_calls")
    assert (answer.status, set(answer.body)) == (405, {"detail"})
    headers = urllib3.request("PUT", f"{site.url}/api/calls").headers
    assert set(headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}
