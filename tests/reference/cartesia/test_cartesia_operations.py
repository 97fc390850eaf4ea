"""What the correct server answers, over real HTTP."""

import subprocess
import sys
import wave
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
import requests

SENSITIVE = ("transcript", "summary", "metadata")
CALL_PATHS = (("GET", ""), ("DELETE", ""), ("GET", "/audio"), ("GET", "/logs"), ("POST", "/cancel"))


def test_a_call_reads_back_as_it_was_set_up(client: Any) -> None:
    call_id = client.add()
    call = client.get(f"/{call_id}").json()
    assert call["id"] == call_id
    assert call["transcript"][0]["text"] == "my secret word"
    assert call["redacted_at"] is None


def test_a_deletion_answers_the_record_without_its_sensitive_fields(client: Any) -> None:
    answer = client.delete(client.add())
    record = answer.json()
    assert answer.status_code == 200
    assert not set(SENSITIVE) & set(record)
    assert record["telephony_params"] == {"call_sid": "CA1", "connection_type": "phone"}
    assert record["end_reason"] == "agent_hangup"
    assert record["error_message"] == "jitter"


def test_the_marker_is_the_time_of_the_deletion(client: Any) -> None:
    marker = datetime.fromisoformat(client.delete(client.add()).json()["redacted_at"])
    assert abs(datetime.now(UTC) - marker) < timedelta(seconds=5)


def test_a_repeated_deletion_answers_the_same_record(client: Any) -> None:
    call_id = client.add()
    first, second = client.delete(call_id), client.delete(call_id)
    assert (second.status_code, second.json()) == (200, first.json())


def test_reads_after_a_deletion_show_the_redacted_record(client: Any) -> None:
    call_id = client.add(agent_id="agent_read_after")
    record = client.delete(call_id).json()
    query = {"agent_id": "agent_read_after", "expand": "transcript"}
    assert client.get(f"/{call_id}").json() == record
    assert client.get("", params=query).json()["data"] == [record]


def test_recording_and_logs_are_gone_after_a_deletion(client: Any) -> None:
    call_id = client.add()
    client.delete(call_id)
    assert [client.get(f"/{call_id}/{what}").status_code for what in ("audio", "logs")] == [404, 404]


def test_a_recording_is_a_wav_file_that_holds_its_marker(client: Any) -> None:
    call_id, other = client.add(audio=True), client.add(audio="a marker of one's own")
    answer = client.get(f"/{call_id}/audio")
    with wave.open(BytesIO(answer.content)) as wav:
        assert wav.getnframes() > 0
    assert answer.headers["content-type"] == "audio/wav"
    assert f"recording-of-{call_id}".encode() in answer.content
    assert b"a marker of one's own" in client.get(f"/{other}/audio").content


def test_logs_are_served_with_their_call(client: Any) -> None:
    call_id = client.add(logs=("one", "two"))
    logs = client.get(f"/{call_id}/logs").json()
    assert (logs["call_id"], logs["logs"]) == (call_id, ["one", "two"])
    assert logs["updated_at"].endswith("Z")


@pytest.mark.parametrize("status", ["created", "started"])
def test_an_active_call_is_refused_and_left_alone(client: Any, status: str) -> None:
    call_id = client.add(status=status)
    before = client.get(f"/{call_id}").json()
    assert client.delete(call_id).status_code == 400
    assert client.get(f"/{call_id}").json() == before
    assert client.get(f"/{call_id}/audio").status_code == 200


def test_only_a_started_call_can_be_cancelled(client: Any) -> None:
    started, created, ended = client.add(status="started"), client.add(status="created"), client.add()
    answer = client.ask("POST", f"/{started}/cancel")
    assert (answer.status_code, answer.json()) == (200, {"cancelled": True})
    assert client.get(f"/{started}").json()["end_reason"] == "api_cancelled"
    assert client.delete(started).status_code == 200
    assert [client.ask("POST", f"/{i}/cancel").status_code for i in (created, ended, "ac_no")] == [400, 400, 404]


@pytest.mark.parametrize(("method", "path"), CALL_PATHS)
def test_a_bad_credential_is_a_401_on_every_operation(client: Any, method: str, path: str) -> None:
    call_id = client.add()
    bad = (None, "", "Bearer", "Bearer ", "Bearer sk_car_other", "Basic c2s6", client.headers["Authorization"][:-1])
    answers = [client.ask(method, f"/{call_id}{path}", headers={"Authorization": key}) for key in bad]
    assert {answer.status_code for answer in answers} == {401}
    assert client.get(f"/{call_id}").json()["redacted_at"] is None


@pytest.mark.parametrize(("method", "path"), CALL_PATHS)
def test_a_missing_or_unknown_version_is_a_400(client: Any, method: str, path: str) -> None:
    call_id = client.add()
    versions = (None, "", "2025-01-01", "latest")
    answers = [client.ask(method, f"/{call_id}{path}", headers={"Cartesia-Version": v}) for v in versions]
    assert {answer.status_code for answer in answers} == {400}
    assert client.get(f"/{call_id}").json()["redacted_at"] is None


@pytest.mark.parametrize(("method", "path"), CALL_PATHS)
def test_another_accounts_call_is_as_unknown(client: Any, method: str, path: str) -> None:
    stranger = {"Authorization": f"Bearer {client.state('a fresh account exists')['api_key']}"}
    call_id = client.add()
    assert client.ask(method, f"/{call_id}{path}", headers=stranger).status_code == 404
    assert client.get(f"/{call_id}").json()["redacted_at"] is None


@pytest.mark.parametrize(
    "call_id", ["ac_unknown", "'; DROP TABLE calls;--", "%00", "%25", "%FF", "%ED%A0%80", "ä€", "a" * 2000]
)
def test_an_odd_id_is_a_404(client: Any, call_id: str) -> None:
    assert client.delete(call_id).status_code == 404
    assert client.get(f"/{call_id}").status_code == 404


def test_a_wrong_method_is_a_405_and_an_error_names_its_request(client: Any) -> None:
    answer = client.ask("PUT", f"/{client.add()}")
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "DELETE"}
    assert set(answer.json()) == {"error_code", "title", "message", "request_id"}


def walk(client: Any, agent_id: str, limit: int) -> list[str]:
    """Follow the pages from newest to oldest."""
    seen: list[str] = []
    query: dict[str, Any] = {"agent_id": agent_id, "limit": limit}
    while True:
        page = client.get("", params=query).json()
        seen += [call["id"] for call in page["data"]]
        if page["next_page"] is None:
            return seen
        query["starting_after"] = page["next_page"]


def test_a_walk_sees_each_call_once_newest_first_though_starts_are_equal_or_null(client: Any) -> None:
    starts = ["2026-03-02T00:00:00Z", None, "2026-03-01T00:00:00Z", None, *["2026-03-03T00:00:00Z"] * 3]
    ids = {client.add(agent_id="agent_walk", start_time=start): start for start in starts}
    walks = [walk(client, "agent_walk", limit) for limit in (1, 2, 3, 100)]
    assert walks[0] == walks[1] == walks[2] == walks[3]
    assert sorted(walks[0]) == sorted(ids)
    started = [start for i in walks[0] if (start := ids[i]) is not None]
    assert started == sorted(started, reverse=True)


def test_ending_before_shows_the_calls_just_before(client: Any) -> None:
    for hour in range(5):
        client.add(agent_id="agent_back", start_time=f"2026-03-01T0{hour}:00:00Z")
    ids = walk(client, "agent_back", 100)
    page = client.get("", params={"agent_id": "agent_back", "limit": 2, "ending_before": ids[4]}).json()
    assert [call["id"] for call in page["data"]] == ids[2:4]


def test_a_list_shows_transcripts_only_when_expanded(client: Any) -> None:
    client.add(agent_id="agent_expand")
    plain = client.get("", params={"agent_id": "agent_expand"}).json()["data"][0]
    expanded = client.get("", params={"agent_id": "agent_expand", "expand": "transcript"}).json()["data"][0]
    assert "transcript" not in plain
    assert {**plain, "transcript": expanded["transcript"]} == expanded


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "-1"},
        {"limit": "x"},
        {"limit": "9" * 5000},
        {"starting_after": "ac_no"},
        {"expand": "all"},
    ],
)
def test_a_malformed_list_query_is_a_400(client: Any, query: dict[str, str]) -> None:
    agent = {"agent_id": "agent_1"} if query else {}
    assert client.get("", params={**agent, **query}).status_code == 400


def test_serve_prints_where_it_serves_and_answers_there() -> None:
    code = "from conformance.reference.server import serve; serve('cartesia')"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        said = dict(child.stdout.readline().split() for _ in range(3))
        headers = {"Authorization": f"Bearer {said['api-key']}", "Cartesia-Version": "2026-03-01"}
        answer = requests.get(f"{said['target']}/agents/calls/ac_no", headers=headers, timeout=5)
        child.terminate()
    assert answer.status_code == 404
