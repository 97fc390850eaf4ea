"""Recordings and logs: not served after a deletion, and the same without one."""

from typing import Any

import pytest

from conformance.deletion.oracles.artifacts import (
    gone,
    half_gone,
    not_served,
    not_served_before,
    same_artifact,
    served_as_before,
)
from conformance.http.exchange import Exchange
from tests.deletion.built import ID, WAV, a_call, answer, codes, deletion, in_full

SOUND = answer(b"RIFF", headers=WAV)
GONE = answer({"error": ["no such recording"]}, 404)


def logs(*lines: str, at: str = "2026-01-01T00:00:00Z") -> Exchange:
    return answer({"call_id": "c", "logs": list(lines), "updated_at": at})


CONTENT = {
    "a recording": SOUND,
    "a part of one": answer(b"R", 206, headers=WAV),
    "lines": logs("a"),
    "a list": answer(["a"]),
    "a text": answer("a"),
    "a list beside nothing": answer({"none": [], "logs": ["a"]}),
    "an object in an envelope": answer({"logs": {"a": 1}}),
    "a list of zero": answer([0]),
    "no JSON": answer(b"\xff"),
    "zero": answer(0),
}
NO_CONTENT = {
    "404": GONE,
    "404 with lines": answer({"logs": ["a"]}, 404),
    "404 with sound": answer(b"RIFF", 404, headers=WAV),
    "a redirection": answer(b"RIFF", 302),
    "300 is no success": answer(b"RIFF", 300),
    "no body": answer(None, 204),
    "an empty envelope": logs(),
    "an empty object": answer({}),
    "an envelope of texts": answer({"logs": None, "call_id": "c"}),
    "an empty list": answer([]),
    "an empty text": answer(""),
}


@pytest.mark.parametrize("served", CONTENT.values(), ids=CONTENT)
def test_content_after_a_deletion_is_still_served(served: Exchange) -> None:
    assert codes(not_served("logs", served, ID)) == [("still-served", f"logs {served.status}")]
    assert codes(gone(a_call(artifacts={"logs": served}), "logs", served)) == [
        ("still-served", f"logs {served.status}")
    ]


@pytest.mark.parametrize("refused", NO_CONTENT.values(), ids=NO_CONTENT)
def test_what_has_no_content_is_not_served(refused: Exchange) -> None:
    assert codes(not_served("logs", refused, ID)) == []
    assert codes(gone(a_call(artifacts={"logs": SOUND}), "logs", refused)) == []


def test_what_is_still_served_is_told_by_its_length() -> None:
    served = answer(b"RIFF", path=f"/calls/{ID}/audio", headers=WAV)
    assert in_full(not_served("recording", served, ID)) == [
        (
            "still-served",
            "GET /calls/{id}/audio still serves the recording after DELETE",
            "no content",
            "200 with 4 bytes",
            "recording 200",
            (served,),
        )
    ]


@pytest.mark.parametrize("before", [*NO_CONTENT.values(), None], ids=[*NO_CONTENT, "never looked at"])
def test_what_was_not_served_before_is_not_judged_after(before: Exchange | None) -> None:
    call = a_call(artifacts={"logs": before} if before else {"recording": SOUND})
    for after in (SOUND, answer({}, 500)):
        assert codes(gone(call, "logs", after)) == []
        assert codes(gone(call, "logs", after, 404)) == []


def test_where_a_status_is_promised_only_that_one_is_right() -> None:
    call = a_call(artifacts={"recording": SOUND})
    assert codes(gone(call, "recording", GONE, 404)) == []
    # That it is served at all is for the requirement which forbids it.
    assert codes(gone(call, "recording", SOUND, 404)) == []
    empty = answer(None, 204)
    assert in_full(gone(call, "recording", empty, 404)) == [
        ("status", "GET /calls/{id} answers 204 instead of 404 after DELETE", "404", "204", "204", (SOUND, empty))
    ]


def test_an_artifact_beside_a_marker_is_half_a_deletion() -> None:
    call = a_call(artifacts={"recording": SOUND})
    assert codes(half_gone(call, "recording", GONE)) == []
    assert codes(half_gone(a_call(), "recording", SOUND)) == []
    assert in_full(half_gone(call, "recording", SOUND)) == [
        (
            "half-marked",
            "GET /calls/{id} serves the recording of a call with a marker while deletion fails",
            "no marker before the erasure is whole",
            "200 with 4 bytes",
            "recording",
            (SOUND,),
        )
    ]


def test_a_call_that_retains_nothing_serves_nothing_before() -> None:
    assert codes(not_served_before(a_call(), "recording")) == []
    assert codes(not_served_before(a_call(artifacts={"recording": GONE, "logs": SOUND}), "recording")) == []
    call = a_call({"a": 1}, deletion(), artifacts={"recording": SOUND})
    assert in_full(not_served_before(call, "recording")) == [
        (
            "retained",
            "GET /calls/{id} serves the recording of a zero-retention call before DELETE",
            "not retained",
            "200 with 4 bytes",
            "recording",
            (SOUND,),
        )
    ]


def test_an_artifact_that_changed_is_told_by_its_status_or_as_other_content() -> None:
    call = a_call()
    looks = (logs("a", "b"), logs("a", "b"))
    assert codes(served_as_before(call, "logs", looks, logs("a", "b"), "/logs", whose="another call")) == []
    other = logs("a")
    assert in_full(served_as_before(call, "logs", looks, other, "/logs", whose="another call")) == [
        (
            "changed",
            "GET /calls/{id} no longer serves the logs of another call as before",
            "200, the same content",
            "200, other content",
            "logs",
            (looks[1], other),
        )
    ]
    assert in_full(served_as_before(call, "logs", looks, GONE, None, whose="another call")) == [
        (
            "changed",
            "GET /calls/{id} no longer serves the logs of another call as before",
            "200, the same content",
            "404",
            "logs",
            (looks[1], GONE),
        )
    ]


def test_what_moves_beside_the_promised_content_is_no_change() -> None:
    looks, after = (answer({"logs": ["a"], "n": 1}), answer({"logs": ["a"], "n": 1})), answer({"logs": ["a"], "n": 2})
    assert codes(served_as_before(a_call(), "logs", looks, after, "/logs", whose="it")) == []
    assert codes(served_as_before(a_call(), "logs", looks, after, None, whose="it")) == [("changed", "logs")]


def wav(body: bytes, media: str | None = "audio/wav") -> Exchange:
    return answer(body, headers=(("Content-Type", media),) if media is not None else ())


SAME: dict[str, tuple[Exchange, Exchange, Exchange, str | None]] = {
    "the instant of reading moves": (logs("a", at="1"), logs("a", at="2"), logs("a", at="3"), "/logs"),
    "it moves, and nobody says where the content is": (logs("a", at="1"), logs("a", at="2"), logs("a", at="3"), None),
    "keys in another order": (answer({"a": 1, "b": 2}), answer({"b": 2, "a": 1}), answer({"a": 1, "b": 2}), None),
    "a number as a float": (answer({"a": [12]}), answer({"a": [12]}), answer({"a": [12.0]}), "/a"),
    "null for absent": (answer({"a": 1, "b": None}), answer({"a": 1, "b": None}), answer({"a": 1}), None),
    "what never held still": (logs("a"), logs("b"), logs("c"), "/logs"),
    "a field that is new": (answer({"a": 1}), answer({"a": 1}), answer({"a": 1, "b": 2}), None),
    "a field that only the second look had": (answer({"a": 1}), answer({"a": 1, "b": 2}), answer({"a": 1}), None),
    "a stream that differs in its bytes": (wav(b"RIFF1"), wav(b"RIFF2"), wav(b"RIFF3"), None),
    "a stream that never held still in length": (wav(b"RIFF"), wav(b"RIFF2"), wav(b"RIFF33"), None),
    "a media type written otherwise": (wav(b"R1"), wav(b"R2"), wav(b"R3", "Audio/WAV ; rate=8000"), None),
    "a media type that never held still": (wav(b"R1"), wav(b"R2", "text/plain"), wav(b"R33"), None),
    "no media type": (wav(b"R1", None), wav(b"R2", None), wav(b"R3", ""), None),
    "a media type with a parameter, then without": (
        *(wav(b"R1", "audio/wav; rate=8000"), wav(b"R2", "audio/wav;rate=9000"), wav(b"R3"), None),
    ),
    "the same bytes under another media type": (wav(b"RIFF"), wav(b"RIFF"), wav(b"RIFF", "text/plain"), None),
    "what was not served before": (answer({}, 404), answer({}, 404), answer({}, 404), None),
    "what was served on the first look only": (answer({"a": 1}), answer({}, 404), answer({"a": 2}), None),
    "what was served on the second look only": (answer({}, 404), answer({"a": 1}), answer({"a": 2}), None),
    "what was not served before and is not served now": (answer({}, 404), logs("a"), answer({}, 404), None),
    "JSON, then sound": (answer([1]), wav(b"RIFF"), wav(b"RIFF"), None),
}
OTHER: dict[str, tuple[Exchange, Exchange, Exchange, str | None]] = {
    "a line is gone": (logs("a", "b"), logs("a", "b"), logs("a"), "/logs"),
    "a line is gone, and nobody says where": (logs("a", "b"), logs("a", "b"), logs("a"), None),
    "a field of an object in its place": (
        *(answer({"logs": {"a": 1, "n": 1}}), answer({"logs": {"a": 1, "n": 2}})),
        *(answer({"logs": {"a": 2, "n": 3}}), "/logs"),
    ),
    "what held still, after what did not": (
        *(answer({"n": 1, "a": 1}), answer({"n": 2, "a": 1}), answer({"n": 3, "a": 2})),
        None,
    ),
    "the object is a list now": (answer({"a": 1}), answer({"a": 1}), answer([1]), None),
    "no longer served": (logs("a"), logs("a"), answer({}, 404), "/logs"),
    "other bytes where they held still": (wav(b"RIFF1"), wav(b"RIFF1"), wav(b"RIFF2"), None),
    "JSON where there was sound": (wav(b"RIFF1"), wav(b"RIFF1"), answer([1]), None),
    "another length where the bytes moved": (wav(b"RIFF1"), wav(b"RIFF2"), wav(b"RIFF33"), None),
    "another media type": (wav(b"RIFF1"), wav(b"RIFF2"), wav(b"RIFF3", "text/plain"), None),
    "sound, then JSON, and other JSON": (wav(b"RIFF"), wav(b"[12]", "audio/wav"), wav(b"[123]"), None),
}


@pytest.mark.parametrize(("first", "second", "after", "content"), SAME.values(), ids=SAME)
def test_what_moves_by_itself_is_the_same(
    first: Exchange, second: Exchange, after: Exchange, content: str | None
) -> None:
    assert same_artifact(first, second, after, content)


@pytest.mark.parametrize(("first", "second", "after", "content"), OTHER.values(), ids=OTHER)
def test_what_held_still_and_changed_is_another(
    first: Exchange, second: Exchange, after: Exchange, content: str | None
) -> None:
    assert not same_artifact(first, second, after, content)


@pytest.mark.parametrize("body", [{"a": 1}, [1], "text", b"RIFF", b""], ids=str)
def test_any_artifact_is_the_same_as_itself(body: Any) -> None:
    one = answer(body)
    assert same_artifact(one, one, one, None)
