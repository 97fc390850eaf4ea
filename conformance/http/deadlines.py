"""One deadline for a whole exchange: a drip of bytes resets every read's own timeout, but not this."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import BadStatusLine, HTTPResponse, parse_headers
from socket import SHUT_RDWR, socket
from typing import Any, Final

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

__all__ = ["KEPT", "ONCE", "Deadline"]

_TICK = 0.1
"""Seconds between two looks at the clock: how much later than its deadline an exchange may end."""


class Deadline:
    """Ends an exchange that takes too long, by shutting its sockets; one thread watches them all."""

    _here = threading.local()
    _watched: dict[int, "Deadline"] = {}  # noqa: RUF012 - one for the process, like the thread
    _lock = threading.Lock()
    _thread: threading.Thread | None = None

    def __init__(self, at: float) -> None:
        self.passed = False
        self.at = at
        self.sockets: list[socket] = []

    @classmethod
    @contextmanager
    def of(cls, seconds: float) -> "Iterator[Deadline]":
        """The deadline of what this thread sends and reads in the `with` block."""
        deadline = cls(time.monotonic() + seconds)
        with cls._lock:
            cls._watched[id(deadline)] = deadline
            if cls._thread is None or not cls._thread.is_alive():
                cls._thread = threading.Thread(target=cls._watch, name="conformance-watchdog", daemon=True)
                cls._thread.start()
        cls._here.deadline = deadline
        try:
            yield deadline
        finally:
            cls._here.deadline = None
            with cls._lock:
                del cls._watched[id(deadline)]

    @classmethod
    def covers(cls, connection: socket | None) -> None:
        """Let this thread's deadline end the connection too."""
        current: Deadline | None = getattr(cls._here, "deadline", None)
        if current is not None and connection is not None:
            current.sockets.append(connection)

    @classmethod
    def _watch(cls) -> None:
        while True:
            time.sleep(_TICK)
            now = time.monotonic()
            with cls._lock:
                late = [deadline for deadline in cls._watched.values() if now > deadline.at and not deadline.passed]
            for deadline in late:
                deadline.end()

    def end(self) -> None:
        """Shut every socket of the exchange."""
        self.passed = True
        for one in self.sockets:
            try:
                one.shutdown(SHUT_RDWR)
            except OSError:
                continue


_MOST_INTERIM: Final = 100
"""Interim answers before the real one; more are no HTTP that anybody speaks."""


class _FinalAnswer(HTTPResponse):
    """An answer as HTTP has it: what comes before it with a 1xx, other than 101, is not the answer (RFC 9110, 15.2)."""

    def _read_status(self) -> tuple[int, int, str]:
        for _ in range(_MOST_INTERIM):
            version, status, reason = super()._read_status()  # type: ignore[misc] # as above
            if not 100 <= status < 200 or status == 101:
                return version, status, reason
            parse_headers(self.fp)
        raise BadStatusLine("interim answers without end")


class _Plain(HTTPConnection):
    response_class = _FinalAnswer

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override] # as in urllib3 itself
        Deadline.covers(self.sock)
        return super().getresponse()


class _Secure(HTTPSConnection):
    response_class = _FinalAnswer

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override] # as in urllib3 itself
        Deadline.covers(self.sock)
        return super().getresponse()


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Secure


class _PlainOnce(_PlainPool):
    def _put_conn(self, conn: Any) -> None:
        if conn is not None:
            conn.close()


class _SecureOnce(_SecurePool):
    def _put_conn(self, conn: Any) -> None:
        if conn is not None:
            conn.close()


KEPT: Final[dict[str, type[urllib3.HTTPConnectionPool]]] = {"http": _PlainPool, "https": _SecurePool}
"""Pools, by scheme, of connections that a deadline can end."""

ONCE: Final[dict[str, type[urllib3.HTTPConnectionPool]]] = {"http": _PlainOnce, "https": _SecureOnce}
"""The same, but no connection serves twice: one that was kept may have died, and what it carried be lost."""
