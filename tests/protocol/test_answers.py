"""The oracles of every answer: which statuses are lawful, by what a request was meant as, and what bodies hold."""

from dataclasses import replace
from typing import Any

import pytest

from conformance.contracts.contract import Contract
from conformance.contracts.document import Operation
from conformance.contracts.loading import load
from conformance.contracts.terms import Role
from conformance.http.exchange import Intent
from conformance.protocol.answers import documented, fits_schema, no_5xx, well_formed
from tests.exchanges import answer, codes, told

JSON = [("Content-Type", "Application/JSON; charset=utf-8")]
RECORD = {
    "id": "ac_1",
    "agent_id": "agent_1",
    "status": "completed",
    "deployment_id": "ad_1",
    "deployment_region": "US",
    "deployment_version_id": "av_1",
    "start_time": "2026-03-01T12:00:00Z",
    "end_time": "2026-03-01T12:05:00Z",
    "telephony_params": {"call_sid": "s", "connection_type": "websocket"},
    "end_reason": "agent_hangup",
    "zdr_enabled": False,
}


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load("cartesia")


@pytest.fixture(scope="module")
def operation(contract: Contract) -> Operation:
    return contract.roles["delete"]


def judged(contract: Contract, role: Role, status: int, intent: Intent) -> tuple[bool, bool]:
    """Whether an answer has a documented status, and whether it is no server error that it should not be."""
    operation = contract.roles[role]
    exchange = answer(status, method=operation.method, operation=operation.id, intent=intent)
    return not list(documented(contract, operation, exchange)), not list(no_5xx(operation, exchange))


LAWFUL: list[tuple[str, int, Intent]] = [
    ("delete", 200, "regular"),
    ("delete", 500, "regular"),
    ("delete", 429, "regular"),
    ("delete", 409, "at-once"),
    ("delete", 423, "at-once"),
    ("delete", 403, "other-account"),
    ("delete", 401, "bad-credential"),
    ("delete", 401, "other-account"),
    ("delete", 404, "other-account"),
    ("delete", 403, "bad-credential"),
    ("delete", 206, "range"),
    ("delete", 416, "range"),
    ("delete", 500, "at-once"),
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
    ("get", 503, "bad-version"),
    ("delete", 503, "bad-version"),
    ("delete", 499, "malformed"),
    ("delete", 501, "regular"),
    ("delete", 501, "at-once"),
    ("delete", 206, "regular"),
]


@pytest.mark.parametrize(("role", "status", "intent"), LAWFUL)
def test_it_is_lawful(contract: Contract, role: Role, status: int, intent: Intent) -> None:
    assert judged(contract, role, status, intent) == (True, True)


@pytest.mark.parametrize(("role", "status", "intent"), UNLAWFUL)
def test_it_is_told_once(contract: Contract, role: Role, status: int, intent: Intent) -> None:
    assert sorted(judged(contract, role, status, intent)) == [False, True]


def test_a_status_that_is_not_documented_is_told_by_operation_and_status(
    contract: Contract, operation: Operation
) -> None:
    bad = answer(418)
    found = [*documented(contract, operation, bad)]
    assert told(found) == [("undocumented-status", "agents_delete-call 418", "418", (bad,))]
    assert [(v.message, v.expected) for v in found] == [
        ("DELETE /agents/calls/{call_id} answers with a status that is not documented", "one of 200, 400, 404, 500")
    ]


def test_a_range_of_statuses_or_a_default_documents_none_of_them(contract: Contract, operation: Operation) -> None:
    vague = replace(operation, responses={"default": {}, "4XX": {}, "200": {}})
    assert [*documented(contract, vague, answer(200))] == []
    assert codes(documented(contract, vague, answer(404))) == [("undocumented-status", "agents_delete-call 404")]


def test_a_server_error_on_odd_input_is_told_by_what_is_odd(operation: Operation) -> None:
    bad = answer(500, method="DELETE", intent="malformed", odd="query parameter limit")
    assert told(no_5xx(operation, bad)) == [
        ("server-error", "agents_delete-call malformed query parameter limit", "500", ())
    ]
    assert codes(no_5xx(operation, answer(599, intent="unknown-id"))) == [
        ("server-error", "agents_delete-call unknown-id")
    ]


def test_the_message_of_a_server_error_says_what_is_odd(operation: Operation) -> None:
    [odd] = no_5xx(operation, answer(500, method="PUT", intent="malformed", odd="method PUT"))
    [plain] = no_5xx(operation, answer(500, method="DELETE", intent="unknown-id"))
    start = "/agents/calls/{call_id} fails on a request that is"
    assert (odd.message, plain.message) == (f"PUT {start} malformed: method PUT", f"DELETE {start} unknown-id")


def fitting(contract: Contract, body: Any, headers: Any = JSON, status: int = 200) -> list[Any]:
    return told(fits_schema(contract, contract.roles["delete"], answer(status, body, headers)))


def test_a_record_of_the_promised_type_and_schema_fits(contract: Contract) -> None:
    assert fitting(contract, RECORD) == []


def test_a_status_without_a_schema_promises_no_body(contract: Contract) -> None:
    assert fitting(contract, b"<html>", (), 404) == []


@pytest.mark.parametrize(
    ("headers", "media"),
    [
        ([("Content-Type", "text/html; charset=utf-8")], ("text/html", "")),
        ([("content-type", "application/json5")], ("application/json5", "")),
        ([("content-type", ";")], "no content type"),
        ([], "no content type"),
    ],
)
def test_another_media_type_is_told_beside_what_the_body_lacks(contract: Contract, headers: Any, media: Any) -> None:
    bad = answer(200, RECORD, headers)
    expected = [("media-type", "agents_delete-call", media, (bad,))]
    assert fitting(contract, RECORD, headers) == expected
    assert [code for code, *_ in fitting(contract, b"{", headers)] == ["media-type", "not-json"]


@pytest.mark.parametrize(
    ("body", "seen"), [(b"", "an empty body"), (b'{"x": NaN}', "ValueError: NaN is no JSON number")]
)
def test_what_is_no_json_is_told_by_why(contract: Contract, body: bytes, seen: str) -> None:
    assert fitting(contract, body) == [("not-json", "agents_delete-call", seen, ())]


def test_a_field_of_another_type_is_told_by_place_and_keyword(contract: Contract) -> None:
    bad = answer(200, RECORD | {"agent_id": 5}, JSON)
    found = [*fits_schema(contract, contract.roles["delete"], bad)]
    assert told(found) == [("schema", "agents_delete-call /agent_id type", (5, ""), ())]
    assert [v.message for v in found] == [
        "the 200 answer of DELETE /agents/calls/{call_id} does not fit its schema at /agent_id"
    ]
    assert str(found[0].expected).startswith("the schema's ")
    assert str(found[0].expected).endswith("/properties/agent_id/type")


def test_a_missing_field_is_told_by_its_name(contract: Contract) -> None:
    short = {name: value for name, value in RECORD.items() if name != "id"}
    assert fitting(contract, short) == [("schema", "agents_delete-call / required", (short, " without id"), ())]


def test_a_place_in_a_list_is_told_without_its_number(contract: Contract) -> None:
    turns = [{"role": 5}, {"role": 6}]
    places = {where for code, where, *_ in fitting(contract, RECORD | {"transcript": turns}) if where.endswith("type")}
    assert places == {"agents_delete-call /transcript/*/role type"}


def test_repeated_names_and_half_characters_are_told(operation: Operation) -> None:
    assert [*well_formed(operation, answer(body={"a": {"b": 1}, "b": "\U0001f3a7"}))] == []
    assert told(well_formed(operation, answer(body=b'{"a": 1, "a": 2, "b": {"c": 1, "c": 2}}'))) == [
        ("duplicate-keys", "agents_delete-call c, a", (["c", "a"], ""), ())
    ]
    assert told(well_formed(operation, answer(body=b'["\\ud800"]'))) == [
        ("lone-surrogate", "agents_delete-call", "a lone surrogate", ())
    ]
    both = codes(well_formed(operation, answer(body=b'{"a": "\\ud800", "a": "\\ud800"}')))
    assert [code for code, _ in both] == ["duplicate-keys", "lone-surrogate"]


def test_what_is_no_json_is_for_the_schema_to_tell(operation: Operation) -> None:
    assert [*well_formed(operation, answer(body=b'{"a": 1, "a": 2'))] == []
