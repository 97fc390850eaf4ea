"""Servers at their worst: a run ends in bounded time, with the right exit code, a results file, and no traceback."""

import gzip
import json
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.reference.server import Reference
from conformance.results.files import read
from tests.safety.processes import running, until
from tests.support import KEY, Answer, conformance, flags, raw_server, read_head, result_file, serving

BOUND = 30
"""Seconds within which a run against any server must end; each takes a few."""

LOOKING = ("delete.unknown", "auth.required", "redact.already")
"""Rules that look hard; the schema of every answer is looked at by the way."""

Behaviour = Callable[[socket.socket, threading.Event], None]

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def each_request(answer: bytes) -> Behaviour:
    """Answer every request of a connection with these bytes, and hang up."""

    def behave(connection: socket.socket, _: threading.Event) -> None:
        if read_head(connection):
            connection.sendall(answer)

    return behave


def streams(connection: socket.socket, stop: threading.Event) -> None:
    read_head(connection)
    connection.sendall(HEAD + b"\r\n")
    while not stop.is_set():
        connection.sendall(b" " * 65536)


def announces_a_gigabyte(connection: socket.socket, stop: threading.Event) -> None:
    read_head(connection)
    connection.sendall(HEAD + b"Content-Length: 1073741824\r\n\r\n")
    for _ in range(16384):
        if stop.is_set():
            return
        connection.sendall(b" " * 65536)


def never_answers(connection: socket.socket, stop: threading.Event) -> None:
    read_head(connection)
    stop.wait(BOUND)


def drips_headers(connection: socket.socket, stop: threading.Event) -> None:
    read_head(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not stop.wait(0.9):
        connection.sendall(b"x")


def closes_at_once(connection: socket.socket, _: threading.Event) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def with_length(body: bytes, *more: bytes) -> bytes:
    return HEAD + b"".join(more) + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body


BOMB = gzip.compress(b" " * 50_000_000)

HTML = b"<!doctype html><title>Welcome</title>"

MODES: dict[str, tuple[Behaviour, int]] = {
    "streams for ever": (streams, 11),
    "announces a gigabyte": (announces_a_gigabyte, 11),
    "never answers": (never_answers, 11),
    "drips headers": (drips_headers, 11),
    "closes at once": (closes_at_once, 11),
    "truncated body": (each_request(HEAD + b"Content-Length: 500\r\n\r\n{}"), 11),
    "gzip bomb": (each_request(with_length(BOMB, b"Content-Encoding: gzip\r\n")), 11),
    "not HTTP at all": (each_request(b"220 mail.example ESMTP ready\r\n"), 11),
    "HTML": (each_request(with_length(HTML).replace(b"application/json", b"text/html")), 11),
    "nothing": (each_request(with_length(b"")), 1),
    "invalid UTF-8": (each_request(with_length(b'{"id": "\xff\xfe"}')), 1),
    "half characters": (each_request(with_length(rb'{"\ud800": "\udfff"}')), 1),
    "deep": (each_request(with_length(b'{"a":' * 900 + b"1" + b"}" * 900)), 1),
    "control characters": (each_request(with_length(b"{}", b"X-Odd: \x1b[31m\r\n")), 1),
}


def hostile_run(url: str, folder: Path, *rules: str, within: float = BOUND) -> tuple[int, str]:
    (folder / "conformance.toml").write_text(
        f"[targets.hostile]\nurl = '{url}'\ntimeout = 1\nmax_answer_bytes = 200000\n"
    )
    words = ("run", "--contract", "cartesia", "--target", "hostile", "--examples", "2", "--report", str(folder))
    ended = conformance(*words, *flags("--select", rules), cwd=folder, within=within, CONFORMANCE_API_KEY=KEY)
    assert "Traceback" not in ended.said
    assert "INTERNALERROR" not in ended.said
    assert KEY not in ended.said + result_file(folder).read_text("utf-8")
    return ended.code, ended.said


@pytest.mark.parametrize("mode", MODES)
def test_a_hostile_server_is_judged_in_bounded_time(mode: str, tmp_path: Path) -> None:
    behave, code = MODES[mode]
    with raw_server(behave) as url:
        # Where nothing is answered, all that needs no state is tried; else those that look hardest.
        generated = ("schema.response",) if mode == "deep" else ()
        seen, said = hostile_run(url, tmp_path, *((*LOOKING, *generated) if code == 1 else ()))
    assert seen == code, said
    results = read(tmp_path / "cartesia")
    assert results.end.exit_code == code
    assert results.end.overall == ("error" if code == 11 else "non-conformant")
    if code == 11:
        assert [r.requirement for r in results.results if r.findings] == [], "a broken connection is no finding"
        assert results.of("pass") == ()
    for line in results.lines():
        json.dumps(line.as_json()).encode()


def test_a_record_of_wrong_types_is_a_finding_and_breaks_no_other_rule(tmp_path: Path) -> None:
    with Reference("cartesia", faults=["timestamp-as-text"]) as server:
        where = ("--target", server.url, "--state-url", server.state_url, "--report", str(tmp_path))
        only = flags("--select", ["delete.only-this-call", "schema.response"])
        words = ("run", "--contract", "cartesia", *where, "--seed", "1", *only, "--examples", "16")
        ended = conformance(*words, cwd=tmp_path, CONFORMANCE_API_KEY=server.api_key)
    assert ended.code == 0, ended.said
    seen = {line.requirement: line.verdict for line in read(tmp_path / "cartesia").results}
    assert seen["cartesia.delete.only-this-call"] == "pass"
    assert "warn" in seen.values(), "schema.response has the wrong type, as a SHOULD"


@pytest.mark.parametrize("elsewhere", [False, True])
@pytest.mark.parametrize("status", [302, 307])
def test_a_redirect_ends_the_run_and_takes_no_credential_along(elsewhere: bool, status: int, tmp_path: Path) -> None:
    with serving(lambda _: (200, {}, b"{}")) as other:

        def answer(_: object) -> Answer:
            return status, {"location": f"{other.url if elsewhere else ''}/agents/calls/x"}, b""

        with serving(answer) as server:
            code, said = hostile_run(server.url, tmp_path, *LOOKING)
    assert code == 11, said
    assert f"answered {status}, a redirect" in said
    assert other.asked == []
    assert server.asked


def test_an_interrupted_run_keeps_what_was_found_and_ends_its_file(tmp_path: Path) -> None:
    slow = threading.Event()

    def answer(_: object) -> Answer:
        if len(server.asked) > 30:
            slow.wait(0.5)
        return 200, {"content-type": "application/json"}, b'{"id": 5}'

    with serving(answer) as server:
        words = ["run", "--contract", "cartesia", "--target", server.url, "--examples", "200", "--report", "."]
        with running(*words, cwd=tmp_path, CONFORMANCE_API_KEY=KEY) as run:
            assert until(lambda: len(server.asked) >= 34, 20), run.said
            run.tell(signal.SIGINT)
            assert run.ended(BOUND) == 2, run.said
        slow.set()
    assert "interrupted" in run.said
    assert "Traceback" not in run.said
    results = read(tmp_path / "cartesia")
    assert results.end.exit_code == 2
    assert results.of("fail"), "what was found so far is kept"
    not_run = [r for r in results.results if r.reason == "not run"]
    assert not_run
    assert {r.verdict for r in not_run} == {"untestable"}
