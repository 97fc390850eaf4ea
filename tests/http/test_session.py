"""The HTTP session against real loopback servers: manners, limits, and what counts as no answer."""

import socket
import threading
import time
from email.utils import formatdate

import pytest

from conformance.http.exchange import Exchange, Request
from conformance.http.session import ClientSettings, Disturbance, Session
from tests.support import Answer, Asked, raw_server, read_head, serving, unused_port

OK: Answer = (200, {"content-type": "application/json"}, b'{"fine": true}')


def session(url: str, **more: float) -> Session:
    return Session(ClientSettings(**{"timeout": 3.0, **more}))  # type: ignore[arg-type] # the limits are numbers


def get(url: str, path: str = "/") -> Request:
    return Request("GET", url + path)


def test_an_exchange_holds_what_was_sent_and_answered() -> None:
    seen: list[Exchange] = []
    with serving(lambda _: (201, {"x-a": "1"}, b"body")) as server:
        request = Request("POST", server.url + "/p?q=%2F", {"x-b": "2"}, b"sent", "op")
        answer = Session(ClientSettings(), seen.append).send(request)
        asked = server.asked[0]
    assert (asked.method, asked.path, asked.headers["x-b"], asked.body) == ("POST", "/p?q=%2F", "2", b"sent")
    assert (answer.status, answer.header("X-A"), answer.body, answer.request) == (201, "1", b"body", request)
    assert seen == [answer]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_not_followed(status: int) -> None:
    with serving(lambda _: OK) as other, serving(lambda _: (status, {"location": other.url + "/x"}, b"")) as server:
        assert session(server.url).send(get(server.url)).status == status
        assert len(server.asked) == 1
        assert other.asked == []


def test_429_is_asked_again_after_as_long_as_it_says() -> None:
    def answer(asked: Asked) -> Answer:
        return OK if asked.number else (429, {"retry-after": "1"}, b"")

    with serving(answer) as server:
        began = time.monotonic()
        assert session(server.url).send(get(server.url)).status == 200
        assert time.monotonic() - began >= 1
        assert len(server.asked) == 2


def test_retry_after_may_be_a_date() -> None:
    def answer(asked: Asked) -> Answer:
        return OK if asked.number else (429, {"retry-after": formatdate(time.time() + 2, usegmt=True)}, b"")

    with serving(answer) as server:
        began = time.monotonic()
        assert session(server.url).send(get(server.url)).status == 200
        assert time.monotonic() - began >= 0.9


def test_429_without_retry_after_is_asked_again_too() -> None:
    with serving(lambda asked: OK if asked.number else (429, {}, b"")) as server:
        assert session(server.url).send(get(server.url)).status == 200


def test_429_for_good_is_tried_five_times_and_each_time_seen() -> None:
    seen: list[int] = []
    with serving(lambda _: (429, {"retry-after": "0"}, b"")) as server:
        with pytest.raises(Disturbance, match="429 again and again"):
            Session(ClientSettings(), lambda exchange: seen.append(exchange.status)).send(get(server.url))
        assert len(server.asked) == 5
    assert seen == [429] * 5


@pytest.mark.parametrize("status", [502, 503, 504])
@pytest.mark.parametrize("wait", [None, "7"])
def test_a_gateway_error_is_a_disturbance_at_once_and_never_asked_again(status: int, wait: str | None) -> None:
    headers = {"retry-after": wait} if wait else {}
    with serving(lambda _: (status, headers, b"")) as server:
        with pytest.raises(Disturbance, match=f"answered {status}") as disturbance:
            session(server.url).send(get(server.url))
        assert len(server.asked) == 1
    assert disturbance.value.wait == float(wait or 0)


def after_one_answer(connection: socket.socket, _: threading.Event) -> None:
    """Answer once as if more could follow, then close without a word while the next request is under way."""
    read_head(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    read_head(connection)


@pytest.mark.parametrize("method", ["DELETE", "POST", "PUT", "PATCH"])
def test_an_unsafe_request_never_goes_out_on_a_kept_connection(method: str) -> None:
    connections = []

    def behave(connection: socket.socket, stop: threading.Event) -> None:
        connections.append(connection)
        after_one_answer(connection, stop)

    with raw_server(behave) as url:
        one = session(url)
        for _ in range(3):
            assert one.send(Request(method, url)).status == 200
    assert len(connections) == 3


def test_a_dropped_unsafe_request_is_a_disturbance_and_is_not_sent_again() -> None:
    heads = []

    def behave(connection: socket.socket, _: threading.Event) -> None:
        heads.append(read_head(connection))

    with raw_server(behave) as url, pytest.raises(Disturbance, match="connection broken"):
        session(url).send(Request("DELETE", url, operation="op"))
    assert len(heads) == 1


def test_a_safe_request_on_a_connection_that_died_goes_out_anew_and_is_counted() -> None:
    lost: list[Request] = []
    with raw_server(after_one_answer) as url:
        one = Session(ClientSettings(), lost=lost.append)
        assert [one.send(get(url)).status for _ in range(4)] == [200] * 4
    # From then on no connection to such a server is kept.
    assert len(lost) == 1


@pytest.mark.parametrize("interim", [b"103 Early Hints", b"102 Processing", b"199 What"])
def test_what_comes_before_the_answer_is_not_the_answer(interim: bytes) -> None:
    def behave(connection: socket.socket, _: threading.Event) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 " + interim + b"\r\nLink: </a>\r\n\r\n")
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    with raw_server(behave) as url:
        answer = session(url).send(get(url))
    assert (answer.status, answer.body) == (200, b"ok")


def test_a_wait_of_more_than_half_a_minute_is_not_waited_for() -> None:
    with serving(lambda _: (429, {"retry-after": "86400"}, b"")) as server:
        began = time.monotonic()
        with pytest.raises(Disturbance):
            session(server.url).send(get(server.url))
        assert time.monotonic() - began < 2


def test_a_plain_500_is_an_answer() -> None:
    with serving(lambda _: (500, {}, b"")) as server:
        assert session(server.url).send(get(server.url)).status == 500
        assert len(server.asked) == 1


def test_the_rate_is_kept_by_several_threads_together() -> None:
    with serving(lambda _: OK) as server:
        paced = session(server.url, rate=20.0)
        began = time.monotonic()
        threads = [threading.Thread(target=paced.send, args=(get(server.url),)) for _ in range(7)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert time.monotonic() - began >= 6 / 20
        assert len(server.asked) == 7


def test_an_answer_larger_than_the_limit_is_no_answer() -> None:
    with serving(lambda _: (200, {}, b"x" * 5000)) as server:
        with pytest.raises(Disturbance, match="more than 4096 bytes"):
            session(server.url, max_answer_bytes=4096).send(get(server.url))
        assert len(session(server.url, max_answer_bytes=5000).send(get(server.url)).body) == 5000


def drip(head: bytes, part: bytes) -> "Disturbance":
    def behave(connection: socket.socket, stop: threading.Event) -> None:
        read_head(connection)
        connection.sendall(head)
        while not stop.wait(0.2):
            connection.sendall(part)

    with raw_server(behave) as url:
        began = time.monotonic()
        with pytest.raises(Disturbance) as refusal:
            session(url, timeout=1.0).send(get(url))
        assert time.monotonic() - began < 2.5
        return refusal.value


@pytest.mark.parametrize(
    ("head", "part"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
    ],
    ids=["status", "one header", "headers", "continues", "hints", "endless", "body", "chunks", "chunk size"],
)
def test_a_drip_ends_at_the_deadline_wherever_it_drips(head: bytes, part: bytes) -> None:
    assert "did not end in 1 seconds" in str(drip(head, part))


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"", "connection broken"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "connection broken"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", "truncated"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "truncated|connection broken"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope", "connection broken"),
    ],
)
def test_half_an_answer_or_none_is_no_answer(answer: bytes, why: str) -> None:
    def behave(connection: socket.socket, _: threading.Event) -> None:
        read_head(connection)
        connection.sendall(answer)

    with raw_server(behave) as url, pytest.raises(Disturbance, match=why):
        session(url).send(get(url))


def test_a_server_that_never_answers_is_waited_for_no_longer_than_the_timeout() -> None:
    def behave(_: socket.socket, stop: threading.Event) -> None:
        stop.wait(20)

    with raw_server(behave) as url:
        began = time.monotonic()
        with pytest.raises(Disturbance):
            session(url, timeout=0.5).send(get(url))
        assert time.monotonic() - began < 2


def test_nobody_listening_is_told_as_such() -> None:
    url = f"http://127.0.0.1:{unused_port()}"
    with pytest.raises(Disturbance, match="connection refused"):
        session(url).send(get(url))


def test_the_words_of_a_failure_hold_neither_query_nor_credential() -> None:
    url = f"http://127.0.0.1:{unused_port()}"
    with pytest.raises(Disturbance) as failure:
        session(url).send(Request("GET", f"{url}/a?key=s3cret", {"Authorization": "Bearer s3cret"}))
    assert "s3cret" not in str(failure.value)


def test_hang_up_sends_the_request_and_leaves_the_answer_unread() -> None:
    came = threading.Event()

    def answer(asked: Asked) -> Answer:
        came.set()
        time.sleep(0.3)
        return 200, {}, asked.body

    with serving(answer) as server:
        began = time.monotonic()
        session(server.url).hang_up(Request("DELETE", server.url + "/c", {"x-a": "1"}), 0.05)
        assert time.monotonic() - began < 0.3
        assert came.wait(2)
        assert (server.asked[0].method, server.asked[0].path, server.asked[0].headers["x-a"]) == ("DELETE", "/c", "1")


def test_hang_up_on_nobody_is_unreachable() -> None:
    url = f"http://127.0.0.1:{unused_port()}"
    with pytest.raises(Disturbance):
        session(url).hang_up(get(url), 0)
