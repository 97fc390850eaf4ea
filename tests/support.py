"""What several tests need: the real command, a hostile or scripted server, and finished runs read back."""

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.commanding import Ended, command

ROOT = Path(__file__).parents[1]
SPECS = ROOT / "specs"
SHARED = ROOT.parent / "shared"

KEY = "sk_test_sentinel_0123456789"


def environment(**more: str) -> dict[str, str]:
    """This process's environment without what would steer the command, or have each worker compile all of it anew."""
    left = ("PYTEST_", "CONFORMANCE_", "COV", "PYTHONDONTWRITEBYTECODE")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(left)}
    return {**kept, "CI": "1", "PYTHONPATH": str(ROOT), **more}


def conformance(*words: str | Path, cwd: Path, within: float = 60, **env: str) -> Ended:
    """Run the real command to its end."""
    return command(*map(str, words), cwd=cwd, env=environment(**env), within=within)


Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Scripted:
    """A real loopback server that answers as a function says, and remembers what it was asked."""

    answer: Callable[["Asked"], Answer]
    asked: list["Asked"] = field(default_factory=list)
    url: str = ""


@dataclass(frozen=True)
class Asked:
    """One request that came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    number: int


@contextmanager
def serving(answer: Callable[[Asked], Answer]) -> Iterator[Scripted]:
    """Serve on a free loopback port for as long as the `with` block lasts."""
    script = Scripted(answer)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            with lock:
                asked = Asked(self.command, self.path, headers, body, len(script.asked))
                script.asked.append(asked)
            status, said, content = script.answer(asked)
            self.send_response(status)
            for name, value in {"content-length": str(len(content)), **said}.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(content)
            except OSError:
                self.close_connection = True

        do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = do_HEAD = do_OPTIONS = do_TRACE = handle_any  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's own name
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    script.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def raw_server(behave: Callable[[socket.socket, threading.Event], None]) -> Iterator[str]:
    """A server below HTTP: `behave` gets every connection and an event that says when to stop."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def one(connection: socket.socket) -> None:
        connection.settimeout(5)
        with connection:
            try:
                behave(connection, stop)
            except OSError:
                return

    def accept() -> None:
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=one, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stop.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def read_head(connection: socket.socket) -> bytes:
    """Read a request up to the end of its headers; empty at the end of the connection."""
    head = b""
    while b"\r\n\r\n" not in head:
        part = connection.recv(65536)
        if not part:
            return b""
        head += part
    return head


def unused_port() -> int:
    """A loopback port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def heeding_signals() -> None:
    """Heed the signals that the tests send: what starts the tests in the background may have them ignored."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def result_file(folder: Path, vendor: str = "cartesia") -> Path:
    """Where a run put its results."""
    return folder / vendor / "results.jsonl"


def flags(flag: str, values: Sequence[str]) -> list[str]:
    """A repeated option."""
    return [word for value in values for word in (flag, value)]
