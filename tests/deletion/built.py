"""Calls, views and exchanges built by hand: what an oracle of a deletion is given."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from conformance.contracts.terms import Artifact
from conformance.deletion.call import Call, View
from conformance.deletion.canaries import Canaries
from conformance.http.exchange import Exchange, Request
from conformance.results.findings import Shown, Violation

ID = "ac_7f3k9q2m"
BEGAN = 1_700_000_000.0
JSON = (("content-type", "application/json"),)
WAV = (("content-type", "audio/wav"),)

NOT_NULL: tuple[Any, ...] = ("", 0, False, [], {})
"""Values that are little, and yet not nothing."""


def answer(
    body: Any = None,
    status: int = 200,
    *,
    method: str = "GET",
    path: str = f"/calls/{ID}",
    headers: tuple[tuple[str, str], ...] = JSON,
    began: float = BEGAN,
    seconds: float = 1.0,
) -> Exchange:
    """An answer with a body of bytes, or of the JSON of anything else; no body for None."""
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return Exchange(Request(method, f"http://h{path}", operation="op"), status, headers, raw, began, seconds)


def deletion(
    body: Any = None, status: int = 200, *, began: float = BEGAN, seconds: float = 1.0, date: float | None = None
) -> Exchange:
    """An answer to DELETE, whose `Date` says these seconds since the epoch."""
    said = datetime.fromtimestamp(date, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT") if date is not None else ""
    headers = (*JSON, ("Date", said)) if said else JSON
    return answer({} if body is None else body, status, method="DELETE", headers=headers, began=began, seconds=seconds)


def a_call(
    before: dict[str, Any] | None = None,
    *deletes: Exchange,
    stored: dict[str, Any] | None = None,
    planted: Mapping[str, str] | None = None,
    artifacts: Mapping[Artifact, Exchange] | None = None,
    lost: float | None = None,
) -> Call:
    """A call as it was read before its deletion (if at all), and what its DELETEs were answered."""
    return Call(
        ID,
        stored or {},
        "agent",
        Canaries(lambda: "", dict(planted or {})),
        before=before,
        shown=answer(before) if before is not None else None,
        lost=lost,
        artifacts=dict(artifacts or {}),
        deletes=list(deletes),
    )


def a_view(record: dict[str, Any], where: str = "get", *, began: float = BEGAN + 1, seconds: float = 1.0) -> View:
    """A record as `get`, `list` or `delete` shows it."""
    method = "DELETE" if where == "delete" else "GET"
    path = "/calls" if where == "list" else f"/calls/{ID}"
    return View(where, record, answer(record, method=method, path=path, began=began, seconds=seconds))


def at(seconds: float, digits: int = 0) -> str:
    """The instant so many seconds after `BEGAN`, with so many digits of a second."""
    text = datetime.fromtimestamp(BEGAN + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return (text[: 20 + digits] if digits else text[:19]) + "Z"


def codes(violations: Iterable[Violation]) -> list[tuple[str, str]]:
    """What a fingerprint is made of: the code of each violation, and where it is."""
    return [(one.code, one.where) for one in violations]


def in_full(violations: Iterable[Violation]) -> list[tuple[Any, ...]]:
    """All that the violations say, and the exchanges that they name."""
    return [(v.code, v.message, _plain(v.expected), _plain(v.observed), v.where, v.about) for v in violations]


def _plain(words: str | Shown) -> Any:
    """A value of the target's as a pair with its note, which no mere words are equal to."""
    return (words.value, words.note) if isinstance(words, Shown) else words
