"""One request and what the target answered: the evidence that every oracle judges."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any, Literal, TypeAlias

from conformance.http.strict_json import Parsed, parse

__all__ = ["Exchange", "Intent", "Request"]

Intent: TypeAlias = Literal[
    "regular",
    "at-once",
    "other-account",
    "unknown-id",
    "malformed",
    "bad-credential",
    "bad-version",
    "bad-cursor",
    "range",
]
"""What a request is meant as; it decides which statuses are lawful answers."""


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    """A request as it goes on the wire; `operation` is the operationId that it exercises.

    `odd` says what of a malformed one is odd: "query parameter limit". Nothing but method and operation is ever shown
    of it by itself: every other part may hold a credential.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    operation: str = ""
    intent: Intent = "regular"
    odd: str = ""

    def __repr__(self) -> str:
        return f"Request({self.method} {self.operation})"


@dataclass(frozen=True, repr=False)
class Exchange:
    """A request, its whole answer, and when: `began` in seconds since the epoch, `seconds` long."""

    request: Request
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    began: float
    seconds: float

    def __repr__(self) -> str:
        return f"Exchange({self.request.method} {self.request.operation} answered {self.status})"

    @property
    def ended(self) -> float:
        """When the last byte was read, in seconds since the epoch."""
        return self.began + self.seconds

    @property
    def started(self) -> str:
        """When the request was sent, as an RFC 3339 instant."""
        return datetime.fromtimestamp(self.began, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def header(self, name: str) -> str | None:
        """The first header of this name, whatever its case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def ok(self) -> bool:
        """Whether the answer is a 2xx."""
        return 200 <= self.status < 300

    @cached_property
    def parsed(self) -> Parsed:
        """The body read as strict JSON."""
        return parse(self.body)

    @property
    def json(self) -> Any:
        """The body's JSON value, None where it is no JSON."""
        return self.parsed.value

    @property
    def clock_offset(self) -> float:
        """Seconds by which the target's `Date` runs ahead of this machine's clock; 0 where it says no instant."""
        try:
            stated = parsedate_to_datetime(self.header("date") or "").timestamp()
        except (ValueError, TypeError, LookupError, ArithmeticError):
            # The library raises each of these, according to how absurd the text is.
            return 0.0
        # A Date header has whole seconds: only a difference beyond them is an offset.
        offset = stated - self.ended
        return offset if abs(offset) > 2 else 0.0
