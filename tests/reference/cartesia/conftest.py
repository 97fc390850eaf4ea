"""A reference server on a free loopback port, and a client that speaks to it."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
import uvicorn

from conformance.reference.cartesia import FAULTS, VARIANTS, create_app
from conformance.reference.server import STATE_PATH
from conformance.reference.switches import Switches

KEY = "sk_car_test"
START_SECONDS = 5.0


def phone_call(**fields: Any) -> dict[str, Any]:
    """Return a call with something in every sensitive field."""
    turn = {"role": "user", "text": "my secret word", "start_timestamp": 0.0, "end_timestamp": 1.5}
    telephony = {"to": "+14155550111", "from": "+14155550122", "call_sid": "CA1", "connection_type": "phone"}
    return {
        "agent_id": "agent_1",
        "agent_name": "Support",
        "status": "completed",
        "start_time": "2026-03-01T12:00:00Z",
        "end_time": "2026-03-01T12:05:00Z",
        "end_reason": "agent_hangup",
        "deployment_region": "EU",
        "error_message": "jitter",
        "transcript": [turn],
        "summary": "They said it",
        "metadata": {"customer": "c1"},
        "telephony_params": telephony,
        **fields,
    }


class Client:
    """Speaks to a server as a customer and as a suite that sets up states."""

    def __init__(self, url: str, key: str = KEY) -> None:
        self.url = url
        self.http = requests.Session()
        self.headers = {"Authorization": f"Bearer {key}", "Cartesia-Version": "2026-03-01"}

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        """Send a request below /agents/calls."""
        headers = {k: v for k, v in {**self.headers, **more.pop("headers", {})}.items() if v is not None}
        return self.http.request(method, f"{self.url}/agents/calls{path}", headers=headers, timeout=5, **more)

    def get(self, path: str, **more: Any) -> requests.Response:
        """GET."""
        return self.ask("GET", path, **more)

    def delete(self, call_id: str, **more: Any) -> requests.Response:
        """DELETE a call."""
        return self.ask("DELETE", f"/{call_id}", **more)

    def post_state(self, state: str, action: str = "setup", **params: Any) -> requests.Response:
        """Send a provider state."""
        body: Any = {"action": action, "state": state, "params": params}
        return self.http.post(f"{self.url}{STATE_PATH}", json=body, timeout=5)

    def state(self, state: str, **params: Any) -> dict[str, Any]:
        """Set up a state that the server must have."""
        answer = self.post_state(state, **params)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def add(self, *, audio: bool | str = True, logs: tuple[str, ...] = ("line one",), **fields: Any) -> str:
        """Set up a call and return its id."""
        return str(self.state("a call exists", call=phone_call(**fields), audio=audio, logs=list(logs))["call_id"])


@contextmanager
def running(folder: Path, faults: tuple[str, ...] = (), variants: tuple[str, ...] = ()) -> Iterator[Client]:
    """Serve from a thread until the block ends."""
    switches = Switches.named(faults, variants, FAULTS, VARIANTS)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        app = create_app(folder / "calls.sqlite", switches, KEY)
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.005)
        client = Client(f"http://127.0.0.1:{listener.getsockname()[1]}")
        try:
            yield client
        finally:
            client.http.close()
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of a correct server."""
    with running(tmp_path_factory.mktemp("correct")) as client:
        yield client


@pytest.fixture
def serving(tmp_path: Path) -> Callable[..., Any]:
    """Start a server with faults or variants: `with serving(faults=("name",)) as client`."""
    return lambda **switches: running(tmp_path, **switches)
