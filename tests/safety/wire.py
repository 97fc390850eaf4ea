"""A way to a server that does what networks, balancers and proxies do by themselves."""

import random
import re
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final
from urllib.parse import urlsplit

QUIRKS: Final = (
    "resets before", "resets after", "503", "503 retry 0", "503 retry 1", "early hints", "late", "closes", "truncates",
)  # fmt: skip
_RESETS, _GATEWAY, _CUT, _LATE = 0.02, 0.01, 0.01, 0.05
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Wire:
    """Hands requests on to a server and answers back, with one quirk; `happened` counts what it did."""

    def __init__(self, upstream: str, quirk: str, seed: int = 1) -> None:
        parts = urlsplit(upstream)
        self._to = (parts.hostname or "", parts.port or 80)
        self.quirk = quirk
        self.happened: Counter[str] = Counter()
        self.requests: list[bytes] = []
        self.dead = threading.Event()
        self._dropped: set[bytes] = set()
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """Accept nothing any more."""
        self.dead.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while not self.dead.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(20)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(OSError), connection, socket.create_connection(self._to) as upstream:
            upstream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while (request := _message(connection)) and not self.dead.is_set():
                with self._lock:
                    self.requests.append(request.partition(b"\r\n")[0])
                if not self._one(request, connection, upstream):
                    return

    def _chance(self, of: float, what: str) -> bool:
        with self._lock:
            hit = self._random.random() < of
            self.happened[what] += hit
            return hit

    def _one(self, request: bytes, connection: socket.socket, upstream: socket.socket) -> bool:
        """Hand one request on; whether the connection stays."""
        method, path, _ = request.split(b" ", 2)
        if self.quirk == "resets before" and self._chance(_RESETS, self.quirk):
            return _reset(connection)
        if self.quirk == "drops each first DELETE" and method == b"DELETE" and path not in self._dropped:
            self._dropped.add(path)
            return _reset(connection)
        hits = self.quirk.startswith("503") and self._chance(_GATEWAY, self.quirk)
        if hits or (self.quirk == "never deletes" and method == b"DELETE"):
            retry = self.quirk.removeprefix("503 retry ") if "retry" in self.quirk else ""
            stated = f"Retry-After: {retry}\r\n".encode() if retry else b""
            connection.sendall(b"HTTP/1.1 503 Service Unavailable\r\n" + stated + b"Content-Length: 4\r\n\r\nbusy")
            return True
        upstream.sendall(request)
        answer = _message(upstream, method == b"HEAD")
        if self.quirk == "resets after" and self._chance(_RESETS, self.quirk):
            return _reset(connection)
        if self.quirk == "late":
            time.sleep(_LATE)
        if self.quirk == "early hints":
            connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n")
            self.happened[self.quirk] += 1
        head, _, body = answer.partition(b"\r\n\r\n")
        if self.quirk == "truncates" and len(body) > 1 and self._chance(_CUT, self.quirk):
            connection.sendall(head + b"\r\n\r\n" + body[: len(body) // 2])
            return False
        connection.sendall(answer)
        return self.quirk != "closes"


def _reset(connection: socket.socket) -> bool:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def _message(connection: socket.socket, headless: bool = False) -> bytes:
    """A whole request or answer; empty at the end of the connection."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return b""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    missing = (int(length[1]) if length and not headless else 0) - len(body)
    while missing > 0:
        part = connection.recv(65536)
        if not part:
            return data
        data += part
        missing -= len(part)
    return data


@contextmanager
def wire(upstream: str, quirk: str, seed: int = 1) -> Iterator[Wire]:
    """The way to a server for as long as the `with` block lasts."""
    way = Wire(upstream, quirk, seed)
    try:
        yield way
    finally:
        way.stop()
