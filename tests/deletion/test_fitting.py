"""What is set up fits the schema that it is made from."""

import re
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.deletion import fitting

bounds = st.one_of(st.none(), st.integers(-1000, 1000))


@given(low=bounds, width=st.one_of(st.none(), st.integers(5, 500)), whole=st.booleans(), flags=st.booleans())
def test_numbers_lie_within_their_bounds_and_are_of_their_type(
    low: int | None, width: int | None, whole: bool, flags: bool
) -> None:
    schema: dict[str, Any] = {"type": "integer" if whole else "number"}
    if low is not None:
        schema |= {"exclusiveMinimum" if flags else "minimum": low}
    if width is not None:
        schema |= {"exclusiveMaximum" if flags else "maximum": (low or 0) + width}
    for number in fitting.numbers(schema):
        jsonschema.Draft202012Validator(schema).validate(number)


def test_bounds_may_be_exclusive_in_the_way_of_openapi_3_0() -> None:
    schema = {"type": "integer", "minimum": 0, "exclusiveMinimum": True, "maximum": 3, "exclusiveMaximum": True}
    assert set(fitting.numbers(schema)) <= {1, 2}


@given(st.sampled_from([2, 5, 100]), st.integers(0, 300))
def test_multiples_are_multiples(step: int, low: int) -> None:
    for number in fitting.numbers({"type": "integer", "multipleOf": step, "minimum": low}):
        assert (number % step, number >= low) == (0, True)


@pytest.mark.parametrize(
    "schema",
    [
        {"pattern": "^[A-Z]{3}-[0-9]{4}$"},
        {"pattern": "^ac_[A-Za-z0-9]{22}$"},
        {"maxLength": 4},
        {"minLength": 30},
        {"minLength": 5, "maxLength": 5},
        {"format": "uuid"},
        {"format": "uri"},
        {"format": "email"},
    ],
    ids=str,
)
def test_a_text_is_made_to_fit(schema: dict[str, Any]) -> None:
    made = fitting.text(schema, "field_abcdefgh") or fitting.made(schema, "abcdefgh")
    assert schema.get("minLength", 0) <= len(made) <= schema.get("maxLength", 10_000)
    assert re.search(schema.get("pattern", ""), made)
    assert fitting.text(schema, made) == made or "format" in schema


def test_a_pattern_of_another_dialect_breaks_nothing() -> None:
    assert fitting.text({"pattern": r"^\p{L}+$"}, "abc") == "abc"
    assert fitting.made({"pattern": r"^\p{L}+$"}, "abcdefgh")
