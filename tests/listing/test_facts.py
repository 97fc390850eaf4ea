"""What is known of the calls behind a list."""

from datetime import timedelta

import pytest

from conformance.listing.facts import Population
from tests.listing.lists import DAY, LISTING, fact


@pytest.mark.parametrize(
    ("joined", "ended", "seconds"),
    [(DAY, DAY + timedelta(seconds=90), 90.0), (None, DAY, None), (DAY, None, None), (DAY, DAY, 0.0)],
)
def test_a_call_lasts_from_joining_to_its_end(joined: object, ended: object, seconds: float | None) -> None:
    assert fact(1, joined=joined, ended=ended).seconds == seconds


def test_a_population_is_apart_by_its_account_or_its_agent() -> None:
    calls = [fact(1), fact(2)]
    assert Population(calls, "key").apart
    assert Population(calls, None, agent="agent").apart
    assert not Population(calls, None).apart
    assert Population(calls, None).ids == {"c1", "c2"}


def test_one_more_call_has_what_can_be_seeded() -> None:
    assert Population([], None, agent="a").beside(LISTING, text="x", created="now") == {
        "agentId": "a",
        "createdAt": "now",
    }
    assert Population([], "key").beside(LISTING, agent=None) == {}
