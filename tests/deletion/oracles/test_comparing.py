"""When two records are the same."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.contracts.pointer import ABSENT
from conformance.deletion.oracles.comparing import changed, equal, field_of, is_nothing
from tests.deletion.built import NOT_NULL

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=1), inner, max_size=3),
    max_leaves=8,
)


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [without_nulls(inner) for inner in value] if isinstance(value, list) else value


@given(JSON_VALUES)
def test_a_value_is_the_same_as_itself_with_absent_for_null(value: Any) -> None:
    assert equal(value, value)
    assert equal(value, without_nulls(value))
    assert equal(without_nulls(value), value)


@given(JSON_VALUES, JSON_VALUES)
def test_being_the_same_has_no_direction(one: Any, other: Any) -> None:
    assert equal(one, other) == equal(other, one)


SAME = [
    *[(None, ABSENT), (ABSENT, None), (None, None), (1, 1.0)],
    *[({}, {"a": None}), ({"a": {"b": None}}, {"a": {}}), ([], []), ([None], [None])],
    ("2026-01-01T00:00:00Z", "2026-01-01T01:00:00.000+01:00"),
    ({"at": ["2026-01-01T00:00:00Z"]}, {"at": ["2026-01-01T00:00:00.9Z"]}),
]
OTHER = [
    *[(None, ""), (None, 0), (ABSENT, []), ({}, None), ([], {}), (1, "1"), (1, 2)],
    *[({}, {"a": 1}), ({"a": 1}, {}), ({"a": 1, "b": 2}, {"a": 1, "b": 3}), ({"a": {}}, {"a": None})],
    *[([], [None]), ([1, 2], [1]), ([1], [1, 2]), ([1, 2], [1, 3]), ([1, 2], [2, 1]), ([1], {"0": 1})],
    ("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"),
]


@pytest.mark.parametrize(("one", "other"), SAME, ids=str)
def test_what_says_the_same_is_the_same(one: Any, other: Any) -> None:
    assert equal(one, other)


@pytest.mark.parametrize(("one", "other"), OTHER, ids=str)
def test_what_says_something_else_is_another(one: Any, other: Any) -> None:
    assert not equal(one, other)


def test_only_null_and_absent_are_nothing() -> None:
    assert is_nothing(None)
    assert is_nothing(ABSENT)
    assert not any(is_nothing(value) for value in NOT_NULL)


def test_a_field_is_found_by_its_name_as_it_is_written() -> None:
    record = {"a/b": 1, "a": {"b": 2}, "m~n": 3, "null": None}
    assert [field_of(record, name) for name in ("a/b", "m~n", "null", "other")] == [1, 3, None, ABSENT]
    assert field_of([record], "a/b") is ABSENT


def test_a_field_differs_by_its_instant_and_not_by_how_it_is_written() -> None:
    before = {"at": "2026-01-01T00:00:00Z", "n": 1, "list": [{"at": "2026-01-01T01:00:00+01:00"}], "a/b": "x"}
    after = {"at": "2026-01-01T00:00:00.000+00:00", "n": 2, "list": [{"at": "2026-01-01T00:00:00Z"}], "a/b": "y"}
    assert changed(before, after, before) == ["n", "a/b"]


def test_only_the_known_fields_are_compared_and_null_equals_absent() -> None:
    assert changed({"a": None, "b": 1}, {"b": 2, "c": 3}, ["a", "c", "d"]) == ["c"]
    assert changed({"a": 1}, None, ["a"]) == ["a"]
    assert changed({"a": 1}, {"a": 2}, []) == []
