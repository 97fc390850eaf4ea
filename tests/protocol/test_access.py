"""The oracles of credentials, of other accounts and of the version header."""

from typing import Any

import pytest

from conformance.contracts.document import Operation
from conformance.protocol import access
from tests.exchanges import answer, codes, told

GET = Operation("get_call", "GET", "/calls/{id}", (), {}, optional=False)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 499])
def test_a_4xx_is_a_refusal(status: int) -> None:
    assert [*access.refused(GET, "get", "empty", answer(status))] == []


@pytest.mark.parametrize(
    ("status", "code", "where"),
    [
        (200, "accepted", "get empty 200"),
        (204, "accepted", "get empty 204"),
        (302, "status", "get  302"),
        (399, "status", "get  399"),
        (500, "status", "get  500"),
    ],
)
def test_anything_else_is_none(status: int, code: str, where: str) -> None:
    bad = answer(status)
    assert told(access.refused(GET, "get", "empty", bad)) == [(code, where, str(status), (bad,))]


@pytest.mark.parametrize(
    ("kind", "words"), [("none", "without a credential"), ("random", "with a credential that is random")]
)
def test_messages_name_the_operation_and_the_credential(kind: str, words: str) -> None:
    [accepted] = access.refused(GET, "get", kind, answer(200))
    [status] = access.refused_by_status(GET, "get", kind, answer(404))
    [shown] = access.shows_nothing(GET, "get", kind, answer(200), ["its record"])
    for violation in (accepted, status, shown):
        assert violation.message.startswith(f"GET /calls/{{id}} {words} ")


@pytest.mark.parametrize("status", [401, 403, 200, 302, 399, 500])
def test_401_and_403_refuse_and_what_is_no_refusal_is_left_alone(status: int) -> None:
    assert [*access.refused_by_status(GET, "get", "none", answer(status))] == []


@pytest.mark.parametrize("status", [400, 402, 404, 499])
def test_another_4xx_is_another_status(status: int) -> None:
    bad = answer(status)
    assert told(access.refused_by_status(GET, "get", "none", bad)) == [
        ("status", f"get  {status}", str(status), (bad,))
    ]


def test_whatever_is_shown_is_told_each() -> None:
    bad = answer(403)
    assert [*access.shows_nothing(GET, "get", "none", bad, [])] == []
    assert told(access.shows_nothing(GET, "get", "none", bad, ["its record", "a word"])) == [
        ("shown", "get its record", "its record", (bad,)),
        ("shown", "get a word", "a word", (bad,)),
    ]


def test_whatever_another_account_is_shown_is_told_each() -> None:
    bad = answer(200)
    assert [*access.shows_nothing_foreign(GET, bad, [])] == []
    assert told(access.shows_nothing_foreign(GET, bad, ["its record", "a word"])) == [
        ("foreign", "get_call its record", "200; its record", (bad,)),
        ("foreign", "get_call a word", "200; a word", (bad,)),
    ]


def test_anothers_call_is_answered_as_an_unknown_id() -> None:
    unknown, same, other = answer(404, b"unknown"), answer(404, b"same"), answer(403)
    assert [*access.answered_as_unknown(GET, "get", unknown, same)] == []
    assert told(access.answered_as_unknown(GET, "get", unknown, other)) == [
        ("not-as-unknown", "get 403", "403", (unknown, other))
    ]
    assert [v.expected for v in access.answered_as_unknown(GET, "get", unknown, other)] == ["404"]


@pytest.mark.parametrize(("status", "fails"), [(200, False), (404, False), (499, False), (500, True), (503, True)])
def test_an_odd_version_may_be_refused_but_not_fail(status: int, *, fails: bool) -> None:
    bad = answer(status)
    expected = [("server-error", "get_call missing", str(status), (bad,))] if fails else []
    assert told(access.version_never_fails(GET, "Version", "missing", bad)) == expected


LIST = {"items": [{"id": "a"}, {"id": "b"}, {"id": ["a"]}, {}, "a"]}


@pytest.mark.parametrize(
    ("status", "body", "ids", "count"),
    [
        (200, LIST, {"a", "b", "c"}, 2),
        (200, LIST, {"c"}, 0),
        (299, LIST, {"a"}, 1),
        (404, LIST, {"a"}, 0),
        (200, {"id": "a"}, {"a"}, 1),
        (200, {"id": "b"}, {"a"}, 0),
        (200, {"items": {}, "id": "a"}, {"a"}, 1),
        (200, b"", {"a"}, 0),
    ],
)
def test_calls_are_counted_on_a_list_or_as_a_record(status: int, body: Any, ids: set[str], count: int) -> None:
    assert access.items_of(answer(status, body), "/items", "/id", ids) == count


@pytest.mark.parametrize(
    ("status", "body", "call_id", "items", "found"),
    [
        (200, {"id": "a"}, "a", None, ["its record"]),
        (299, {"id": "a"}, "a", None, ["its record"]),
        (403, {"id": "a"}, "a", None, []),
        (200, {"id": "b"}, "a", None, []),
        (200, {"id": ["a"]}, "a", None, []),
        (200, b"", "a", "/items", []),
        (200, LIST, "b", "/items", ["its item on a list"]),
        (404, LIST, "b", "/items", ["its item on a list"]),
        (200, LIST, "c", "/items", []),
        (200, LIST, "b", None, []),
        (200, {"items": {"id": "a"}}, "a", "/items", []),
        (200, [{"id": "a"}], "a", "", ["its item on a list"]),
        (200, LIST | {"id": "a"}, "a", "/items", ["its record", "its item on a list"]),
    ],
)
def test_a_call_shows_as_a_record_or_on_a_list(
    status: int, body: Any, call_id: str, items: str | None, found: list[str]
) -> None:
    assert access.call_in(answer(status, body), call_id, "/id", items=items, artifact=None, traces=[]) == found


@pytest.mark.parametrize(
    ("before", "status", "body", "served"),
    [
        (answer(200), 200, b"x", True),
        (answer(200), 206, b"x", True),
        (answer(200), 200, b"", False),
        (answer(200), 404, b"x", False),
        (answer(404), 200, b"x", False),
        (None, 200, b"x", False),
    ],
)
def test_an_artifact_that_was_served_before_shows_where_it_still_is(
    before: Any, status: int, body: bytes, *, served: bool
) -> None:
    found = access.call_in(answer(status, body), "a", "/id", items=None, artifact=before, traces=["/transcript"])
    assert found == ["content of /transcript", *(["what belongs to it"] if served else [])]


def test_codes_are_told_apart_by_role() -> None:
    assert codes(access.refused(GET, "list", "random", answer(200))) == [("accepted", "list random 200")]
