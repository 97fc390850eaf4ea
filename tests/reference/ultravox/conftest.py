"""A reference server on a loopback port for as long as one test, and a small client for it."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import urllib3
import uvicorn

from conformance.reference import ultravox
from conformance.reference.server import STATE_PATH
from conformance.reference.switches import Switches

_START_SECONDS = 10.0
_MOST_PAGES = 400

Item = dict[str, Any]


class Answer(NamedTuple):
    """A status and a body, read as JSON where there is one."""

    status: int
    body: Any


class Site:
    """A running server, seen by one account."""

    def __init__(self, url: str, api_key: str) -> None:
        self.url = url
        self.api_key = api_key
        self._http = urllib3.PoolManager(retries=False)

    def send(self, method: str, url: str, key: str | None = None, **more: Any) -> Answer:
        """Send one request; `key` stands for the account's own."""
        full = url if "://" in url else f"{self.url}{url}"
        headers = {"X-API-Key": self.api_key if key is None else key}
        got = self._http.request(method, full, headers=headers, **more)
        try:
            return Answer(got.status, json.loads(got.data))
        except ValueError:
            return Answer(got.status, got.data)

    def raw(self, path: str) -> bytes:
        """Bytes of an answer."""
        return self._http.request("GET", f"{self.url}{path}", headers={"X-API-Key": self.api_key}).data

    def state(self, state: str, action: str = "setup", **params: Any) -> Answer:
        """Ask the state URL."""
        body = json.dumps({"action": action, "state": state, "params": params})
        return self.send("POST", STATE_PATH, body=body)

    def fresh(self) -> "Site":
        """Open a new account on the same server."""
        return Site(self.url, self.state("a fresh account exists").body["api_key"])

    def seed(self, *calls: Item, state: str = "deleted calls exist") -> list[str]:
        """Set calls up in this account; their ids."""
        answer = self.state(state, api_key=self.api_key, calls=list(calls))
        assert answer.status == 200, answer
        return list(answer.body["call_ids"])

    def ask(self, query: str = "", path: str = "/api/deleted_calls") -> Answer:
        """Ask for the first page."""
        return self.send("GET", f"{path}?{query}")

    def ids(self, query: str = "") -> set[str]:
        """Ids on the first page."""
        answer = self.ask(query + "&pageSize=100")
        assert answer.status == 200, answer
        return {item["callId"] for item in answer.body["results"]}

    def pages(self, query: str = "", link: str = "next") -> Iterator[Item]:
        """Follow the links, from the first page or from a URL."""
        url: str | None = query if "://" in query else f"/api/deleted_calls?{query}"
        for _ in range(_MOST_PAGES):
            answer = self.send("GET", str(url))
            assert answer.status == 200, answer
            yield answer.body
            url = answer.body.get(link)
            if url is None:
                return

    def walk(self, query: str = "") -> list[str]:
        """Ids in the order of a whole walk."""
        return [item["callId"] for page in self.pages(query) for item in page["results"]]


class _Quick(uvicorn.Server):
    """Looks often whether it is to stop: a test starts and stops hundreds of servers."""

    async def main_loop(self) -> None:
        while not await self.on_tick(0):  # noqa: ASYNC110 - uvicorn offers a flag only
            await asyncio.sleep(0.005)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()


@contextmanager
def _running(folder: Path, faults: tuple[str, ...], variants: tuple[str, ...]) -> Iterator[Site]:
    switches = Switches.named(faults, variants, ultravox.FAULTS, ultravox.VARIANTS)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    app = ultravox.create_app(folder / f"{port}.sqlite", switches, "k" * 32)
    server = _Quick(uvicorn.Config(app, log_level="error", access_log=False, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    deadline = time.monotonic() + _START_SECONDS
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.005)
    try:
        yield Site(f"http://127.0.0.1:{port}", "k" * 32)
    finally:
        server.should_exit = True
        server.force_exit = True
        thread.join()


Serve = Callable[..., Site]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start servers with faults and variants; they stop with the test."""
    with ExitStack() as stack:

        def start(*, faults: tuple[str, ...] = (), variants: tuple[str, ...] = ()) -> Site:
            return stack.enter_context(_running(tmp_path, faults, variants))

        yield start


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Start a correct server for the tests of one file."""
    with _running(tmp_path_factory.mktemp("ultravox"), (), ()) as site:
        yield site


@pytest.fixture
def site(shared: Site) -> Site:
    """Show a correct server, seen by an account of the test's own."""
    return shared.fresh()
