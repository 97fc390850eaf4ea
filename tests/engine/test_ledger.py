"""Whose calls are whose."""

from conformance.engine.ledger import Ledger


def test_unsafe_requests_may_name_what_was_set_up_given_or_made_up_and_nothing_else() -> None:
    ledger = Ledger([["given_1"], ["given_2"]])
    made = list(ledger.made("a call exists", {}, {"call_id": "made_1"}))
    made += ledger.made("deleted calls exist", {"api_key": "k"}, {"call_ids": ["made_2", "made_3", 5]})
    ledger.ours("nobody_1")
    assert made == ["made_1", "made_2", "made_3"]
    known = {"given_1", "given_2", "made_1", "made_2", "made_3", "nobody_1"}
    assert {name for name in (*known, "made_", "MADE_1", "%", "", "5") if ledger.may_name(name)} == known


def test_each_call_belongs_to_the_account_that_it_was_set_up_in() -> None:
    ledger = Ledger([])
    list(ledger.made("deleted calls exist", {"api_key": "k"}, {"call_ids": ["a"]}))
    list(ledger.made("deleted calls exist", {}, {"call_ids": ["b"]}))
    assert (ledger.owner("a"), ledger.owner("b"), ledger.owner("c"), ledger.owner(None)) == ("k", "", None, None)


def test_a_call_is_live_until_it_is_asked_to_be_deleted() -> None:
    ledger = Ledger([])
    list(ledger.made("live calls exist", {}, {"call_ids": ["a", "b"]}))
    list(ledger.made("a call is deleted", {"call_id": "a"}, {}))
    assert (ledger.is_live("a"), ledger.is_live("b")) == (False, True)
    ledger.removed("b")
    assert not ledger.is_live("b")
