"""What a handler gives back, and how it becomes an HTTP response, error bodies in the form a variant asks for."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from conformance.reference.switches import Switches

__all__ = ["Answer", "RefusalError", "error", "respond"]

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    """A status with a body: bytes are sent as they are, anything else as JSON."""

    status: int
    body: Any
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        """The body as bytes."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class RefusalError(Exception):
    """A request that is not done: the answer says why."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.answer = error(status, code, message)


def error(status: int, code: str, message: str) -> Answer:
    """Return an error with the members that API version 2026-03-01 gives it."""
    title = HTTPStatus(status).phrase
    request_id = secrets.token_hex(8)
    return Answer(status, {"error_code": code, "title": title, "message": message, "request_id": request_id})


def respond(answer: Answer, switches: Switches[Any]) -> Response:
    """Make the HTTP response."""
    if answer.status >= 400 and not isinstance(answer.body, bytes):
        answer = _error_as_varied(answer, switches)
    content, headers = answer.content, dict(answer.headers)
    if switches.varies("json-pretty") and answer.media_type == JSON and not isinstance(answer.body, bytes):
        content = json.dumps(answer.body, indent=2, sort_keys=True).encode()
    if switches.varies("keys-in-any-order") and isinstance(answer.body, dict):
        content = json.dumps(_shuffled(answer.body)).encode()
    if content or answer.status == 200:
        headers["content-type"] = answer.media_type
    return Response(content, answer.status, headers)


def _shuffled(value: Any) -> Any:
    """The JSON value with the members of its objects in another order each time."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda _: secrets.randbits(32))
        return {name: _shuffled(value[name]) for name in names}
    return [_shuffled(item) for item in value] if isinstance(value, list) else value


def _error_as_varied(answer: Answer, switches: Switches[Any]) -> Answer:
    message = answer.body["message"]
    if switches.varies("errors-plain-text"):
        return Answer(answer.status, f"{message}\n".encode(), "text/plain; charset=utf-8", answer.headers)
    if switches.varies("errors-html") and answer.status == 404:
        return Answer(404, b"<!doctype html><title>404</title><h1>Not Found</h1>", "text/html", answer.headers)
    if switches.varies("errors-empty"):
        return Answer(answer.status, b"", "text/plain", answer.headers)
    return answer
