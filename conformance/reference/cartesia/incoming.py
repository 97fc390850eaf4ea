"""One request on its way through the server: who asks for what, checked before any handler acts."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.requests import Request

from conformance.reference.cartesia.answers import RefusalError
from conformance.reference.cartesia.situation import Asked
from conformance.reference.keyring import Keyring
from conformance.reference.switches import Switches

__all__ = ["VERSION", "IncomingRequest", "authorize", "parse"]

VERSION = "2026-03-01"
"""The one API version there is."""


@dataclass(slots=True)
class IncomingRequest:
    """A request with what was found out about it."""

    request: Request
    asked: Asked
    account: str | None = None

    @property
    def call_id(self) -> str:
        """The id in the path."""
        return self.asked.call_id


def parse(request: Request, operation: str, accounts: Keyring) -> IncomingRequest:
    """Read a request's credential and version, and judge neither."""
    key = _bearer_token(request)
    account = accounts.get(key) if key else None
    version = request.headers.get("cartesia-version")
    asked = Asked(
        operation,
        request.path_params.get("call_id", ""),
        credential="known" if account else _kind(key),
        version="known" if version == VERSION else _kind(version),
        query=request.query_params,
        headers=request.headers,
    )
    return IncomingRequest(request, asked, account)


def authorize(incoming: IncomingRequest, switches: Switches[Any]) -> None:
    """Let a request in.

    Raises:
        RefusalError: 401 for its credential, 400 for its version.
    """
    if incoming.account is None:
        status = 403 if switches.varies("forbidden-403") else 401
        raise RefusalError(status, "unauthorized", "A valid API key is required.")
    version = incoming.asked.version
    if version == "known" or (version == "missing" and switches.varies("version-optional")):
        return
    raise RefusalError(400, "invalid_version", f"The Cartesia-Version header must be {VERSION}.")


def is_date(text: str) -> bool:
    """Tell whether a version header could be one: a calendar date."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _bearer_token(request: Request) -> str | None:
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _kind(value: str | None) -> str:
    if value is None:
        return "missing"
    return "unknown" if value else "empty"
