"""What may be written: credentials nowhere, and of calls that the suite did not make no content (DESIGN, 12)."""

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from msgspec import to_builtins

from conformance.contracts import pointer
from conformance.contracts.contract import Contract
from conformance.contracts.pointer import JsonObject
from conformance.http import instants
from conformance.http.exchange import Exchange
from conformance.results.lines import Headers, RecordedExchange
from conformance.results.secret_text import GONE, Secrets
from conformance.results.vocabulary import Own, bare, declared, is_phrase, spoken, stated

__all__ = ["LONGEST_BODY", "Scrubber"]

LONGEST_BODY: Final = 4000
"""Characters of a body that a report holds."""

_SECRET_HEADERS: Final = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key", "x-auth-token"}
)
_HARMLESS_HEADERS: Final = frozenset(
    {"content-type", "content-length", "date", "retry-after", "allow", "connection", "transfer-encoding", "vary"}
    | {"cache-control", "content-encoding", "accept", "accept-encoding", "host", "user-agent", "server"}
    | {"www-authenticate", "x-request-id", "request-id"}
)
"""Headers that never hold content of a call."""

_LONGEST_LINK, _LONGEST_STAMP = 2000, 40
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_LINK: Final = re.compile(
    r"((?:https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?)?)((?:/[^?#\s]*)?)(?:\?([^#\s]*))?(?:#\S*)?"
)
"""Origin, path and query of an http(s) URI (RFC 3986) without userinfo, or of a reference that begins with a slash."""


@dataclass
class _Left:
    """Characters that may still be shown of a body."""

    characters: int


@dataclass(frozen=True)
class _Place:
    """Where a value stands: under a property that the document declares, below a sensitive one, in which answer.

    With `loose` it is not known where: then an instant may be shown, and no number.
    """

    declared: bool = False
    hidden: bool = False
    status: int = 200
    loose: bool = False

    @property
    def open(self) -> bool:
        return self.declared and not self.hidden and not self.loose

    @property
    def error(self) -> bool:
        return self.status >= 400 and not self.hidden


class Scrubber:
    """Knows the run's secrets, the contract's words, and what the suite made itself.

    `contract_words` are values that stand in the contract (those of enums, statuses, roles), `property_names` the names
    of fields that its document declares, `sensitive` those of them with content, `vocabulary` the words of its text in
    lower case, `header_names` the headers with credentials. With `everything_own` every call is the suite's own, and
    only secrets are left out. Else a text is shown only where it can't be a stranger's (DESIGN, 12, "Nobody's
    content"), and told by its length and a hash whose key ends with this object.
    """

    def __init__(
        self,
        sensitive: Iterable[str] = (),
        header_names: Iterable[str] = (),
        *,
        contract_words: frozenset[str] = frozenset(),
        property_names: frozenset[str] = frozenset(),
        vocabulary: frozenset[str] = frozenset(),
        everything_own: bool = False,
    ) -> None:
        self._everything_own = everything_own
        self._sensitive = frozenset(sensitive)
        self._words = contract_words | property_names
        self._names = property_names
        self._vocabulary = vocabulary
        self.credential_headers = frozenset(header_names)
        self._headers = _SECRET_HEADERS | {name.lower() for name in header_names}
        self._secrets = Secrets(self._words)
        self._key = secrets.token_bytes(32)
        self._own = Own(LONGEST_BODY)

    @classmethod
    def of(cls, contract: Contract, *, everything_own: bool) -> Self:
        """A scrubber for a contract's words, names and credentials."""
        bound = contract.bound("redact.omits", "redact.observed")
        ways = [pointer.steps(field.rstrip("/*")) for r in bound for field in r.data.fields]
        roots = [contract.document.root, contract.published.root]
        return cls(
            {way[-1] for way in ways if way} | {"logs"},
            contract.credential_headers(""),
            contract_words=stated(roots) | bare(to_builtins(contract.terms)),
            property_names=declared(roots),
            vocabulary=spoken(roots),
            everything_own=everything_own,
        )

    # What is known

    def secret(self, value: str) -> None:
        """Never let this value be written, in no spelling; a very short one would make every text unreadable."""
        self._secrets.add(value)

    def header_secret(self, value: str) -> None:
        """Never let the value of a configured header be written, nor any part of it that is no public word."""
        self._secrets.add_header(value)

    def own(self, token: str) -> None:
        """A text with this token, of 8 characters or more and in whatever case, was made by the suite."""
        self._own.add(token)

    def own_id(self, call_id: str) -> None:
        """This is the id of a call that the suite made; a short one is known only where it stands alone."""
        self._own.add_whole(call_id)
        self._own.add(call_id)

    # What may be written

    def text(self, text: str, longest: int | None = None) -> str:
        """A text of ours without any secret, then cut after `longest` characters."""
        return self._secrets.hide(text, longest)

    def headers(self, headers: Iterable[tuple[str, str]], *, ours: bool = True) -> Headers:
        """Headers as pairs, the secret ones without their value; `ours` are those of a request."""
        open_ = ours or self._everything_own
        return tuple((self.text(name), self._header(name.lower(), value, open_=open_)) for name, value in headers)

    def _header(self, name: str, value: str, *, open_: bool) -> str:
        if name in self._headers:
            return GONE
        if open_ or name in _HARMLESS_HEADERS:
            return self.text(value)
        link = self._link(value) if name == "location" else None
        return f"[{len(value)} characters, hmac {self._hmac(value)}]" if link is None else self.text(link)

    def body(self, body: bytes | None, *, status: int = 200) -> str | None:
        """An answer's body as text, cut at `LONGEST_BODY`: what may be of a call that is not ours is left out."""
        if not body:
            return None
        try:
            value: Any = json.loads(body)
        except RecursionError:
            return self._digest(body)
        except ValueError:
            return self._plain(body, status)
        try:
            return self._written(value, _Place(status=status), LONGEST_BODY)
        except (RecursionError, ValueError):
            # Nested so deep that the parser just about managed: what it holds can't be looked through.
            return self._digest(body)

    def value(self, value: Any, longest: int = 120, *, at: str | None = None) -> str:
        """A JSON value that a target showed, as it may stand in a message: its text, scrubbed, then cut.

        `at` is its JSON pointer, where that is known: numbers, uuids and links are shown in harmless places only.
        """
        if value is pointer.ABSENT:
            return "absent"
        place = _Place(loose=True)
        if at is not None:
            steps = [step for step in pointer.steps(at) if step != "*" and not step.isdecimal()]
            place = _Place(
                declared=bool(steps) and steps[-1] in self._names, hidden=not self._sensitive.isdisjoint(steps)
            )
        if not self._everything_own and not isinstance(value, dict | list):
            told = self._value(value, place, _Left(longest))
            if isinstance(told, str) and told != value:
                return self.text(told, longest)
        try:
            return self._written(value, place, longest)
        except (RecursionError, ValueError):
            return "[nested too deep to be shown]"

    def exchange(self, exchange: Exchange, *, offending: bool = False) -> RecordedExchange:
        """An exchange as it may be written; `offending` marks the one that shows a finding."""
        request = exchange.request
        return RecordedExchange(
            method=request.method,
            url=self.text(request.url),
            operation=request.operation,
            request_headers=self.headers(request.headers.items()),
            request_body=self._ours(request.body),
            status=exchange.status,
            response_headers=self.headers(exchange.headers, ours=False),
            response_body=self.body(exchange.body, status=exchange.status),
            started=exchange.started,
            seconds=round(exchange.seconds, 6),
            offending=offending or None,
        )

    def _ours(self, body: bytes | None) -> str | None:
        try:
            return self.text(body.decode(), LONGEST_BODY) if body else None
        except UnicodeDecodeError:
            return _sha256(body or b"")

    # Bodies and values

    def _plain(self, body: bytes, status: int) -> str:
        """A body that is no JSON."""
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return self._digest(body)
        shown = self._everything_own or (status >= 400 and is_phrase(text, self._vocabulary))
        return self.text(text, LONGEST_BODY) if shown else self._digest(body)

    def _written(self, value: Any, place: _Place, longest: int) -> str:
        """A value as JSON text; what lies beyond `longest` characters is not looked at."""
        left = _Left(longest + 1)
        shown = value if self._everything_own else self._value(value, place, left)
        text = json.dumps(shown, ensure_ascii=False, default=str)
        whole = len(json.dumps(value, ensure_ascii=False, default=str)) if left.characters <= 0 else len(text)
        return self._secrets.hide(text, longest, max(whole, len(text)))

    def _value(self, value: Any, place: _Place, left: _Left) -> Any:
        left.characters -= 2
        if isinstance(value, dict):
            return self._object(value, place, left)
        if isinstance(value, list):
            return [self._value(item, place, left) for item in value if left.characters > 0]
        if isinstance(value, str):
            text = self._string(value, place)
            left.characters -= len(text)
            return text
        if value is None or value is pointer.ABSENT or place.open:
            return value
        return "[true or false]" if isinstance(value, bool) else "[number]"

    def _object(self, stated: JsonObject, place: _Place, left: _Left) -> JsonObject:
        shown: JsonObject = {}
        for name, value in stated.items():
            if left.characters <= 0:
                break
            known = name in self._names or self._own.made(name) or (place.error and is_phrase(name, self._vocabulary))
            told = name if known else f"[name of {len(name)} characters]"
            if told in shown:
                told = f"{told} {len(shown)}"
            left.characters -= len(told)
            hidden = place.hidden or name in self._sensitive
            shown[told] = self._value(value, replace(place, declared=name in self._names, hidden=hidden), left)
        return shown

    def _string(self, text: str, place: _Place) -> str:
        """The text, where it can't be content of a call that is not ours; else how long it is, and its hash."""
        if not text or text in self._words or self._own.made(text):
            return text
        if (place.open or place.loose) and len(text) <= _LONGEST_STAMP and instants.parse(text):
            return text
        if place.open:
            link = text if _UUID.fullmatch(text) else self._link(text)
            if link is not None:
                return link
        if place.error and is_phrase(text, self._vocabulary):
            return text
        return f"[text of {len(text)} characters, hmac {self._hmac(text)}]"

    def _link(self, text: str) -> str | None:
        """A link as far as it can be shown: its host, what the document knows of its path, its parameters' names."""
        found = _LINK.fullmatch(text) if len(text) <= _LONGEST_LINK else None
        if found is None or not (found[1] or found[2]):
            return None
        path = "/".join(self._piece(segment) for segment in found[2].split("/"))
        names = [self._piece(part.partition("=")[0]) for part in (found[3] or "").split("&") if part]
        return found[1] + path + ("?" if names else "") + "&".join(f"{name}=[...]" for name in names)

    def _piece(self, text: str) -> str:
        known = not text or text in self._words or self._own.made(text) or _UUID.fullmatch(text)
        return text if known or is_phrase(text, self._vocabulary) else f"[{len(text)} characters]"

    def _hmac(self, content: str | bytes) -> str:
        data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        return hmac.digest(self._key, data, "sha256").hex()[:8]

    def _digest(self, body: bytes) -> str:
        return _sha256(body) if self._everything_own else f"[{len(body)} bytes, hmac {self._hmac(body)}]"


def _sha256(body: bytes) -> str:
    return f"[{len(body)} bytes, sha256 {hashlib.sha256(body).hexdigest()[:16]}]"
