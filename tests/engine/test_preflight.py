"""A misdirected run ends in one line, before the first requirement; everything else reaches the rules."""

from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.reference.server import Reference
from conformance.results.files import read
from tests.commanding import Ended
from tests.support import Answer, Asked, conformance, raw_server, serving, unused_port

KEY = "sk_test_sentinel_0123456789"
JSON = {"content-type": "application/json"}
PAGE = b"<!doctype html><html><title>Sign in</title></html>"

Answering = Callable[[Asked], Answer]


def state_or(answer: Answer, *, state: Answer = (200, JSON, b'{"call_id": "c_1", "call_ids": ["c_1"]}')) -> Answering:
    """A server whose state URL answers one thing and whose API another."""
    return lambda asked: state if asked.path == "/state" else answer


def checked(folder: Path, url: str, contract: str, *words: str, key: str = KEY) -> Ended:
    where = ("--target", url, "--examples", "2", "--report", str(folder))
    return conformance("run", "--contract", contract, *where, *words, cwd=folder, CONFORMANCE_API_KEY=key)


MISDIRECTED: dict[str, tuple[Answering, str]] = {
    "a wrong key, 401": (state_or((401, JSON, b"{}")), "the credential is refused"),
    "a wrong key, 403": (state_or((403, JSON, b"{}")), "the credential is refused"),
    "a login page": (state_or((200, {"content-type": "text/html"}, PAGE)), "HTML page"),
    "a redirect to one": (state_or((302, {"location": "/login"}, b"")), "a redirect"),
    "a state URL that fails": (state_or((404, JSON, b"{}"), state=(500, {}, b"")), "the state URL answered 500"),
    "a state URL that lets nobody in": (state_or((404, JSON, b"{}"), state=(401, {}, b"")), "refused with 401"),
    "a state URL without JSON": (state_or((404, JSON, b"{}"), state=(200, {}, PAGE)), "JSON object"),
}


@pytest.mark.parametrize("contract", ["cartesia", "ultravox"])
@pytest.mark.parametrize("how", MISDIRECTED)
def test_a_misdirected_run_ends_in_one_line(how: str, contract: str, tmp_path: Path) -> None:
    answer, line = MISDIRECTED[how]
    with serving(answer) as server:
        ended = checked(tmp_path, server.url, contract, "--state-url", f"{server.url}/state")
        asked = len(server.asked)
    assert ended.code == 11, ended.said
    assert "No verdict" in ended.out
    if contract == "cartesia" or "state" not in how:
        assert line in ended.out
    assert len(ended.out.splitlines()) <= 6
    assert asked < 20
    results = read(tmp_path / contract)
    assert {r.verdict for r in results.results} == {"error"}
    assert {r.reason for r in results.results} == {results.run.stopped}


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_server_without_the_operation_that_a_contract_is_about_is_another_contracts(
    status: int, tmp_path: Path
) -> None:
    with serving(lambda _: (status, JSON, b"{}")) as server:
        ended = checked(tmp_path, server.url, "ultravox")
    assert ended.code == 11
    assert "check the target's URL" in ended.out


@pytest.mark.long
@pytest.mark.parametrize("profile", ["full", "stateless", "read-only"])
def test_a_server_that_knows_nothing_is_neither_accused_nor_called_conformant(profile: str, tmp_path: Path) -> None:
    with serving(lambda _: (404, JSON, b"{}")) as server:
        ended = checked(tmp_path, server.url, "cartesia", "--profile", profile)
    assert ended.code in {0, 10}, ended.said
    results = read(tmp_path / "cartesia")
    assert results.of("fail", "warn") == ()
    assert [r.requirement for r in results.of("pass") if r.level == "MUST" and r.rule in _NEED_A_SERVER] == []


_NEED_A_SERVER = {"delete.unknown", "auth.required"}


def test_another_vendors_server_is_not_accused(tmp_path: Path) -> None:
    with Reference("ultravox") as other:
        ended = checked(tmp_path, other.url, "cartesia", "--state-url", other.state_url, key=other.api_key)
    assert ended.code in {10, 11}, ended.said
    assert read(tmp_path / "cartesia").of("fail", "warn") == ()


def test_plain_http_where_tls_is_asked_for_is_said(tmp_path: Path) -> None:
    with serving(lambda _: (200, JSON, b"{}")) as server:
        ended = checked(tmp_path, server.url.replace("http:", "https:"), "cartesia")
    assert ended.code == 11
    assert "no TLS connection" in ended.out


def test_a_closed_port_is_said_once(tmp_path: Path) -> None:
    ended = checked(tmp_path, f"http://127.0.0.1:{unused_port()}", "cartesia")
    assert ended.code == 11
    assert ended.out.count("connection refused") == 1


def test_a_server_that_is_no_http_server_is_said(tmp_path: Path) -> None:
    with raw_server(lambda connection, _: connection.sendall(b"220 mail ESMTP\r\n")) as url:
        ended = checked(tmp_path, url, "ultravox")
    assert ended.code == 11
    assert "target unreachable" in ended.out


def test_a_server_that_takes_any_key_reaches_its_rules(tmp_path: Path) -> None:
    with Reference("ultravox", faults=["any-credential-accepted"]) as server:
        ended = checked(
            tmp_path,
            server.url,
            "ultravox",
            "--state-url",
            server.state_url,
            "--select",
            "auth.required",
            "--examples",
            "16",
            key="x" * 20,
        )
    assert ended.code == 1, ended.said
    assert "ultravox.auth.required" in ended.out


def test_errors_as_html_reach_their_rules(tmp_path: Path) -> None:
    with Reference("cartesia", variants=["errors-html"]) as server:
        where = ("--state-url", server.state_url, "--select", "delete.unknown")
        ended = checked(tmp_path, server.url, "cartesia", *where, key=server.api_key)
    assert ended.code == 0, ended.said


def test_where_no_request_can_tell_the_credential_is_said_to_be_untried(tmp_path: Path) -> None:
    with Reference("cartesia") as server:
        ended = checked(tmp_path, server.url, "cartesia", "--profile", "stateless", key=server.api_key)
    assert "credential not tried" in ended.out
    assert ended.code in {0, 10}, ended.said
