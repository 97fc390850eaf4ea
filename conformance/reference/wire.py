"""Legal differences on the wire, shared by every reference server: pace, framing, encoding, headers."""

import asyncio
import gzip
import secrets
from collections.abc import Callable
from typing import Any

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conformance.reference.server import STATE_PATH
from conformance.reference.switches import Switches, Variant

__all__ = ["WIRE_VARIANTS", "wire_middleware"]

Headers = list[tuple[bytes, bytes]]

SLOW_SECONDS = 0.02
"""What `slow-answers` adds to each answer: enough to be seen, too little to run into a time-out."""

SMALL_BYTES = 16
"""Size of the pieces in which `chunked-bodies` sends."""

EXTRA_HEADERS: Headers = [
    (b"cache-control", b"no-store"),
    (b"vary", b"Accept, Accept-Encoding"),
    (b"strict-transport-security", b"max-age=63072000"),
    (b"set-cookie", b"lb=a1; Path=/; HttpOnly"),
]


class Wire:
    """Collects an answer whole, and hands it to the subclass to be sent in another way."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass through what is not an answer of the API; the state URL keeps plain framing."""
        if scope["type"] != "http" or scope["path"] == STATE_PATH:
            await self.app(scope, receive, send)
            return
        start: Message = {}
        body = b""

        async def collect(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if not message.get("more_body", False):
                await self.answer(scope, start, body, send)

        await self.app(scope, receive, collect)

    async def answer(self, scope: Scope, start: Message, body: bytes, send: Send) -> None:  # noqa: ARG002 - for subclasses
        """Send the collected answer."""
        start["headers"] = self.headers(list(start.get("headers", [])))
        await send(start)
        await send({"type": "http.response.body", "body": body})

    def headers(self, headers: Headers) -> Headers:
        """Return the headers to send."""
        return headers


class SlowAnswers(Wire):
    """Waits before each answer."""

    async def answer(self, scope: Scope, start: Message, body: bytes, send: Send) -> None:
        await asyncio.sleep(SLOW_SECONDS)
        await super().answer(scope, start, body, send)


class ChunkedBodies(Wire):
    """Sends bodies in small pieces without saying their length."""

    async def answer(self, scope: Scope, start: Message, body: bytes, send: Send) -> None:
        if not body or scope["method"] == "HEAD":
            await super().answer(scope, start, body, send)
            return
        start["headers"] = _without(list(start["headers"]), b"content-length")
        await send(start)
        for at in range(0, len(body), SMALL_BYTES):
            await send({"type": "http.response.body", "body": body[at : at + SMALL_BYTES], "more_body": True})
        await send({"type": "http.response.body", "body": b""})


class GzippedBodies(Wire):
    """Compresses every body, however short, for clients that accept it."""

    async def answer(self, scope: Scope, start: Message, body: bytes, send: Send) -> None:
        accepted = b",".join(value for name, value in scope["headers"] if name == b"accept-encoding")
        if body and b"gzip" in accepted and scope["method"] != "HEAD":
            body = gzip.compress(body, 1)
            rest = _without(list(start["headers"]), b"content-length")
            length = (b"content-length", str(len(body)).encode())
            start["headers"] = [*rest, length, (b"content-encoding", b"gzip"), (b"vary", b"Accept-Encoding")]
        await super().answer(scope, start, body, send)


class ConnectionClose(Wire):
    """Closes the connection after each answer."""

    def headers(self, headers: Headers) -> Headers:
        return [*headers, (b"connection", b"close")]


class ExtraHeaders(Wire):
    """Adds headers that load balancers and frameworks add."""

    def headers(self, headers: Headers) -> Headers:
        request_id = secrets.token_hex(8).encode()
        return [*headers, *EXTRA_HEADERS, (b"x-request-id", request_id)]


class CharsetInContentType(Wire):
    """Names the character set beside `application/json`, in capitals and with a space."""

    def headers(self, headers: Headers) -> Headers:
        return [(n, v + b"; Charset=UTF-8" if v == b"application/json" else v) for n, v in headers]


_VARIANTS: tuple[tuple[str, Callable[..., Any], str], ...] = (
    ("slow-answers", SlowAnswers, "No document promises a pace; every answer takes 20 ms more."),
    ("chunked-bodies", ChunkedBodies, "HTTP/1.1 lets a server send a body in chunks instead of stating its length."),
    ("gzip", GzippedBodies, "A server may compress for a client whose Accept-Encoding allows it."),
    ("connection-close", ConnectionClose, "A server may close any connection after an answer."),
    ("extra-headers", ExtraHeaders, "Load balancers add headers (X-Request-Id, Set-Cookie, Vary) of their own."),
    ("content-type-charset", CharsetInContentType, "Media type parameters are allowed; their names ignore case."),
)

WIRE_VARIANTS: dict[str, Variant] = {name: Variant(name, story) for name, _, story in _VARIANTS}
"""The variants by name, to be merged into a vendor's own table."""


def wire_middleware(switches: Switches[Any]) -> list[Middleware]:
    """Return the middleware for the wire variants that are on, for `Starlette(middleware=...)`."""
    return [Middleware(layer) for name, layer, _ in _VARIANTS if switches.varies(name)]


def _without(headers: Headers, name: bytes) -> Headers:
    return [pair for pair in headers if pair[0].lower() != name]
