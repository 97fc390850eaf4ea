"""The statuses that are promised, and the record that belongs in the answer."""

import pytest

from conformance.contracts.pointer import ABSENT
from conformance.deletion.oracles.answers import (
    answers_own_record,
    answers_the_record,
    cancelled,
    refused,
    same_record,
    status_is,
    still_listed,
    still_readable,
)
from tests.deletion.built import ID, a_call, answer, codes, deletion, in_full


def test_only_the_promised_status_is_right() -> None:
    assert codes(status_is(deletion(), 200, "DELETE")) == []
    assert codes(status_is(answer({}, 404), 404, "GET")) == []
    assert codes(status_is(answer({}, 201), 200, "GET")) == [("status", "GET 201")]


def test_another_status_is_told_with_both() -> None:
    failed = deletion(status=500)
    assert in_full(status_is(failed, 200, "DELETE of an ended call")) == [
        ("status", "DELETE of an ended call answers 500 instead of 200", "200", "500", "DELETE 500", (failed,))
    ]


@pytest.mark.parametrize("status", [400, 404, 499])
def test_an_odd_id_is_refused_by_any_4xx(status: int) -> None:
    assert codes(refused(deletion(status=status), "a star")) == []


@pytest.mark.parametrize(("status", "where"), [(200, "odd 2xx"), (399, "odd 3xx"), (500, "odd 5xx"), (503, "odd 5xx")])
def test_an_odd_id_that_is_not_refused_is_told_by_the_class_of_its_status(status: int, where: str) -> None:
    answered = deletion(status=status)
    assert in_full(refused(answered, "a star")) == [
        (
            "status",
            f"DELETE of an odd id (a star) answers {status} instead of a 4xx",
            "any 4xx",
            str(status),
            where,
            (answered,),
        )
    ]


def test_a_started_call_is_cancelled_with_any_2xx() -> None:
    assert codes(cancelled(answer({}, 204))) == []
    said = answer({}, 409)
    assert in_full(cancelled(said)) == [
        ("not-cancelled", "cancelling a started call answers 409 instead of a 2xx", "2xx", "409", "409", (said,))
    ]


def test_a_delete_answers_with_the_record_by_its_id() -> None:
    right, none, other = deletion({"id": ID}), deletion({}), deletion({"id": "another"})
    call = a_call({"id": ID}, right)
    assert codes(answers_the_record(call, right, "/id")) == []
    assert codes(answers_the_record(call, none, "/id")) == [("not-the-record", "")]
    assert in_full(answers_the_record(a_call({"id": ID}, other), other, "/id")) == [
        (
            "not-the-record",
            "DELETE /calls/{id} answers 200 without the call's record: /id is not its id",
            f"/id: {ID}",
            ("another", ""),
            "",
            (answer({"id": ID}), other),
        )
    ]


def test_a_get_answers_with_the_record_by_its_id() -> None:
    call = a_call({"id": ID}, deletion())
    assert codes(answers_own_record(call, answer({"id": ID}), "/id")) == []
    assert codes(answers_own_record(call, answer({"id": "another"}), "/id")) == [("another-record", "")]
    none = answer({})
    assert in_full(answers_own_record(call, none, "/id")) == [
        (
            "another-record",
            "GET /calls/{id} returns another /id after DELETE",
            "its own id",
            (ABSENT, ""),
            "",
            (call.shown, call.deleted, none),
        )
    ]


def test_a_record_is_only_asked_for_in_a_200() -> None:
    call = a_call({"id": ID})
    for status in (199, 201, 404, 500):
        assert codes(answers_the_record(call, deletion({"id": "x"}, status), "/id")) == []
        assert codes(answers_own_record(call, answer({"id": "x"}, status), "/id")) == []


KNOWN = ["id", "a/b", "redacted_at", "n"]


def test_repeated_deletes_answer_with_the_same_known_fields_the_marker_aside() -> None:
    first = deletion({"id": ID, "a/b": 1, "redacted_at": 1, "n": None, "request": 1})
    again = deletion({"id": ID, "a/b": 1.0, "redacted_at": 2, "request": 2})
    assert codes(same_record(first, again, KNOWN, "/redacted_at")) == []


def test_another_record_is_told_by_each_field_with_both_values() -> None:
    first, again = deletion({"id": ID, "a/b": 1}), deletion({"id": "x", "redacted_at": 2, "a/b": 2})
    assert in_full(same_record(first, again, KNOWN, "/redacted_at")) == [
        (
            "another-record",
            "repeated DELETEs of one call answer with another /id",
            (ID, ""),
            ("x", ""),
            "/id",
            (first, again),
        ),
        (
            "another-record",
            "repeated DELETEs of one call answer with another /a/b",
            (1, ""),
            (2, ""),
            "/a/b",
            (first, again),
        ),
    ]


def test_a_deleted_call_reads_as_a_200_with_an_object() -> None:
    call = a_call({"id": ID}, deletion())
    assert codes(still_readable(call, answer({}))) == []
    for unreadable in (answer([]), answer(b"<html>"), answer({}, 404), answer({}, 201)):
        assert codes(still_readable(call, unreadable)) == [("vanished", "")]


def test_a_call_that_can_no_longer_be_read_is_told_by_the_status() -> None:
    call, missing = a_call({"id": ID}, deletion()), answer({}, 404)
    assert in_full(still_readable(call, missing)) == [
        (
            "vanished",
            "GET /calls/{id} answers 404 without a record after DELETE",
            "200 and its redacted record",
            "404",
            "",
            (call.shown, call.deleted, missing),
        )
    ]


def test_a_call_that_the_list_has_is_listed_whatever_stands_in_it() -> None:
    call, page = a_call({"id": ID}, deletion()), answer({"items": []}, path="/calls")
    assert codes(still_listed(call, page, {})) == []
    assert codes(still_listed(call, page, {"id": ID}, where="list plain")) == []


def test_a_call_that_is_no_longer_listed_is_told_by_whose_it_is() -> None:
    call, page = a_call({"id": ID}, deletion()), answer({"items": []}, path="/calls")
    evidence = (call.shown, call.deleted, page)
    assert in_full(still_listed(call, page, None)) == [
        (
            "vanished",
            "GET /calls no longer lists a deleted call",
            "its record on the list",
            "200 without it",
            "",
            evidence,
        )
    ]
    assert in_full(still_listed(call, page, None, "a sibling", "list plain")) == [
        (
            "vanished",
            "GET /calls no longer lists a sibling",
            "its record on the list",
            "200 without it",
            "list plain",
            evidence,
        )
    ]
