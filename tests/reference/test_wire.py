"""The wire variants, around a small application of their own, over real HTTP."""

import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from conformance.reference.server import STATE_PATH
from conformance.reference.switches import Switches
from conformance.reference.wire import WIRE_VARIANTS, wire_middleware

BODY = {"words": ["one", "two", "three"] * 20}


async def some_json(_: Request) -> Response:
    """Answer a body worth compressing."""
    return JSONResponse(BODY)


async def nothing(_: Request) -> Response:
    """Answer without a body."""
    return Response(status_code=204)


class Asker:
    """Asks a server that runs on this port."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.http = requests.Session()

    def get(self, path: str, **more: Any) -> requests.Response:
        """GET."""
        return self.http.get(self.url + path, timeout=5, **more)


@contextmanager
def serving(*names: str) -> Iterator[Asker]:
    """Serve the application under these variants until the block ends."""
    switches: Switches[Any] = Switches(variants=[WIRE_VARIANTS[name] for name in names])
    routes = [Route("/json", some_json), Route("/empty", nothing), Route(STATE_PATH, some_json)]
    app = Starlette(routes=routes, middleware=wire_middleware(switches))
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while thread.is_alive() and not server.started:
            time.sleep(0.005)
        asker = Asker(listener.getsockname()[1])
        try:
            yield asker
        finally:
            asker.http.close()
            server.should_exit = True
            thread.join()


@pytest.mark.parametrize("name", sorted(WIRE_VARIANTS))
def test_a_wire_variant_leaves_status_and_content_alone(name: str) -> None:
    with serving(name) as asker:
        assert asker.get("/json").json() == BODY
        assert (asker.get("/empty").status_code, asker.get("/empty").content) == (204, b"")
        assert asker.http.head(f"{asker.url}/json", timeout=5).content == b""


def test_all_wire_variants_go_together() -> None:
    with serving(*WIRE_VARIANTS) as asker:
        assert asker.get("/json").json() == BODY


def test_the_state_url_is_left_as_it_is() -> None:
    with serving("gzip", "connection-close") as asker:
        assert not {"content-encoding", "connection"} & set(asker.get(STATE_PATH).headers)


def test_gzip_is_for_those_who_accept_it() -> None:
    with serving("gzip") as asker:
        squeezed = asker.get("/json", headers={"Accept-Encoding": "gzip"}, stream=True).raw.read(decode_content=False)
        plain = asker.get("/json", headers={"Accept-Encoding": "identity"})
    assert json.loads(gzip.decompress(squeezed)) == plain.json() == BODY
    assert "content-encoding" not in plain.headers


def test_a_slow_answer_takes_its_time() -> None:
    with serving("slow-answers") as asker:
        assert asker.get("/json").elapsed.total_seconds() >= 0.02


def test_a_chunked_body_says_no_length() -> None:
    with serving("chunked-bodies") as asker:
        headers = asker.get("/json").headers
    assert headers["transfer-encoding"] == "chunked"
    assert "content-length" not in headers


def test_the_connection_is_closed_where_asked_for() -> None:
    with serving("connection-close") as asker:
        assert asker.get("/json").headers["connection"] == "close"


def test_request_ids_differ() -> None:
    with serving("extra-headers") as asker:
        assert asker.get("/json").headers["x-request-id"] != asker.get("/json").headers["x-request-id"]


def test_the_character_set_is_a_parameter_of_the_media_type() -> None:
    with serving("content-type-charset") as asker:
        assert asker.get("/json").headers["content-type"] == "application/json; Charset=UTF-8"
