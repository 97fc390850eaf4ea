"""JSON pointers: RFC 6901, and what the suite adds to it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.contracts import pointer
from conformance.contracts.pointer import ABSENT

# The example document of RFC 6901, section 5.
RFC: dict[str, Any] = {
    "foo": ["bar", "baz"],
    "": 0,
    "a/b": 1,
    "c%d": 2,
    "e^f": 3,
    "g|h": 4,
    "i\\j": 5,
    'k"l': 6,
    " ": 7,
    "m~n": 8,
}


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("", RFC),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/e^f", 3),
        ("/g|h", 4),
        ("/i\\j", 5),
        ('/k"l', 6),
        ("/ ", 7),
        ("/m~0n", 8),
    ],
)
def test_the_examples_of_rfc_6901_evaluate_as_it_says(place: str, value: Any) -> None:
    assert pointer.get(RFC, place) == value


@pytest.mark.parametrize("place", ["/none", "/foo/2", "/foo/-", "/foo/-1", "/foo/x", "/a~1b/x", "/foo/0/0"])
def test_what_is_not_there_is_absent(place: str) -> None:
    assert pointer.get(RFC, place) is ABSENT
    assert not pointer.has(RFC, place)


def test_null_is_there() -> None:
    assert pointer.has({"a": None}, "/a")
    assert pointer.get({"a": None}, "/a") is None


def test_tilde_one_escaped_is_no_slash() -> None:
    assert pointer.get({"~1": 1}, "/~01") == 1


@given(st.text())
def test_an_escaped_key_finds_its_value(key: str) -> None:
    assert pointer.get({key: "here"}, "/" + pointer.escape(key)) == "here"


names = st.text("abc/~", max_size=3)


@given(st.lists(names, min_size=1, max_size=4), st.integers())
def test_what_was_set_is_found_and_without_takes_it_away(keys: list[str], value: int) -> None:
    place = "".join("/" + pointer.escape(key) for key in keys)
    node: dict[str, Any] = {"untouched": [1]}
    pointer.set_at(node, place, value)
    assert pointer.get(node, place) == value
    assert pointer.get(pointer.without(node, place), place) is ABSENT
    assert pointer.get(node, place) == value, "the original must stay as it was"
    assert pointer.without(node, place)["untouched"] == [1]


def test_without_what_is_not_there_is_the_same_object() -> None:
    node = {"a": {"b": 1}, "list": [1]}
    assert pointer.without(node, "/x") == node
    assert pointer.without(node, "/a/x") == node
    assert pointer.without(node, "/list/0") == node


def test_walk_names_every_leaf_with_a_star_for_indices() -> None:
    node = {"a/b": {"c": 1}, "list": [{"x": 2}, {"x": 3}], "empty": {}}
    assert list(pointer.walk(node)) == [("/a~1b/c", 1), ("/list/*/x", 2), ("/list/*/x", 3)]


def test_absent_reads_as_absent_and_is_false() -> None:
    assert not ABSENT
    assert repr(ABSENT) == "absent"
