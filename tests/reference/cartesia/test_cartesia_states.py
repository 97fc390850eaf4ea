"""The provider states, over real HTTP."""

from typing import Any

import pytest

from conformance.reference.server import STATE_PATH


def test_a_fresh_account_is_empty_and_its_own(client: Any) -> None:
    key = client.state("a fresh account exists")["api_key"]
    mine = {"Authorization": f"Bearer {key}"}
    assert key.startswith("sk_car_")
    assert client.get("", params={"agent_id": "agent_1"}, headers=mine).json()["data"] == []
    call_id = client.state("a call exists", api_key=key, call={"status": "failed"})["call_id"]
    assert client.get(f"/{call_id}", headers=mine).status_code == 200
    assert client.get(f"/{call_id}").status_code == 404


def test_teardown_removes_the_account_it_names_and_no_other(client: Any) -> None:
    key, call_id = client.state("a fresh account exists")["api_key"], client.add()
    mine = {"Authorization": f"Bearer {key}"}
    assert client.post_state("a fresh account exists", action="teardown").status_code == 200
    assert client.get("/ac_no", headers=mine).status_code == 404
    assert client.post_state("a fresh account exists", action="teardown", api_key=key).status_code == 200
    assert client.get("/ac_no", headers=mine).status_code == 401
    assert client.post_state("", action="teardown", api_key=client.headers["Authorization"][7:]).status_code == 200
    assert client.get(f"/{call_id}").status_code == 200


def test_a_call_is_answered_as_it_was_stored(client: Any) -> None:
    answer = client.state("a call exists", call={"status": "created", "shoe_size": 46, "id": "mine"})
    assert answer["call"] == client.get(f"/{answer['call_id']}").json()
    assert answer["call"]["id"] == answer["call_id"] != "mine"
    assert "shoe_size" not in answer["call"]
    assert client.get(f"/{answer['call_id']}/audio").status_code == 404


def test_a_websocket_call_keeps_no_phone_numbers(client: Any) -> None:
    call_id = client.add(telephony_params={"to": "1", "from": "2", "call_sid": "s", "connection_type": "websocket"})
    telephony = client.get(f"/{call_id}").json()["telephony_params"]
    assert telephony == {"call_sid": "s", "connection_type": "websocket"}


def test_a_zero_retention_call_keeps_nothing_sensitive_and_deletes_alike(client: Any) -> None:
    call_id = client.add(zdr_enabled=True)
    call = client.get(f"/{call_id}").json()
    assert not {"transcript", "summary", "metadata"} & set(call)
    assert not {"to", "from"} & set(call["telephony_params"])
    assert client.get(f"/{call_id}/audio").status_code == client.get(f"/{call_id}/logs").status_code == 404
    assert client.delete(call_id).json()["redacted_at"]


def test_ending_a_call_makes_it_deletable_and_does_nothing_twice(client: Any) -> None:
    call_id = client.add(status="started", end_time=None)
    client.state("a call ends", call_id=call_id, status="failed")
    ended = client.get(f"/{call_id}").json()
    client.state("a call ends", call_id=call_id, status="completed")
    assert client.get(f"/{call_id}").json() == ended
    assert ended["status"] == "failed"
    assert ended["end_time"]
    assert client.delete(call_id).status_code == 200


@pytest.mark.parametrize(("stage", "audio_left"), [("before", 200), ("during", 404)])
def test_a_deletion_that_was_told_to_fail_fails_unmarked_and_can_be_retried(
    client: Any, stage: str, audio_left: int
) -> None:
    call_id = client.add()
    client.state("deleting a call fails", call_id=call_id, times=2, stage=stage)
    assert [client.delete(call_id).status_code for _ in range(2)] == [500, 500]
    call = client.get(f"/{call_id}").json()
    assert (call["redacted_at"], "transcript" in call) == (None, True)
    assert client.get(f"/{call_id}/audio").status_code == audio_left
    assert client.delete(call_id).status_code == 200
    assert "transcript" not in client.get(f"/{call_id}").json()


def test_a_call_is_deleted_does_what_delete_does(client: Any) -> None:
    call_id = client.add()
    client.state("a call is deleted", call_id=call_id)
    assert client.get(f"/{call_id}").json() == client.delete(call_id).json()
    assert client.post_state("a call is deleted", call_id=client.add(status="created")).status_code == 400


def test_the_empty_state_does_nothing(client: Any) -> None:
    assert client.state("") == {}


@pytest.mark.parametrize("state", ["deleted calls exist", "live calls exist", "it rains"])
def test_an_unknown_state_is_a_4xx_that_says_so(client: Any, state: str) -> None:
    answer = client.post_state(state)
    assert answer.status_code == 400
    assert state in answer.json()["message"]


@pytest.mark.parametrize(
    "call",
    [
        None,
        {},
        {"status": "over"},
        {"status": "failed", "start_time": "yesterday"},
        {"status": "failed", "start_time": "0001-01-01T00:00:00+23:00"},
        {"status": "failed", "agent_id": "\ud800"},
        {"status": "failed", "transcript": [{"role": "user"}]},
        {"status": "failed", "metadata": []},
        {"status": "failed", "end_reason": "bored"},
    ],
)
def test_a_call_that_the_schema_forbids_is_a_400(client: Any, call: Any) -> None:
    assert client.post_state("a call exists", call=call).status_code == 400


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"state": 1}', b'{"action": "x", "state": ""}', b'{"state": "", "params": [1]}', b"\xff"],
)
def test_an_ill_formed_set_up_is_a_400(client: Any, body: bytes) -> None:
    assert client.http.post(f"{client.url}{STATE_PATH}", data=body, timeout=5).status_code == 400


def test_numbers_that_json_has_no_word_for_are_a_400(client: Any) -> None:
    params = '{"call": {"status": "failed", "metadata": {"n": %s}}}'
    bodies = ['{"state": "a call exists", "params": ' + params % number + "}" for number in ("NaN", "1e999")]
    answers = [client.http.post(f"{client.url}{STATE_PATH}", data=body, timeout=5) for body in bodies]
    assert [answer.status_code for answer in answers] == [400, 400]
