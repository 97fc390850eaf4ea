"""The HTTP session: paced, bounded in time and size, and telling of every exchange."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http.client import HTTPException, RemoteDisconnected
from typing import Final

import urllib3
from urllib3.exceptions import HTTPError, ReadTimeoutError

from conformance.contracts.pointer import JsonObject
from conformance.http.deadlines import KEPT, ONCE, Deadline
from conformance.http.exchange import Exchange, Request
from conformance.http.safety import refuse_unsafe

__all__ = ["DISTURBANCES", "SAFE", "ClientSettings", "Disturbance", "Session"]

SAFE: Final = frozenset({"GET", "HEAD"})
"""Methods that change nothing (DESIGN, 12)."""
DISTURBANCES: Final = frozenset({502, 503, 504})
"""Statuses that say nothing of the target's promises, only of the way there (DESIGN, 7)."""

_CHUNK: Final = 64 * 1024
_PATIENCE: Final = 5
"""How often a 429 is tried again."""
_LONGEST_WAIT: Final = 30.0
"""Seconds of a Retry-After that are obeyed in full; a longer one ends the request."""
_SHORTEST_LOOK: Final = 0.001
"""Seconds that a request which is hung up on is given to go out."""


class Disturbance(Exception):
    """What networks do by themselves: no whole answer came, or a 502, 503, 504, or a 429 that did not end.

    `wait` are the seconds that the answer asked to stay away for. The words hold nothing that a target wrote.
    """

    def __init__(self, request: Request, why: str, wait: float = 0.0) -> None:
        self.what = f"{request.method} {request.operation}".rstrip()
        self.why = why
        self.wait = wait
        super().__init__(f"{self.what}: {why}")


@dataclass(frozen=True)
class ClientSettings:
    """How the HTTP client treats an origin: seconds until it gives up, bytes of an answer, requests a second.

    `ca_bundle`, `client_certificate` and `client_key` are files, `proxy` is a URL.
    """

    timeout: float = 10.0
    max_answer_bytes: int = 16 * 1024 * 1024
    rate: float | None = None
    ca_bundle: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None
    proxy: str | None = field(default=None, repr=False)


class Session:
    """Sends requests to one origin; safe for use by several threads at once.

    `observe` is told of every exchange, `lost` of every request to which no whole answer came.
    """

    def __init__(
        self,
        settings: ClientSettings,
        observe: Callable[[Exchange], None] = lambda _: None,
        lost: Callable[[Request], None] = lambda _: None,
    ) -> None:
        self._settings = settings
        self._observe = observe
        self._lost = lost
        self._kept, self._once_only = _pool_of(settings), _pool_of(settings)
        self._kept.pool_classes_by_scheme = KEPT
        self._once_only.pool_classes_by_scheme = ONCE
        self._keeps = True
        self._pace = threading.Lock()
        self._next_slot = 0.0

    def send(self, request: Request) -> Exchange:
        """Send a request and read the whole answer; redirects are not followed, 429 and `Retry-After` are obeyed.

        Raises:
            Disturbance: no whole answer came in the target's time and size limits, or 502, 503, 504, or 429 for good.
            UnsafePath: the path could be read as another.
        """
        refuse_unsafe(request)
        for attempt in range(_PATIENCE):
            exchange = self._answered(request)
            self._observe(exchange)
            wait = _retry_after(exchange)
            if exchange.status in DISTURBANCES:
                raise Disturbance(request, f"answered {exchange.status}", min(wait or 0.0, _LONGEST_WAIT))
            if exchange.status != 429:
                return exchange
            if (wait or 0) > _LONGEST_WAIT or attempt == _PATIENCE - 1:
                break
            time.sleep(wait if wait is not None else 0.5 * 2**attempt)
        raise Disturbance(request, "answered 429 again and again")

    def _answered(self, request: Request) -> Exchange:
        """The whole answer. A safe request that met a kept connection which had died is asked for on a new one."""
        safe = request.method in SAFE
        if not (safe and self._keeps):
            return self._once(request, self._once_only)
        try:
            return self._once(request, self._kept)
        except _Died:
            # This target closes connections without a word: none is kept from now on.
            self._keeps = False
            return self._once(request, self._once_only)

    def _once(self, request: Request, pool: urllib3.PoolManager) -> Exchange:
        self._wait_for_slot()
        began, clock = time.time(), time.monotonic()
        try:
            with Deadline.of(self._settings.timeout) as deadline:
                answer, body = self._exchange(request, pool, deadline)
        except (HTTPError, HTTPException, OSError, ValueError) as problem:
            self._lost(request)
            died = pool is self._kept and _was_closed(problem) and not deadline.passed
            # The library's words may quote the URL or a header: only the kind of failure is told.
            why = self._too_slow() if deadline.passed else _kind(problem)
            raise (_Died if died else Disturbance)(request, why) from None
        except Disturbance:
            self._lost(request)
            raise
        headers = tuple(answer.headers.items())
        return Exchange(request, answer.status, headers, body, began, time.monotonic() - clock)

    def _exchange(
        self, request: Request, pool: urllib3.PoolManager, deadline: Deadline
    ) -> tuple[urllib3.BaseHTTPResponse, bytes]:
        answer = self._opened(request, pool, self._settings.timeout)
        return answer, self._bounded(request, answer, deadline)

    def _opened(self, request: Request, pool: urllib3.PoolManager, read: float) -> urllib3.BaseHTTPResponse:
        """The answer up to its headers, which must begin within `read` seconds."""
        return pool.urlopen(
            request.method,
            request.url,
            body=request.body,
            headers=dict(request.headers),
            redirect=False,
            preload_content=False,
            timeout=urllib3.Timeout(connect=min(5.0, self._settings.timeout), read=read),
        )

    def _bounded(self, request: Request, answer: urllib3.BaseHTTPResponse, deadline: Deadline) -> bytes:
        """Read the body within the limits; give the connection back, or close it."""
        parts: list[bytes] = []
        size = 0
        try:
            while part := answer.read1(_CHUNK):
                parts.append(part)
                size += len(part)
                self._hold_to_limits(request, size, deadline)
            # A body that runs to the end of the connection ends where the deadline cut it.
            self._hold_to_limits(request, size, deadline)
        except BaseException:
            answer.close()
            raise
        answer.release_conn()
        return b"".join(parts)

    def _hold_to_limits(self, request: Request, size: int, deadline: Deadline) -> None:
        if size > self._settings.max_answer_bytes:
            raise Disturbance(request, f"an answer of more than {self._settings.max_answer_bytes} bytes")
        if deadline.passed:
            raise Disturbance(request, self._too_slow())

    def _too_slow(self) -> str:
        return f"an answer that did not end in {self._settings.timeout:g} seconds"

    def _wait_for_slot(self) -> None:
        if self._settings.rate is None:
            return
        with self._pace:
            now = time.monotonic()
            slot = max(self._next_slot, now)
            self._next_slot = slot + 1 / self._settings.rate
        time.sleep(max(0.0, slot - now))

    def hang_up(self, request: Request, after: float) -> None:
        """Send a request and close the connection unread, `after` seconds later or when an answer begins.

        Raises:
            Disturbance: the request could not even be sent.
            UnsafePath: the path could be read as another.
        """
        refuse_unsafe(request)
        self._wait_for_slot()
        try:
            self._opened(request, self._once_only, max(after, _SHORTEST_LOOK)).close()
        except ReadTimeoutError:
            pass
        except (HTTPError, HTTPException, OSError, ValueError) as problem:
            # A connection that broke after the request had gone out is what was wanted.
            if not _was_closed(problem):
                raise Disturbance(request, _kind(problem)) from None
        finally:
            self._lost(request)

    def close(self) -> None:
        """Close every connection."""
        self._kept.clear()
        self._once_only.clear()


class _Died(Disturbance):
    """A kept connection was closed before an answer to the request began."""


def _pool_of(settings: ClientSettings) -> urllib3.PoolManager:
    """Connections as the target's user wants them: trusted certificates, a client certificate, a proxy."""
    given = {"ca_certs": settings.ca_bundle, "cert_file": settings.client_certificate, "key_file": settings.client_key}
    options: JsonObject = {name: value for name, value in given.items() if value is not None}
    if settings.proxy is not None:
        return urllib3.ProxyManager(settings.proxy, maxsize=16, retries=False, headers={}, **options)
    return urllib3.PoolManager(maxsize=16, retries=False, headers={}, **options)


def _was_closed(problem: BaseException) -> bool:
    """Whether the other side had closed the connection before it answered."""
    causes = (problem, problem.__cause__, problem.__context__, *getattr(problem, "args", ()))
    return any(isinstance(cause, RemoteDisconnected | ConnectionResetError | BrokenPipeError) for cause in causes)


def _retry_after(exchange: Exchange) -> float | None:
    stated = exchange.header("retry-after")
    if stated is None or (stated.isascii() and stated.isdecimal()):
        return float(stated) if stated else None
    try:
        return max(0.0, parsedate_to_datetime(stated).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None


_KINDS: Final = {
    "NewConnectionError": "connection refused",
    "ConnectTimeoutError": "no connection in time",
    "ReadTimeoutError": "no answer in time",
    "IncompleteRead": "a truncated answer",
    "NameResolutionError": "unknown host",
    "LocationParseError": "no usable URL",
    "SSLError": "no TLS connection (is it plain HTTP, or a certificate that is not trusted?)",
    "ProxyError": "the proxy did not connect",
}


def _kind(problem: BaseException) -> str:
    for name in (type(problem).__name__, type(problem.__cause__).__name__, type(problem.__context__).__name__):
        if name in _KINDS:
            return _KINDS[name]
    return f"connection broken ({type(problem).__name__})"
