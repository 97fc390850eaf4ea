"""What an example did is told without old ids, links and credentials, and in a script that takes fresh ones."""

import json
from typing import Any

import pytest

from conformance.contracts.loading import load
from conformance.engine.example import AT_ONCE, Example
from conformance.http.exchange import Exchange, Request
from conformance.results.scrub import Scrubber
from conformance.targets.target import Target

BASE, KEY = "http://127.0.0.1:9", "sk_0123456789abcdef"
LIST = f"{BASE}/api/deleted_calls"
CURSOR = "bm90aGluZyB0byBzZWU="


@pytest.fixture
def example() -> Example:
    scrub = Scrubber(set(), ["X-API-Key"])
    scrub.secret(KEY)
    return Example(load("ultravox"), Target(url=BASE, api_key=KEY), scrub)


def get(url: str, **headers: str) -> Request:
    return Request("GET", url, {"X-API-Key": KEY, **headers})


def page(**links: Any) -> Exchange:
    body = json.dumps({"results": [], **links}).encode()
    return Exchange(get(LIST), 200, (("content-type", "application/json"),), body, 0.0, 0.0)


def test_a_link_that_is_followed_is_taken_from_the_answer_that_gave_it(example: Example) -> None:
    link = f"{LIST}?pageSize=1&cursor=bm90aGluZyB0byBzZWU%3D"
    for url in (f"{LIST}?pageSize=1", link, link):
        # Every page gives the same link away: each request follows what it had by then.
        example.answered(example.sent(get(url)), page(next=link))
    assert [s["path"] for s in example.as_json()["steps"]] == [
        "/api/deleted_calls?pageSize=1",
        "/api/deleted_calls?{next_1}",
        "/api/deleted_calls?{next_2}",
    ]
    script = "\n".join(example.as_curl())
    assert script.index("next_1=$(") < script.index('[ -n "$next_1" ] || exit 0') < script.index("next_2=$(")
    assert "${next_1#*[?]}" in script
    assert "next_3=" not in script
    assert "bm90" not in script


def test_a_cursor_that_is_sent_alone_is_cut_out_of_its_link(example: Example) -> None:
    example.answered(example.sent(get(LIST)), page(previous=f"{LIST}?cursor=bm90aGluZyB0byBzZWU%3D&x=1"))
    example.sent(get(f"{LIST}?pageSize=3&cursor=bm90aGluZyB0byBzZWU%3D"))
    assert example.as_json()["steps"][1]["path"] == "/api/deleted_calls?pageSize=3&cursor={previous_1_cursor}"
    script = "\n".join(example.as_curl())
    assert "previous_1=$(" in script
    assert "previous_1_cursor=$(" in script
    assert "next_1" not in script
    assert "bm90" not in script


def test_ids_have_names_whole_and_cut_short(example: Example) -> None:
    example.set_up("deleted calls exist", {"calls": []}, {"call_ids": ["0123456789-a", "0123456789-b"]})
    example.sent(get(f"{BASE}/api/deleted_calls/0123456789-b"))
    example.sent(get(f"{BASE}/api/deleted_calls/0123456789-"))
    paths = [s["path"] for s in example.as_json()["steps"]]
    assert paths == ["/api/deleted_calls/{call_2}", "/api/deleted_calls/{call_2%?}"]
    script = "\n".join(example.as_curl())
    assert "cut -d, -f2)" in script
    assert '"${call_2%?}"' in script


def test_short_ids_and_ids_that_look_like_names_are_told_from_other_text(example: Example) -> None:
    example.set_up("deleted calls exist", {}, {"call_ids": ["7", "call_1", "call_2"]})
    example.sent(get(f"{BASE}/api/deleted_calls/7?pageSize=17"))
    example.sent(get(f"{BASE}/api/deleted_calls/call_1"))
    paths = [s["path"] for s in example.as_json()["steps"]]
    assert paths == ["/api/deleted_calls/{call_1}?pageSize=17", "/api/deleted_calls/{call_2}"]


def test_credentials_are_taken_from_the_environment_or_the_answer(example: Example) -> None:
    example.set_up("a fresh account exists", {}, {"api_key": "another-key-0123456789"})
    for key in (KEY, KEY[:-1], "another-key-0123456789", ""):
        example.sent(Request("GET", LIST, {"X-API-Key": key}))
    lines = [line for line in example.as_curl() if "X-API-Key" in line]
    given = ['"$CONFORMANCE_API_KEY"', '"${CONFORMANCE_API_KEY%?}"', '"$account_1"']
    assert [line.rpartition("-H ")[2] for line in lines] == [*(f"'X-API-Key: '{g}" for g in given), "'X-API-Key;'"]
    assert KEY[:-1] not in json.dumps(example.as_json())


def test_set_ups_stand_where_they_happened(example: Example) -> None:
    example.set_up("a call exists", {}, {"call_id": "0123456789"})
    example.sent(get(LIST))
    example.set_up("a call ends", {"call_id": "0123456789"}, {})
    states = example.as_json()["states"]
    assert states == [
        {"state": "a call exists", "params": {}},
        {"state": "a call ends", "params": {"call_id": "{call_1}"}, "after_step": 1},
    ]
    order = [line.split()[0].partition("=")[0] for line in example.as_curl()[1:]]
    assert order == ["made", "call_1", "curl", "made"]


def test_requests_at_once_waits_and_lost_answers_are_told(example: Example) -> None:
    example.sent(get(LIST), AT_ONCE)
    example.sent(get(LIST), AT_ONCE)
    example.waited(1.5)
    example.sent(Request("PUT", LIST, {}, b"it's $HOME"), "hang up before the answer", hung_up=0.0)
    lines = example.as_curl()[1:]
    assert [line[-2:] for line in lines[:2]] == [" &", " &"]
    assert lines[2:4] == ["wait", "sleep 1.5"]
    assert "-m 0.005" in lines[4]
    assert "'it'\"'\"'s $HOME'" in lines[4]
    assert example.as_json()["steps"][2] == {"wait": 1.5}
