"""Strict JSON: what a lenient parser would hide is seen."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.http.strict_json import parse

values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(values, st.booleans())
def test_what_was_written_as_json_reads_back_without_a_complaint(value: Any, ascii_only: bool) -> None:
    parsed = parse(json.dumps(value, ensure_ascii=ascii_only).encode())
    assert parsed.error is None
    assert parsed.value == value
    assert not parsed.duplicate_keys
    assert not parsed.lone_surrogate


def test_nesting_is_read_to_a_depth_that_no_lawful_answer_needs() -> None:
    assert parse(b"[" * 200 + b"]" * 200).error is None
    assert parse(b"[1," * 150 + b'"[[["' + b"]" * 150).error is None
    assert "deeper than 200" in (parse(b'{"a":' * 250 + b"1" + b"}" * 250).error or "")


@given(st.binary(max_size=60))
def test_any_bytes_give_a_value_or_an_error_never_an_exception(body: bytes) -> None:
    parsed = parse(body)
    assert parsed.error is None or parsed.value is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"NaN",
        b'{"a": NaN}',
        b"[Infinity]",
        b"-Infinity",
        b"\xef\xbb\xbf{}",
        b'"\xff"',
        b"\xff\xfe{\x00}\x00",
        b"{} {}",
        b"{'a': 1}",
        b'{"a": 1,}',
        b'"\n"',
        b"[01]",
        b"<!doctype html>",
        b"[" * 100_000,
        b"[" * 300 + b"]" * 300,
    ],
)
def test_what_is_no_json_is_an_error(body: bytes) -> None:
    parsed = parse(body)
    assert parsed.error
    assert parsed.value is None
    assert len(parsed.error) <= 200


def test_a_repeated_name_is_seen_wherever_it_stands() -> None:
    parsed = parse(b'{"a": 1, "b": {"c": 1, "c": 2, "d": 0, "d": 0}, "a": 3}')
    assert parsed.error is None
    assert sorted(parsed.duplicate_keys) == ["a", "c", "d"]


@pytest.mark.parametrize(
    "body",
    [
        b"{" + b",".join(b'"k%d":0,"k%d":0' % (n, n) for n in range(50_000)) + b"}",
        b"{" + b",".join([b'"":0'] * 200_000) + b"}",
        b"[" + b",".join(b'{"k%d":0,"k%d":0}' % (n, n) for n in range(40_000)) + b"]",
    ],
    ids=["many names", "one name", "many objects"],
)
def test_a_long_body_of_repeated_names_costs_no_more_than_its_length(body: bytes) -> None:
    assert len(body) > 900_000
    began = time.process_time()
    parsed = parse(body)
    assert time.process_time() - began < 5
    assert parsed.error is None
    assert 1 <= len(parsed.duplicate_keys) <= 20


def test_the_same_name_in_two_objects_is_no_repetition() -> None:
    assert not parse(b'[{"a": 1}, {"a": {"a": 1}}]').duplicate_keys


@pytest.mark.parametrize("body", [rb'"\ud800"', rb'{"\udc00": 1}', rb'["\ud83dx"]', rb'"\ude00\ud83d"'])
def test_half_a_character_is_seen(body: bytes) -> None:
    assert parse(body).lone_surrogate


@pytest.mark.parametrize("body", [rb'"\ud83d\ude00"', '"\U0001f600"'.encode(), rb'"\\ud800"'])
def test_a_whole_character_is_no_defect(body: bytes) -> None:
    assert not parse(body).lone_surrogate
    assert parse(body).error is None
