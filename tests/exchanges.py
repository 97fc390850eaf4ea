"""Exchanges made by hand, and what oracles say of them."""

import json
from collections.abc import Iterable
from typing import Any

from conformance.http.exchange import Exchange, Request
from conformance.results.findings import Shown, Violation


def answer(status: int = 200, body: Any = b"", headers: Iterable[tuple[str, str]] = (), **request: Any) -> Exchange:
    """An answer to a GET; a body that is no bytes is written as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    asked = {"method": "GET", "url": "http://api.test/v1/list", "operation": "list_calls"} | request
    return Exchange(Request(**asked), status, tuple(headers), content, 0.0, 0.0)


def codes(violations: Iterable[Violation]) -> list[tuple[str, str]]:
    """Codes and places: what a fingerprint is made of."""
    return [(violation.code, violation.where) for violation in violations]


def told(violations: Iterable[Violation]) -> list[tuple[str, str, Any, tuple[Exchange, ...]]]:
    """Codes and places, with what was observed (a value of the target's as it is, with its note) and what shows it."""
    return [
        (v.code, v.where, (v.observed.value, v.observed.note) if isinstance(v.observed, Shown) else v.observed, v.about)
        for v in violations
    ]
