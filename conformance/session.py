"""The HTTP session: paced, bounded in time and size, and recording every exchange."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from socket import SHUT_RDWR, socket
from typing import Final
from urllib.parse import urlsplit

import urllib3
from urllib3.connection import HTTPConnection as PlainConnection
from urllib3.connection import HTTPSConnection as SecureConnection
from urllib3.exceptions import HTTPError

from conformance.exchange import Exchange, Request
from conformance.target import Target

__all__ = ["Overloaded", "Session", "Unreachable"]

_CHUNK: Final = 64 * 1024
_PATIENCE: Final = 5
"""How often a 429, or a 503 that says when to come back, is tried again."""
_LONGEST_WAIT: Final = 30.0
"""Seconds of a Retry-After that are obeyed in full; a longer one is an error of the run."""


class Unreachable(Exception):
    """No whole answer came: refused, dropped, timed out, truncated, endless, or not HTTP."""


class Overloaded(Unreachable):
    """The target, or what stands before it, answered 429, 502, 503 or 504 for good."""


class _Deadline:
    """Ends an exchange that takes too long, however it spends the time: a drip resets every read's own timeout."""

    _now = threading.local()

    def __init__(self) -> None:
        self.passed = False
        self.sockets: list[socket] = []

    @classmethod
    def watch(cls, connection: socket | None) -> None:
        """Let this thread's deadline end the connection."""
        current: _Deadline | None = getattr(cls._now, "deadline", None)
        if current is not None and connection is not None:
            current.sockets.append(connection)

    def _end(self) -> None:
        self.passed = True
        for one in self.sockets:
            try:
                one.shutdown(SHUT_RDWR)
            except OSError:
                continue

    @classmethod
    @contextmanager
    def of(cls, seconds: float) -> "Iterator[_Deadline]":
        """The deadline of what this thread sends and reads in the `with` block."""
        deadline = cls()
        timer = threading.Timer(seconds, deadline._end)
        timer.daemon = True
        timer.start()
        cls._now.deadline = deadline
        try:
            yield deadline
        finally:
            timer.cancel()
            cls._now.deadline = None


class _Plain(PlainConnection):
    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override] # as in urllib3 itself
        _Deadline.watch(self.sock)
        return super().getresponse()


class _Secure(SecureConnection):
    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override] # as in urllib3 itself
        _Deadline.watch(self.sock)
        return super().getresponse()


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Secure


class Session:
    """Sends requests to one origin; safe for use by several threads at once."""

    def __init__(self, target: Target, observe: Callable[[Exchange], None] = lambda _: None) -> None:
        self._target = target
        self._observe = observe
        self._pool = urllib3.PoolManager(maxsize=16, retries=False, headers={})
        self._pool.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
        self._pace = threading.Lock()
        self._next_slot = 0.0

    def send(self, request: Request) -> Exchange:
        """Send a request and read the whole answer; redirects are not followed.

        429 and `Retry-After` are obeyed.

        Raises:
            Overloaded: 502, 503, 504 or 429 came again and again.
            Unreachable: no whole answer came in the target's time and size limits.
        """
        for attempt in range(_PATIENCE):
            exchange = self._once(request)
            self._observe(exchange)
            if exchange.status not in {429, 502, 503, 504}:
                return exchange
            wait = _retry_after(exchange)
            if wait is None and exchange.status != 429:
                break
            if (wait or 0) > _LONGEST_WAIT or attempt == _PATIENCE - 1:
                break
            time.sleep(wait if wait is not None else 0.5 * 2**attempt)
        raise Overloaded(f"{request.method} {urlsplit(request.url).path} answered {exchange.status}")

    def _once(self, request: Request) -> Exchange:
        self._wait_for_slot()
        began, clock = time.time(), time.monotonic()
        try:
            with _Deadline.of(self._target.timeout) as deadline:
                answer, body = self._exchange(request, deadline)
        except (HTTPError, HTTPException, OSError, ValueError) as problem:
            # The library's words may quote the URL or a header: only the kind of failure is told.
            why = self._too_slow() if deadline.passed else _kind(problem)
            raise Unreachable(f"{request.method} {urlsplit(request.url).path}: {why}") from None
        headers = tuple(answer.headers.items())
        return Exchange(request, answer.status, headers, body, began, time.monotonic() - clock)

    def _exchange(self, request: Request, deadline: _Deadline) -> tuple[urllib3.BaseHTTPResponse, bytes]:
        answer = self._pool.urlopen(
            request.method,
            request.url,
            body=request.body,
            headers=dict(request.headers),
            redirect=False,
            preload_content=False,
            timeout=urllib3.Timeout(connect=min(5.0, self._target.timeout), read=self._target.timeout),
        )
        return answer, self._bounded(answer, deadline)

    def _bounded(self, answer: urllib3.BaseHTTPResponse, deadline: _Deadline) -> bytes:
        """Read the body within the limits; give the connection back, or close it."""
        parts: list[bytes] = []
        size = 0
        try:
            while part := answer.read1(_CHUNK):
                parts.append(part)
                size += len(part)
                self._hold_to_limits(size, deadline)
            # A body that runs to the end of the connection ends where the deadline cut it.
            self._hold_to_limits(size, deadline)
        except BaseException:
            answer.close()
            raise
        answer.release_conn()
        return b"".join(parts)

    def _hold_to_limits(self, size: int, deadline: _Deadline) -> None:
        if size > self._target.max_answer_bytes:
            raise Unreachable(f"an answer of more than {self._target.max_answer_bytes} bytes")
        if deadline.passed:
            raise Unreachable(self._too_slow())

    def _too_slow(self) -> str:
        return f"an answer that did not end in {self._target.timeout:g} seconds"

    def _wait_for_slot(self) -> None:
        if self._target.rate is None:
            return
        with self._pace:
            now = time.monotonic()
            slot = max(self._next_slot, now)
            self._next_slot = slot + 1 / self._target.rate
        time.sleep(max(0.0, slot - now))

    def hang_up(self, request: Request, after: float) -> None:
        """Send a request and close the connection unread, `after` seconds later.

        Raises:
            Unreachable: the request could not even be sent.
        """
        self._wait_for_slot()
        parts = urlsplit(request.url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.netloc, timeout=self._target.timeout)
        try:
            connection.request(request.method, parts.path, request.body, dict(request.headers))
            time.sleep(after)
        except (HTTPException, OSError) as problem:
            raise Unreachable(f"{request.method} {parts.path}: {_kind(problem)}") from None
        finally:
            connection.close()

    def close(self) -> None:
        """Close every connection."""
        self._pool.clear()


def _retry_after(exchange: Exchange) -> float | None:
    stated = exchange.header("retry-after")
    if stated is None or stated.isdecimal():
        return float(stated) if stated else None
    try:
        return max(0.0, parsedate_to_datetime(stated).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _kind(problem: BaseException) -> str:
    names = {
        "NewConnectionError": "connection refused",
        "ConnectTimeoutError": "no connection in time",
        "ReadTimeoutError": "no answer in time",
        "IncompleteRead": "a truncated answer",
        "NameResolutionError": "unknown host",
        "LocationParseError": "no usable URL",
    }
    for name in (type(problem).__name__, type(problem.__cause__).__name__, type(problem.__context__).__name__):
        if name in names:
            return names[name]
    return f"connection broken ({type(problem).__name__})"
