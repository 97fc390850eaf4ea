"""What may be written: credentials go by name and by value, content the suite did not make goes by place."""

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from conformance.exchange import Exchange

__all__ = ["LONGEST_BODY", "Scrubber"]

LONGEST_BODY = 4000
"""Characters of a body that a report holds."""

_SECRET_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key", "x-auth-token"}
)
_GONE = "[scrubbed]"
_SHORTEST_SECRET = 4
_WORD = re.compile("[a-z_]{1,20}")


_HARMLESS_HEADERS = frozenset(
    {"content-type", "content-length", "date", "retry-after", "allow", "connection", "transfer-encoding", "vary"}
    | {"cache-control", "content-encoding", "accept", "accept-encoding", "host", "user-agent", "server"}
)
"""Headers that never hold content of a call."""

_PLAINLY_NO_CONTENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,39}")
"""One short word: an id, a status, an instant. Content of calls has spaces, or comes in its own fields."""


class Scrubber:
    """Knows the run's secrets and what the suite generated itself.

    `sensitive` are the names of fields with content, `header_names` the headers with credentials, and
    `names` the field names that the document itself publishes. With `foreign`, the calls under test are
    the user's own: then an answer may hold their content anywhere, and only what is plainly none is shown.
    """

    def __init__(
        self,
        sensitive: Iterable[str],
        header_names: Iterable[str] = (),
        names: Iterable[str] = (),
        *,
        foreign: bool = False,
    ) -> None:
        self._foreign = foreign
        self._sensitive = frozenset(sensitive)
        self._names = frozenset(names)
        self.credential_headers = frozenset(header_names)
        self._headers = _SECRET_HEADERS | {name.lower() for name in header_names}
        self._secrets: dict[str, None] = {}
        self._own: set[str] = set()

    def secret(self, value: str) -> None:
        """Never let this value be written; very short ones would make every text unreadable."""
        if len(value) >= _SHORTEST_SECRET:
            self._secrets |= dict.fromkeys(_spellings(value))

    def own(self, token: str) -> None:
        """A text with this token was made by the suite and may be shown."""
        self._own.add(token)

    def text(self, text: str) -> str:
        """The text without any secret."""
        for value in sorted(self._secrets, key=len, reverse=True):
            if value in text:
                text = text.replace(value, _GONE)
        return text

    def headers(self, headers: Iterable[tuple[str, str]]) -> list[list[str]]:
        """Headers as pairs, the secret ones without their value."""
        return [[name, self._header(name.lower(), value)] for name, value in headers]

    def _header(self, name: str, value: str) -> str:
        hidden = name in self._headers or (self._foreign and name not in _HARMLESS_HEADERS)
        return _GONE if hidden else self.text(value)

    def body(self, body: bytes | None) -> str | None:
        """A body as text: what the suite did not generate in sensitive places is left out."""
        if not body:
            return None
        try:
            value: Any = json.loads(body)
        except (ValueError, RecursionError):
            return self._plain(body)
        try:
            shown = json.dumps(self._value(value, hidden=False), ensure_ascii=False)
        except RecursionError:
            # Nested so deep that the parser just about managed: what it holds can't be looked through.
            return _digest(body)
        return _cut(self.text(shown))

    def _plain(self, body: bytes) -> str:
        try:
            return _digest(body) if self._foreign else _cut(self.text(body.decode()))
        except UnicodeDecodeError:
            return _digest(body)

    def _value(self, value: Any, *, hidden: bool) -> Any:
        if isinstance(value, dict):
            return {
                (self._name(k) if hidden else k): self._value(v, hidden=hidden or k in self._sensitive)
                for k, v in value.items()
            }
        if isinstance(value, list):
            return [self._value(item, hidden=hidden) for item in value]
        if not isinstance(value, str):
            return value
        if self._foreign and not hidden and not _PLAINLY_NO_CONTENT.fullmatch(value):
            return f"[scrubbed {len(value)} characters]"
        return self._string(value) if hidden else value

    def _name(self, name: str) -> str:
        return (
            name if name in self._names or any(t in name for t in self._own) else f"[scrubbed {len(name)} characters]"
        )

    def _string(self, text: str) -> str:
        if not text or any(token in text for token in self._own):
            return text
        # A bare word (a role, a kind) stands in many a text: hidden here, it would make the others unreadable.
        if not _WORD.fullmatch(text):
            self.secret(text)
        return f"[scrubbed {len(text)} characters]"

    def exchange(self, exchange: Exchange) -> dict[str, Any]:
        """An exchange as plain data, safe to be written."""
        request = exchange.request
        return {
            "method": request.method,
            "url": self.text(request.url),
            "operation": request.operation,
            "request_headers": self.headers(request.headers.items()),
            "request_body": self.body(request.body),
            "status": exchange.status,
            "response_headers": self.headers(exchange.headers),
            "response_body": self.body(exchange.body),
            "started": exchange.started,
            "seconds": round(exchange.seconds, 6),
        }


def _spellings(value: str) -> set[str]:
    """The value as it stands in plain text, in JSON and in a URL."""
    in_json = {json.dumps(value, ensure_ascii=ascii_only)[1:-1] for ascii_only in (False, True)}
    return {value, quote(value, safe="", errors="replace"), *in_json}


def _digest(body: bytes) -> str:
    return f"[{len(body)} bytes, sha256 {hashlib.sha256(body).hexdigest()[:16]}]"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_BODY else f"{text[:LONGEST_BODY]}... [{len(text)} characters in all]"
