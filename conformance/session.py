"""The HTTP session: paced, bounded in time and size, and recording every exchange."""

import ssl
import threading
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection, RemoteDisconnected
from typing import Any, Final
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from conformance.exchange import Exchange, Request
from conformance.manners import refuse_danger
from conformance.target import Target
from conformance.watchdog import Deadline, PlainPool, SecurePool

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


class Session:
    """Sends requests to one origin; safe for use by several threads at once."""

    def __init__(self, target: Target, observe: Callable[[Exchange], None] = lambda _: None) -> None:
        self._target = target
        self._observe = observe
        self._pool = _pool_of(target)
        self._pool.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
        self._pace = threading.Lock()
        self._next_slot = 0.0

    def send(self, request: Request) -> Exchange:
        """Send a request and read the whole answer; redirects are not followed.

        429 and `Retry-After` are obeyed.

        Raises:
            Overloaded: 502, 503, 504 or 429 came again and again.
            Unreachable: no whole answer came in the target's time and size limits.
            DangerousPath: a DELETE whose path could be read as another.
        """
        refuse_danger(request)
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

    def _once(self, request: Request, *, again: bool = True) -> Exchange:
        self._wait_for_slot()
        began, clock = time.time(), time.monotonic()
        try:
            with Deadline.of(self._target.timeout) as deadline:
                answer, body = self._exchange(request, deadline)
        except (HTTPError, HTTPException, OSError, ValueError) as problem:
            if again and _was_stale(problem):
                return self._once(request, again=False)
            # The library's words may quote the URL or a header: only the kind of failure is told.
            why = self._too_slow() if deadline.passed else _kind(problem)
            raise Unreachable(f"{request.method} {urlsplit(request.url).path}: {why}") from None
        headers = tuple(answer.headers.items())
        return Exchange(request, answer.status, headers, body, began, time.monotonic() - clock)

    def _exchange(self, request: Request, deadline: Deadline) -> tuple[urllib3.BaseHTTPResponse, bytes]:
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

    def _bounded(self, answer: urllib3.BaseHTTPResponse, deadline: Deadline) -> bytes:
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

    def _hold_to_limits(self, size: int, deadline: Deadline) -> None:
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
        connection = _unpooled(self._target, parts.netloc, secure=parts.scheme == "https")
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


def _pool_of(target: Target) -> urllib3.PoolManager:
    """Connections as the target's user wants them: trusted certificates, a client certificate, a proxy."""
    given = {"ca_certs": target.ca_bundle, "cert_file": target.client_certificate, "key_file": target.client_key}
    options: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if target.proxy is not None:
        return urllib3.ProxyManager(target.proxy, maxsize=16, retries=False, headers={}, **options)
    return urllib3.PoolManager(maxsize=16, retries=False, headers={}, **options)


def _unpooled(target: Target, host: str, *, secure: bool) -> HTTPConnection:
    """A connection of its own, to be broken; it trusts whom the others trust. A proxy would not pass the break on."""
    if not secure:
        return HTTPConnection(host, timeout=target.timeout)
    context = ssl.create_default_context(cafile=target.ca_bundle)
    if target.client_certificate is not None:
        context.load_cert_chain(target.client_certificate, target.client_key)
    return HTTPSConnection(host, timeout=target.timeout, context=context)


def _was_stale(problem: BaseException) -> bool:
    """Whether the server had closed a kept connection just as it was used again: no fault of the request."""
    causes = (problem, problem.__cause__, problem.__context__, *getattr(problem, "args", ()))
    return any(isinstance(cause, RemoteDisconnected | ConnectionResetError | BrokenPipeError) for cause in causes)


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
