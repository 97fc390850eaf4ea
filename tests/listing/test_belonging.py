"""Whose calls a page shows is held against the run's ledger, whatever was asked."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from conformance.contracts.loading import load
from conformance.engine.run import Run
from conformance.http.exchange import Exchange, Request
from conformance.listing.belonging import Belonging
from conformance.targets.target import Target

CONTRACT = load("ultravox")
LIST = CONTRACT.roles["tombstones"].id
OWN, LIVE, THEIRS = "own-call-1", "live-call-1", "their-call-1"


def run(**stated: Any) -> Run:
    made = Run(CONTRACT, Target(url="http://127.0.0.1:9", api_key="main-key", **stated), seed=1, depth=1)
    made.limits.take("accounts")
    for state, params, call_id in (
        ("deleted calls exist", {"api_key": "fresh-key"}, OWN),
        ("live calls exist", {"api_key": "fresh-key"}, LIVE),
        ("deleted calls exist", {}, THEIRS),
    ):
        assert [*made.ledger.made(state, params, {"call_ids": [call_id]})] == [call_id]
    return made


def page(*ids: Any, key: str | None = "fresh-key", **request: Any) -> Exchange:
    headers: Mapping[str, str] = {} if key is None else {"X-API-Key": key}
    asked = Request("GET", "http://127.0.0.1:9/api/deleted_calls", headers, operation=LIST, **request)
    body = json.dumps({"results": [{"callId": call_id} for call_id in ids]}).encode()
    return Exchange(asked, 200, (), body, 0.0, 0.0)


def seen(of: Run, exchange: Exchange) -> dict[str, str]:
    return {r.id: v.code for r, v in Belonging(of).see(exchange) if v is not None}


def test_ones_own_deleted_calls_belong_there() -> None:
    assert seen(run(), page(OWN, "unknown to the ledger", 5, None)) == {}
    assert seen(run(), page(THEIRS, key="main-key")) == {}


@pytest.mark.parametrize("key", ["fresh-key", "a second fresh key"])
def test_another_accounts_call_breaks_the_must(key: str) -> None:
    assert seen(run(), page(THEIRS, key=key)) == {"ultravox.auth.other-account": "foreign"}
    assert seen(run(), page(OWN, key="main-key")) == {"ultravox.auth.other-account": "foreign"}


def test_a_live_call_breaks_the_must_until_it_was_asked_to_be_deleted() -> None:
    one = run()
    assert seen(one, page(OWN, LIVE)) == {"ultravox.tombstone.exactly-deleted": "live"}
    one.ledger.removed(LIVE)
    assert seen(one, page(OWN, LIVE)) == {}


def test_accounts_that_are_declared_to_be_shared_are_not_held_apart() -> None:
    assert seen(run(accounts="shared"), page(THEIRS)) == {}
    assert seen(run(accounts="shared"), page(LIVE)) == {"ultravox.tombstone.exactly-deleted": "live"}


def test_a_credential_that_should_not_be_let_in_is_left_to_its_own_rule() -> None:
    assert seen(run(), page(THEIRS, key="wrong", intent="bad-credential")) == {}
    assert seen(run(), page(THEIRS, key=None)) == {}
