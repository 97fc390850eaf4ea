"""Which statuses are lawful, by what a request was meant as."""

import pytest

from conformance.contracts.contract import Contract
from conformance.contracts.loading import load
from conformance.contracts.terms import Role
from conformance.http.exchange import Exchange, Intent, Request
from conformance.protocol.oracles import documented, no_5xx


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load("cartesia")


def judged(contract: Contract, role: Role, status: int, intent: Intent) -> tuple[bool, bool]:
    """Whether an answer has a documented status, and whether it is no server error that it should not be."""
    operation = contract.roles[role]
    exchange = Exchange(
        Request(operation.method, "http://h/", operation=operation.id, intent=intent), status, (), b"", 0, 0
    )
    return not list(documented(contract, operation, exchange)), not list(no_5xx(operation, exchange))


LAWFUL: list[tuple[str, int, Intent]] = [
    ("delete", 200, "regular"),
    ("delete", 500, "regular"),
    ("delete", 429, "regular"),
    ("delete", 409, "at-once"),
    ("delete", 423, "at-once"),
    ("delete", 403, "other-account"),
    ("delete", 401, "bad-credential"),
    ("delete", 414, "unknown-id"),
    ("delete", 405, "malformed"),
    # A deletion may have begun, and not have completed.
    ("delete", 500, "bad-version"),
    # A supporting operation need not be there at all.
    ("get", 405, "regular"),
    ("list", 404, "regular"),
    ("cancel", 501, "regular"),
]
UNLAWFUL: list[tuple[str, int, Intent]] = [
    ("delete", 201, "regular"),
    ("delete", 401, "regular"),
    ("delete", 409, "regular"),
    ("delete", 405, "regular"),
    ("delete", 410, "other-account"),
    ("delete", 500, "unknown-id"),
    ("delete", 500, "malformed"),
    ("delete", 500, "bad-credential"),
    ("get", 500, "bad-version"),
    ("get", 418, "regular"),
]


@pytest.mark.parametrize(("role", "status", "intent"), LAWFUL)
def test_it_is_lawful(contract: Contract, role: Role, status: int, intent: Intent) -> None:
    assert judged(contract, role, status, intent) == (True, True)


@pytest.mark.parametrize(("role", "status", "intent"), UNLAWFUL)
def test_it_is_told_once(contract: Contract, role: Role, status: int, intent: Intent) -> None:
    assert sorted(judged(contract, role, status, intent)) == [False, True]
