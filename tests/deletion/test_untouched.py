"""What counts as the same artifact: content that held still between two looks, and nothing that moves by itself."""

import json
from typing import Any

import pytest

from conformance.deletion.oracles import changed, same_artifact
from conformance.http.exchange import Exchange, Request

JSON = (("content-type", "application/json"),)
WAV = (("content-type", "audio/wav"),)


def answer(body: Any, status: int = 200, headers: tuple[tuple[str, str], ...] = JSON) -> Exchange:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange(Request("GET", "http://h/logs"), status, headers, raw, 0.0, 0.0)


def logs(*lines: str, at: str = "2026-01-01T00:00:00Z") -> Exchange:
    return answer({"call_id": "c", "logs": list(lines), "updated_at": at})


SAME = {
    "the instant of reading moves": (logs("a", at="1"), logs("a", at="2"), logs("a", at="3"), "/logs"),
    "it moves, and nobody says where the content is": (logs("a", at="1"), logs("a", at="2"), logs("a", at="3"), None),
    "keys in another order": (answer({"a": 1, "b": 2}), answer({"b": 2, "a": 1}), answer({"a": 1, "b": 2}), None),
    "a number as a float": (answer({"a": [12]}), answer({"a": [12]}), answer({"a": [12.0]}), "/a"),
    "null for absent": (answer({"a": 1, "b": None}), answer({"a": 1, "b": None}), answer({"a": 1}), None),
    "what never held still": (logs("a"), logs("b"), logs("c"), "/logs"),
    "a stream that differs in its bytes": (
        *(answer(b"RIFF1", headers=WAV), answer(b"RIFF2", headers=WAV), answer(b"RIFF3", headers=WAV)),
        None,
    ),
    "what was not served before": (answer({}, 404), answer({}, 404), answer({}, 404), None),
}
OTHER = {
    "a line is gone": (logs("a", "b"), logs("a", "b"), logs("a"), "/logs"),
    "a line is gone, and nobody says where": (logs("a", "b"), logs("a", "b"), logs("a"), None),
    "no longer served": (logs("a"), logs("a"), answer({}, 404), "/logs"),
    "other bytes where they held still": (
        *(answer(b"RIFF1", headers=WAV), answer(b"RIFF1", headers=WAV), answer(b"RIFF2", headers=WAV)),
        None,
    ),
    "another length where the bytes moved": (
        *(answer(b"RIFF1", headers=WAV), answer(b"RIFF2", headers=WAV), answer(b"RIFF33", headers=WAV)),
        None,
    ),
    "another media type": (
        *(answer(b"RIFF1", headers=WAV), answer(b"RIFF2", headers=WAV)),
        *(answer(b"RIFF3", headers=(("content-type", "text/plain"),)), None),
    ),
}


@pytest.mark.parametrize(("first", "second", "after", "content"), SAME.values(), ids=SAME)
def test_what_moves_by_itself_is_the_same(first: Exchange, second: Exchange, after: Exchange, content: str) -> None:
    assert same_artifact(first, second, after, content)


@pytest.mark.parametrize(("first", "second", "after", "content"), OTHER.values(), ids=OTHER)
def test_what_held_still_and_changed_is_another(
    first: Exchange, second: Exchange, after: Exchange, content: str
) -> None:
    assert not same_artifact(first, second, after, content)


def test_a_field_differs_by_its_instant_and_not_by_how_it_is_written() -> None:
    before = {"at": "2026-01-01T00:00:00Z", "n": 1, "list": [{"at": "2026-01-01T01:00:00+01:00"}], "a/b": "x"}
    after = {"at": "2026-01-01T00:00:00.000+00:00", "n": 2, "list": [{"at": "2026-01-01T00:00:00Z"}], "a/b": "y"}
    assert changed(before, after, before) == ["n", "a/b"]
