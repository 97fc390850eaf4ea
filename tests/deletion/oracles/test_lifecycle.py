"""The answers that each step of a call's life must bring."""

import pytest

from conformance.deletion.oracles.lifecycle import Life, deletion_agrees, refuses_to_cancel, status_agrees
from tests.deletion.built import a_call, a_view, answer, codes, deletion, in_full

ACTIVE, ENDED = Life("started", terminal=False), Life("completed", terminal=True)
GONE = Life(None, terminal=True, deleted=True)
FAILING = Life("completed", terminal=True, failures=1)


def test_a_life_begins_undeleted_and_without_failures() -> None:
    assert Life("created", terminal=False) == Life("created", terminal=False, deleted=False, failures=0)


RIGHT = [(ACTIVE, 409), (ENDED, 200), (GONE, 200), (FAILING, 200), (FAILING, 500)]
WRONG = [(ACTIVE, 200), (ACTIVE, 500), (ACTIVE, 400), (ENDED, 409), (ENDED, 500), (GONE, 404), (FAILING, 404)]


@pytest.mark.parametrize(("life", "status"), RIGHT, ids=str)
def test_a_deletion_that_agrees(life: Life, status: int) -> None:
    assert codes(deletion_agrees(life, deletion(status=status), 409)) == []


@pytest.mark.parametrize(("life", "status"), WRONG, ids=str)
def test_a_deletion_that_does_not_agree(life: Life, status: int) -> None:
    assert codes(deletion_agrees(life, deletion(status=status), 409)) == [("status", f"DELETE {status}")]


def test_a_failure_excuses_no_active_call() -> None:
    failing = Life("started", terminal=False, failures=1)
    assert codes(deletion_agrees(failing, deletion(status=500), 400)) == [("status", "DELETE 500")]


def test_a_deletion_is_told_by_what_was_promised_at_that_point() -> None:
    refused, done = deletion(status=404), deletion()
    assert in_full(deletion_agrees(ACTIVE, done, 409)) == [
        ("status", "DELETE of an active call answers 200 instead of 409", "409", "200", "DELETE 200", (done,))
    ]
    assert in_full(deletion_agrees(ENDED, refused, 409)) == [
        (
            "status",
            "DELETE of an ended call, in the middle of its life, answers 404 instead of 200",
            "200",
            "404",
            "DELETE 404",
            (refused,),
        )
    ]


def test_the_status_is_what_the_life_made_it_where_that_is_known() -> None:
    call = a_call({})
    assert codes(status_agrees(call, ENDED, a_view({"status": "completed"}), "/status")) == []
    assert codes(status_agrees(call, GONE, a_view({"status": "anything"}), "/status")) == []
    assert codes(status_agrees(call, ENDED, a_view({}, "list"), "/status")) == [("status-differs", "list")]
    view = a_view({"status": "started"})
    assert in_full(status_agrees(call, ENDED, view, "/status")) == [
        (
            "status-differs",
            "GET /calls/{id} returns another /status than the call's life made it",
            "completed",
            ("started", ""),
            "get",
            (view.exchange,),
        )
    ]


def test_only_a_deleted_call_must_not_be_cancelled() -> None:
    call, done, refused = a_call({}, deletion()), answer({}, 204, method="POST"), answer({}, 404)
    for life, said in ((ACTIVE, done), (ENDED, done), (GONE, refused), (ENDED, refused)):
        assert codes(refuses_to_cancel(call, life, said)) == []
    assert in_full(refuses_to_cancel(call, GONE, done)) == [
        (
            "cancelled-after-deletion",
            "POST /calls/{id} answers 204 after DELETE",
            "refused",
            "204",
            "",
            (call.shown, call.deleted, done),
        )
    ]
