"""Ids of a long list, kept as hashes, tell what a list of them would tell."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from conformance.listing.ids import Ids

IDS = st.lists(st.sampled_from([f"id-{n}" for n in range(40)]))


@given(IDS, IDS, IDS)
def test_they_tell_what_is_missing_and_what_came_twice(
    first: list[str], second: list[str], expected: list[str]
) -> None:
    shown = Ids(first)
    shown.add(second)
    assert shown.missing(expected) == [one for one in expected if one not in {*first, *second}]
    assert shown.twice() == sum(count > 1 for count in Counter(first + second).values())


def test_an_id_that_is_no_text_is_known_by_its_text() -> None:
    assert Ids([1, None]).missing(["1", "None", "2"]) == ["2"]


def test_a_million_take_little_more_than_their_eight_bytes() -> None:
    ids = Ids(range(100_000))
    assert sum(part.itemsize * len(part) for part in ids.parts) == 800_000
