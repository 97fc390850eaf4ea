"""How a violation names a request, and what it is seen by."""

from conformance.deletion.oracles.evidence import operation, returns, seen
from tests.deletion.built import ID, a_call, answer, deletion


def test_a_request_is_named_by_method_and_path_with_the_id_left_out() -> None:
    assert operation(answer(path=f"/v1/calls/{ID}/audio?range=all"), ID) == "GET /v1/calls/{id}/audio"
    assert operation(deletion(), ID) == "DELETE /calls/{id}"
    assert operation(answer(path="/calls?owner=a"), ID) == "GET /calls"


def test_an_id_is_left_out_as_the_path_has_it() -> None:
    assert operation(answer(path="/calls/a%2Fb%20c"), "a/b c") == "GET /calls/{id}"


def test_what_a_deletion_answers_itself_is_not_still_returned() -> None:
    done = deletion()
    call = a_call({}, deletion(status=500), done)
    assert returns(call, done, "/a") == "DELETE /calls/{id} returns /a"
    assert returns(call, answer(), "/a") == "GET /calls/{id} still returns /a after DELETE"
    assert returns(call, answer(path="/calls"), "/a") == "GET /calls still returns /a after DELETE"


def test_each_exchange_is_named_once_and_the_offending_one_last() -> None:
    done, later = deletion(), answer()
    call = a_call({"a": 1}, done)
    assert seen(call, later) == (call.shown, done, later)
    assert seen(call, done) == (call.shown, done)
    assert call.shown is not None
    assert seen(call, call.shown) == (done, call.shown)


def test_what_was_never_read_or_deleted_is_not_named() -> None:
    later = answer()
    assert seen(a_call(), later) == (later,)
    assert seen(a_call(None, deletion(status=500)), later) == (later,)
