"""Calls that nobody deleted: nothing that held still may change, and no mark may come."""

from typing import Any

import pytest

from conformance.deletion.oracles.others import reads_as_before, untouched_by
from tests.deletion.built import a_call, answer, at, codes, deletion, in_full

NAMES = ["status", "summary", "redacted_at", "a/b"]
BEFORE = answer({"status": "completed", "summary": None, "redacted_at": None, "a/b": [1]})


def found(body: Any, status: int = 200) -> list[tuple[str, str]]:
    after = answer(body, status)
    return codes(reads_as_before(a_call({}), BEFORE, after, iter(NAMES), "/redacted_at", whose="a sibling"))


def test_a_call_reads_as_before_in_the_fields_that_held_still() -> None:
    assert found({"status": "completed", "a/b": [1.0], "moving": 1}) == []
    assert codes(reads_as_before(a_call({}), BEFORE, answer({"status": "x"}), [], "/redacted_at", whose="it")) == []


def test_what_is_made_after_a_call_may_come_but_a_mark_may_not() -> None:
    after = {"status": "completed", "a/b": [1], "summary": "made later", "redacted_at": at(1)}
    assert found(after) == [("changed", "/redacted_at")]
    unmarked = answer({"status": "x"})
    assert codes(reads_as_before(a_call({}), unmarked, answer({**after, "status": "x"}), NAMES, "/m", whose="it")) == []


def test_what_was_there_may_not_change_or_go() -> None:
    assert found({"status": "failed"}) == [("changed", "/status"), ("changed", "/a/b")]
    assert found({"summary": "new", "status": "completed", "a/b": []}) == [("changed", "/a/b")]


def test_a_changed_field_is_told_with_both_values() -> None:
    after = answer({"status": "failed", "a/b": [2]})
    assert in_full(reads_as_before(a_call({}), BEFORE, after, NAMES, "/redacted_at", whose="a sibling")) == [
        (
            "changed",
            f"GET /calls/{{id}} returns another /{name} of a sibling than before",
            (was, ""),
            (now, ""),
            f"/{name}",
            (BEFORE, after),
        )
        for name, was, now in (("status", "completed", "failed"), ("a/b", [1], [2]))
    ]


@pytest.mark.parametrize(("body", "status"), [({}, 404), ([], 200), (b"", 200), ({"status": "completed"}, 202)])
def test_a_call_that_can_no_longer_be_read_is_told_once(body: Any, status: int) -> None:
    after = answer(body, status)
    assert in_full(reads_as_before(a_call({}), BEFORE, after, NAMES, "/redacted_at", whose="a sibling")) == [
        (
            "changed",
            "GET /calls/{id} no longer returns the record of a sibling",
            "200 and its record",
            str(status),
            "unreadable",
            (BEFORE, after),
        )
    ]


RECORD = {"id": "x", "summary": "words", "at": at(1)}


def touched(record: dict[str, Any] | None, body: Any, status: int = 200, *, answered: int = 404) -> list[Any]:
    call, asked, after = a_call(record), deletion(status=answered), answer(body, status)
    return [one[3] for one in in_full(untouched_by(call, asked, after, "/redacted_at", "a star"))]


def test_a_call_that_reads_as_before_is_untouched() -> None:
    assert touched(RECORD, {**RECORD, "at": at(1, 3), "redacted_at": None, "new": 1}) == []
    assert touched({**RECORD, "redacted_at": None}, RECORD) == []
    assert touched({**RECORD, "redacted_at": at(1)}, {**RECORD, "redacted_at": at(1)}) == []


def test_each_way_of_touching_a_call_is_named() -> None:
    assert touched(RECORD, {}, 404) == ["404; it can no longer be read"]
    assert touched(RECORD, {"id": "x"}, answered=200) == ["200; /summary changed, /at changed"]
    assert touched(RECORD, {**RECORD, "redacted_at": at(1)}) == ["404; /redacted_at is set"]
    assert touched({**RECORD, "redacted_at": None}, {**RECORD, "redacted_at": at(1)}) == ["404; /redacted_at changed"]


def test_a_call_that_was_never_read_is_only_touched_if_it_is_gone() -> None:
    assert touched(None, {"redacted_at": at(1)}) == []
    assert touched(None, None, 404) == ["404; it can no longer be read"]


def test_a_touched_call_is_told_by_what_was_deleted_instead() -> None:
    asked, after = deletion(status=200), answer({}, 404)
    call = a_call(RECORD)
    assert in_full(untouched_by(call, asked, after, "/redacted_at", "a star")) == [
        (
            "touched",
            "DELETE of what is not the call's id (a star) reached the call",
            "4xx, and the call as it was",
            "200; it can no longer be read",
            "a star",
            (call.shown, asked, after),
        )
    ]
    (unread,) = untouched_by(a_call(), asked, after, "/redacted_at", "a star")
    assert unread.about == (asked, after)
