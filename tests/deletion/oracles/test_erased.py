"""Erased fields are gone, everything else is kept, and no byte tells."""

import base64
from typing import Any

import pytest

from conformance.deletion.call import Call
from conformance.deletion.oracles.erased import (
    absent_not_null,
    half_erased,
    held_fields,
    keeps,
    no_trace,
    omits,
    omits_known,
)
from tests.deletion.built import ID, NOT_NULL, a_call, a_view, answer, codes, deletion, in_full

WORDS = "k3vq7w2p said goodbye"
FIELD = "/transcript"


def spoken(*held: Any) -> Call:
    """A deleted call whose transcript held something."""
    return a_call({"transcript": held[0] if held else WORDS}, deletion(), planted={FIELD: "k3vq7w2p"})


def test_what_was_null_empty_or_absent_was_not_held() -> None:
    record: dict[str, Any] = {
        "none": None,
        "text": "",
        "list": [],
        "object": {},
        "zero": 0,
        "no": False,
        "word": "x",
        "in": {"it": 1},
    }
    places = ["/none", "/text", "/list", "/object", "/zero", "/no", "/word", "/in/it", "/absent"]
    assert held_fields(a_call(record), places) == ["/zero", "/no", "/word", "/in/it"]


def test_what_was_only_stored_is_held_where_nothing_could_be_read() -> None:
    assert held_fields(a_call(stored={"a": 1}), ["/a", "/b"]) == ["/a"]
    assert held_fields(a_call({"b": 1}, stored={"a": 1}), ["/a", "/b"]) == ["/b"]


SURVIVING = {
    "as it was": WORDS,
    "only its canary": "...K3VQ7W2P...",
    "a part of it": "said good",
    "in base64": base64.b64encode(WORDS.encode()).decode(),
    "a number": 0,
    "a boolean": False,
    "a list": [{"text": None}],
    "an object": {"text": ""},
}


@pytest.mark.parametrize("value", SURVIVING.values(), ids=SURVIVING)
def test_content_survives_in_any_form(value: Any) -> None:
    view = a_view({"transcript": value})
    assert codes(omits(spoken(), [view], [FIELD])) == [("survives", "get /transcript")]
    assert codes(absent_not_null(spoken(), [view], [FIELD])) == []


WITHOUT_CONTENT: dict[str, tuple[Any, str]] = {
    "null": (None, "null"),
    "empty text": ("", "empty"),
    "empty list": ([], "empty"),
    "empty object": ({}, "empty"),
    "masked": ("[redacted]", "masked"),
    "masked as long": ("*" * len(WORDS), "masked"),
}


@pytest.mark.parametrize(("value", "code"), WITHOUT_CONTENT.values(), ids=WITHOUT_CONTENT)
def test_a_field_without_its_content_is_no_content_but_not_absent(value: Any, code: str) -> None:
    view = a_view({"transcript": value})
    assert codes(omits(spoken(), [view], [FIELD])) == []
    assert codes(absent_not_null(spoken(), [view], [FIELD])) == [(code, "get /transcript")]


def test_an_absent_field_is_right() -> None:
    views = [a_view({}, where) for where in ("delete", "get", "list")]
    assert codes(omits(spoken(), views, [FIELD])) == []
    assert codes(absent_not_null(spoken(), views, [FIELD])) == []


@pytest.mark.parametrize("held", [None, "", [], {}])
def test_what_held_nothing_may_read_as_it_likes(held: Any) -> None:
    call = a_call({"transcript": held}, deletion())
    for value in (None, "", "text", ["x"]):
        assert codes(omits(call, [a_view({"transcript": value})], [FIELD])) == []
        assert codes(absent_not_null(call, [a_view({"transcript": value})], [FIELD])) == []


def test_a_field_of_a_list_is_masked_by_what_no_part_of_it_says() -> None:
    call = spoken([{"text": WORDS}])
    assert codes(omits(call, [a_view({"transcript": WORDS})], [FIELD])) == [("survives", "get /transcript")]
    assert codes(absent_not_null(call, [a_view({"transcript": "gone"})], [FIELD])) == [("masked", "get /transcript")]


def test_every_view_and_field_is_told_by_itself() -> None:
    call = a_call({"a": "first", "b": "second", "c": None}, deletion())
    record = {"a": "first", "b": None}
    views = [a_view(record, "delete"), a_view({}, "get"), a_view(record, "list")]
    fields = ["/a", "/b", "/c"]
    assert codes(omits(call, iter(views), iter(fields))) == [("survives", "delete /a"), ("survives", "list /a")]
    assert codes(absent_not_null(call, iter(views), iter(fields))) == [("null", "delete /b"), ("null", "list /b")]


def test_surviving_content_is_told_with_its_field_its_value_and_what_shows_it() -> None:
    call, view = spoken(), a_view({"transcript": WORDS})
    assert in_full(omits(call, [view], [FIELD])) == [
        (
            "survives",
            "GET /calls/{id} still returns /transcript after DELETE",
            "the field is omitted",
            (WORDS, ""),
            "get /transcript",
            (call.shown, call.deleted, view.exchange),
        )
    ]


@pytest.mark.parametrize(("value", "code"), WITHOUT_CONTENT.values(), ids=WITHOUT_CONTENT)
def test_an_emptied_field_is_told_with_its_value_and_what_shows_it(value: Any, code: str) -> None:
    view = a_view({"transcript": value}, "delete")
    call = a_call({"transcript": WORDS}, view.exchange)
    assert in_full(absent_not_null(call, [view], [FIELD])) == [
        (
            code,
            f"DELETE /calls/{{id}} returns /transcript without its content ({code})",
            "the field is omitted",
            (value, ""),
            "delete /transcript",
            (call.shown, view.exchange),
        )
    ]


KEPT = {"id": ID, "at": "2026-01-01T00:00:00Z", "n": 1, "no": None}


@pytest.mark.parametrize(
    "after",
    [
        KEPT,
        {"id": ID, "at": "2026-01-01T01:00:00.000+01:00", "n": 1.0},
        {**KEPT, "other": "new"},
    ],
    ids=str,
)
def test_fields_are_kept_as_instants_and_numbers_and_null_as_absent(after: dict[str, Any]) -> None:
    places = ["/id", "/at", "/n", "/no", "/absent"]
    assert codes(keeps(a_call(KEPT), [a_view(after), a_view(after, "list")], places)) == []


def test_a_field_that_was_to_be_kept_differs() -> None:
    after = {"id": None, "at": "2026-01-01T00:00:01Z", "no": ""}
    found = keeps(a_call(KEPT), iter([a_view(after)]), ["/id", "/at", "/n", "/no"])
    assert codes(found) == [("changed", f"get {place}") for place in ("/id", "/at", "/n", "/no")]


def test_a_list_may_show_less_but_not_something_else() -> None:
    call = a_call(KEPT)
    assert codes(keeps(call, [a_view({}, "list")], ["/id", "/n"])) == []
    call.listed = {"n": 1}
    assert codes(keeps(call, [a_view({}, "list")], ["/id", "/n"])) == [("changed", "list /n")]
    call.listed = {"n": None}
    assert codes(keeps(call, [a_view({}, "list")], ["/id", "/n"])) == []
    after = {"id": None, "n": 2}
    assert codes(keeps(call, [a_view(after, "list")], ["/id", "/n"])) == [
        ("changed", "list /id"),
        ("changed", "list /n"),
    ]
    assert codes(keeps(call, [a_view({}, "delete")], ["/id"])) == [("changed", "delete /id")]


def test_after_what_is_passed_over_the_other_fields_and_views_are_looked_at() -> None:
    call, views = a_call({"a": 1}), [a_view({}, "list"), a_view({"a": 2}, "get")]
    assert codes(keeps(call, views, ["/nothing", "/a"])) == [("changed", "get /a")]
    assert codes(keeps(call, [a_view({}), a_view({"b": 2}, "list")], ["/b"])) == [("changed", "list /b")]


def test_a_changed_field_is_told_with_both_values() -> None:
    call, view = a_call({"n": 1}, deletion()), a_view({"n": 2})
    assert in_full(keeps(call, [view], ["/n"])) == [
        (
            "changed",
            "GET /calls/{id} returns another /n than before the deletion",
            (1, ""),
            (2, ""),
            "get /n",
            (call.shown, call.deleted, view.exchange),
        )
    ]


TRACED = {"/transcript/*/text": "k3vq7w2p", "/transcript/*/id": "zz81xx40", "/summary": "m4n5b6v7", "logs": "q1w2e3r4"}


def traced() -> Call:
    return a_call({"a": 1}, deletion(), planted=TRACED)


def test_what_shows_no_canary_of_the_places_leaves_no_trace() -> None:
    clean = [answer({"id": ID}), answer(b"\xff\xfe", 404), answer({"summary": "m4n5b6v7"})]
    assert codes(no_trace(traced(), clean, ["/transcript", "logs"])) == []


def test_traces_in_body_and_headers_are_told_once_for_all_that_lies_under_a_place() -> None:
    call = traced()
    body = answer(b"\xffK3VQ7W2P and zz81xx40", 404)
    header = answer({}, headers=(("x-log", "q1w2e3r4"), ("x-summary", "m4n5b6v7")))
    assert in_full(no_trace(call, iter([body, header]), iter(["/transcript", "/summary", "logs"]))) == [
        (
            "trace",
            "GET /calls/{id} still returns content of /transcript/*/id, /transcript/*/text in its body after DELETE",
            "no trace of erased content",
            "op answered 404 with it",
            "op body /transcript",
            (call.shown, call.deleted, body),
        ),
        (
            "trace",
            "GET /calls/{id} still returns content of /summary in its headers after DELETE",
            "no trace of erased content",
            "op answered 200 with it",
            "op headers /summary",
            (call.shown, call.deleted, header),
        ),
        (
            "trace",
            "GET /calls/{id} still returns content of logs in its headers after DELETE",
            "no trace of erased content",
            "op answered 200 with it",
            "op headers logs",
            (call.shown, call.deleted, header),
        ),
    ]


def test_a_marker_beside_content_is_half_a_deletion() -> None:
    call, view = spoken(), a_view({"transcript": WORDS, "redacted_at": "2026-01-01T00:00:00Z"})
    assert in_full(half_erased(call, view, "/redacted_at", [FIELD])) == [
        (
            "half-marked",
            "GET /calls/{id} returns /redacted_at beside content while deletion fails",
            "no marker before the erasure is whole",
            (WORDS, ""),
            "get /transcript",
            (call.shown, call.deleted, view.exchange),
        )
    ]


@pytest.mark.parametrize(
    "record",
    [
        {"transcript": WORDS},
        {"transcript": WORDS, "redacted_at": None},
        {"transcript": WORDS, "redacted_at": ""},
        {"redacted_at": "2026-01-01T00:00:00Z"},
        {"transcript": None, "redacted_at": "2026-01-01T00:00:00Z"},
    ],
    ids=str,
)
def test_content_without_a_marker_or_a_marker_without_content_is_no_half_deletion(record: dict[str, Any]) -> None:
    assert codes(half_erased(spoken(), a_view(record), "/redacted_at", [FIELD])) == []


def test_a_call_known_to_be_deleted_has_the_field_in_no_form() -> None:
    assert codes(omits_known(answer({"id": ID}), ID, ["/a", "/b"])) == []
    for value in (None, *NOT_NULL, "x"):
        assert codes(omits_known(answer({"a": value}), ID, ["/b", "/a"])) == [("shown", "/a")]
    shows = answer({"a": "x"})
    assert in_full(omits_known(shows, ID, ["/a"])) == [
        (
            "shown",
            "GET /calls/{id} returns /a of a call that is known to be deleted",
            "omitted",
            ("x", ""),
            "/a",
            (shows,),
        )
    ]
