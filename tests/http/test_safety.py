"""Manners toward a target, and nothing that leaks."""

import json
import urllib.parse
from pathlib import Path
from typing import Any

import pytest

from conformance.http.exchange import Request
from conformance.http.safety import UnsafePath, is_plain, refuse_unsafe
from conformance.http.session import ClientSettings, Session
from conformance.reference.server import Reference
from conformance.results.files import read
from tests import given
from tests.support import Asked, conformance, serving


@pytest.mark.parametrize(
    "segment", ["", ".", "..", "a/b", "a\\b", "%2e%2e", "%2E", "a%2Fb", "a%5cb", "%252e%252e", "%252f"]
)
def test_a_segment_that_could_lead_elsewhere_is_not_plain(segment: str) -> None:
    assert not is_plain(segment)


@pytest.mark.parametrize("segment", ["ac_abc", "%", "a b", "ünï", "a.b", "...x", "%00", "'"])
def test_an_odd_id_is_plain(segment: str) -> None:
    assert is_plain(segment)


@pytest.mark.parametrize("path", ["/agents/calls/", "/agents/calls/..", "/agents/calls/%2e%2e", "/agents/calls/a%2fb"])
def test_no_delete_is_sent_to_a_path_that_could_be_read_as_another(path: str) -> None:
    with serving(lambda _: (200, {}, b"{}")) as server:
        with pytest.raises(UnsafePath):
            Session(ClientSettings()).send(Request("DELETE", server.url + path))
        assert not server.asked
    refuse_unsafe(Request("GET", "http://h/a/"))


def test_every_delete_of_a_run_names_an_id_that_was_made_or_is_nobodys(tmp_path: Path) -> None:
    """A server whose list shows calls that the suite did not make never sees a DELETE of one of them."""
    strangers = {f"ac_stranger{n:017d}" for n in range(5)}
    items = [{"id": i, "agent_id": "agent_1", "status": "completed", "redacted_at": None} for i in sorted(strangers)]

    def answer(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        json_type = {"content-type": "application/json"}
        if asked.path.split("?")[0] == "/agents/calls":
            return 200, json_type, json.dumps({"data": items, "next_page": None}).encode()
        return 404, json_type, b"{}"

    with serving(answer) as server:
        words = ("run", "--contract", "cartesia", "--target", server.url, "--examples", "3", "--report", tmp_path)
        conformance(*words, cwd=tmp_path, CONFORMANCE_API_KEY="sk_car_key_of_the_test")
        deleted = {urllib.parse.unquote(a.path.rpartition("/")[2]) for a in server.asked if a.method == "DELETE"}
    assert deleted
    assert deleted.isdisjoint(strangers)


def test_max_calls_bounds_what_is_set_up(tmp_path: Path) -> None:
    with Reference("cartesia") as server:
        (tmp_path / "c.toml").write_text(
            f'[targets.s]\nurl = "{server.url}"\nstate_url = "{server.state_url}"\nmax_calls = 5\n'
        )
        words = ("run", "--contract", "cartesia", "--target", "s", "--config", "c.toml", "--report", tmp_path)
        ended = conformance(*words, "--select", "redact.omits", cwd=tmp_path, CONFORMANCE_API_KEY=server.api_key)
    results = read(tmp_path / "cartesia")
    assert 0 < results.end.calls_created <= 5
    assert ended.code in {0, 10}


def test_a_deadline_leaves_the_rest_untested_and_says_so(tmp_path: Path) -> None:
    with Reference("cartesia") as server:
        (tmp_path / "c.toml").write_text(
            f'[targets.s]\nurl = "{server.url}"\nstate_url = "{server.state_url}"\ndeadline = 0.5\n'
        )
        words = ("run", "--contract", "cartesia", "--target", "s", "--config", "c.toml", "--report", tmp_path)
        ended = conformance(*words, cwd=tmp_path, CONFORMANCE_API_KEY=server.api_key)
    assert ended.code == 10
    assert "the deadline of 0.5 seconds had passed" in ended.out


def test_a_path_prefix_is_kept(tmp_path: Path) -> None:
    with serving(lambda _: (404, {}, b"")) as server:
        words = ("run", "--contract", "cartesia", "--target", f"{server.url}/gate/v1", "--examples", "1")
        conformance(
            *words, "--select", "delete.unknown", "--report", tmp_path, cwd=tmp_path, CONFORMANCE_API_KEY="sk_12345678"
        )
        assert server.asked
        assert all(asked.path.startswith("/gate/v1/agents/calls") for asked in server.asked)


def test_extra_headers_and_a_named_variable_are_sent(tmp_path: Path) -> None:
    with serving(lambda _: (404, {}, b"")) as server:
        (tmp_path / "c.toml").write_text(
            f'[targets.s]\nurl = "{server.url}"\napi_key_env = "MY_KEY"\n'
            '[targets.s.headers]\nX-Team = "privacy-team-secret"\n'
        )
        words = ("run", "--contract", "cartesia", "--target", "s", "--config", "c.toml", "--examples", "1")
        ended = conformance(
            *words, "--select", "delete.unknown", "--report", tmp_path, cwd=tmp_path, MY_KEY="sk_mine_12345"
        )
        sent = [asked for asked in server.asked if asked.method == "DELETE"]
    assert {asked.headers.get("x-team") for asked in sent} == {"privacy-team-secret"}
    assert {asked.headers.get("authorization") for asked in sent} == {"Bearer sk_mine_12345", "Bearer "}
    written = ended.said + (tmp_path / "cartesia" / "results.jsonl").read_text()
    assert "sk_mine_12345" not in written
    assert "privacy-team-secret" not in written


@pytest.mark.long
@pytest.mark.parametrize("how", ["passing", "failing", "echoing", "redirecting", "crashing"])
def test_no_sentinel_is_written(how: str, tmp_path: Path) -> None:
    """Credentials and content of given calls reach no file, terminal line or JUnit, however the run goes."""
    key = "sk_car_SENTINELKEY0123456789"
    record: dict[str, Any] = {
        "id": "ac_given0000000000000001",
        "agent_id": "agent_1",
        "status": "completed",
        "redacted_at": None,
    }
    record |= {"summary": given.SENTINELS["summary"], "metadata": {"note": given.SENTINELS["metadata"]}}
    record |= {
        "transcript": [
            {"role": "user", "text": given.SENTINELS["transcript"], "start_timestamp": 0, "end_timestamp": 1}
        ]
    }
    json_type = {"content-type": "application/json"}

    def answer(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        if how == "redirecting":
            return 302, {"location": f"http://127.0.0.1:9/?key={key}&note={given.SENTINELS['summary']}"}, b""
        if how == "crashing" and asked.method == "DELETE":
            return 500, json_type, json.dumps({"trace": f"{asked.headers} {record}"}).encode()
        if asked.method == "DELETE" and how == "echoing":
            return 400, json_type, json.dumps({"message": f"{asked.headers} {json.dumps(record)}"}).encode()
        if asked.headers.get("authorization") != f"Bearer {key}":
            return 401, json_type, b'{"message": "no"}'
        if record["id"] not in asked.path or asked.path.endswith(("audio", "logs", "cancel")):
            return 404, json_type, b'{"message": "unknown"}'
        shown = (
            record
            if how != "passing" or asked.method == "GET"
            else {k: record[k] for k in ("id", "agent_id", "status")}
        )
        return 200, json_type, json.dumps(shown).encode()

    with serving(answer) as server:
        (tmp_path / "c.toml").write_text(
            f'[targets.s]\nurl = "{server.url}"\n[targets.s.preloaded]\ncompleted = ["{record["id"]}"]\n'
        )
        words = ("run", "--contract", "cartesia", "--target", "s", "--config", "c.toml", "--report", "r")
        ended = conformance(*words, "--examples", "2", cwd=tmp_path, CONFORMANCE_API_KEY=key)
        report = conformance("report", "r/cartesia", "--junit", "junit.xml", cwd=tmp_path)
    assert report.code == 0
    written = (
        ended.said + report.said + "".join(f.read_text() for f in tmp_path.rglob("*") if f.suffix in {".jsonl", ".xml"})
    )
    for sentinel in (key, given.SENTINELS["summary"], given.SENTINELS["metadata"], given.SENTINELS["transcript"]):
        assert sentinel not in written
        assert json.dumps(sentinel)[1:-1] not in written
        assert urllib.parse.quote(sentinel) not in written
