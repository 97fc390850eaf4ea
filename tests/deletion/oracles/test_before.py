"""What a call shows, and does not show, before anybody deletes it."""

import pytest

from conformance.contracts.pointer import ABSENT
from conformance.deletion.oracles.before import not_retained, omits_for_kind, shows_for_kind, unmarked_before
from tests.deletion.built import NOT_NULL, a_call, a_view, at, codes, in_full

FIELDS = ("/phone/to", "/phone/from")


def test_a_call_that_was_never_deleted_has_no_marker_or_a_null_one() -> None:
    call = a_call({})
    assert codes(unmarked_before(call, a_view({}), "/redacted_at")) == []
    assert codes(unmarked_before(call, a_view({"redacted_at": None}), "/redacted_at")) == []
    for value in (*NOT_NULL, at(1)):
        view = a_view({"redacted_at": value}, "list")
        assert in_full(unmarked_before(call, view, "/redacted_at")) == [
            (
                "marked-before",
                "GET /calls returns /redacted_at for a call that was never deleted",
                "absent or null",
                (value, ""),
                "list",
                (view.exchange,),
            )
        ]


def test_a_zero_retention_call_holds_nothing_sensitive() -> None:
    assert (
        codes(not_retained(a_call({"transcript": [], "summary": None, "id": "x"}), ["/transcript", "/summary"])) == []
    )
    call = a_call({"transcript": "a", "summary": "b", "id": "x"})
    assert in_full(not_retained(call, ["/transcript", "/other", "/summary"])) == [
        (
            "retained",
            f"a zero-retention call returns {place} before DELETE",
            "not retained",
            "content",
            place,
            (call.shown,),
        )
        for place in ("/transcript", "/summary")
    ]


def test_what_could_not_be_read_names_no_exchange() -> None:
    (found,) = not_retained(a_call(stored={"a": "x"}), ["/a"])
    assert (found.code, found.about) == ("retained", ())


@pytest.mark.parametrize("nothing", [None, ABSENT], ids=str)
def test_a_field_that_belongs_to_the_kind_of_call_is_missing(nothing: object) -> None:
    held = {"from": "+1", **({} if nothing is ABSENT else {"to": None})}
    view = a_view({"phone": held})
    assert codes(omits_for_kind(a_call({}), a_view({"phone": {"to": None}}), FIELDS, "web")) == []
    assert in_full(shows_for_kind(a_call({}), view, FIELDS, "phone")) == [
        (
            "missing",
            "GET /calls/{id} returns no /phone/to for a phone call that was set up with it",
            "present",
            (nothing, ""),
            "get /phone/to",
            (view.exchange,),
        )
    ]


def test_a_field_that_does_not_belong_to_the_kind_of_call_is_there() -> None:
    view = a_view({"phone": {"to": None, "from": ""}}, "list")
    assert codes(shows_for_kind(a_call({}), a_view({"phone": {"to": "", "from": 0}}), FIELDS, "phone")) == []
    assert in_full(omits_for_kind(a_call({}), view, FIELDS, "web")) == [
        (
            "present",
            "GET /calls returns /phone/from for a web call",
            "omitted",
            ("", ""),
            "list /phone/from",
            (view.exchange,),
        )
    ]


def test_each_field_is_told_by_itself() -> None:
    full, empty = a_view({"phone": {"to": "1", "from": "2"}}), a_view({})
    assert codes(omits_for_kind(a_call({}), full, iter(FIELDS), "web")) == [("present", f"get {f}") for f in FIELDS]
    assert codes(shows_for_kind(a_call({}), empty, iter(FIELDS), "phone")) == [("missing", f"get {f}") for f in FIELDS]
