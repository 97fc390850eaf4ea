"""The oracles of pages and tombstones: what they tell, and whom they must not accuse."""

from datetime import UTC, datetime
from typing import Any

import pytest

from conformance.contracts.terms import Listing, Reason
from conformance.listing import oracles
from conformance.listing.population import Fact

LISTING = Listing(
    items="/items",
    next="/next",
    id="/id",
    times={"created": "/created", "joined": "/joined", "ended": "/ended", "deleted": "/deleted"},
    parameters={},
    reason=Reason(at="/reason", unjoined="unjoined"),
    account="/account",
)


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("2024-01-01T10:00:00.123456Z", "2024-01-01T12:00:00.123+02:00", True),
        ("2024-01-01T10:00:00.7Z", "2024-01-01T10:00:00Z", True),
        ("2024-01-01T10:00:00Z", "2024-01-01T10:00:01Z", False),
        ("300s", "300.000s", True),
        ("300s", "3000s", False),
        ("300s", "sNaNs", False),
        ("3600s", None, True),
        (None, "3600s", True),
        ("60s", None, False),
    ],
)
def test_a_field_is_faithful_up_to_resolution_zone_and_default(before: Any, after: Any, *, same: bool) -> None:
    found = [*oracles.faithful({"x": after}, {"x": before}, ["/x"], {"/x": "3600s"})]
    assert (found == []) is same


@pytest.mark.parametrize(
    ("created", "joined", "orderly"),
    [
        ("2024-01-01T10:00:00Z", "2024-01-01T10:00:00Z", True),
        ("2024-01-01T10:00:00Z", "2024-01-01T10:00:00+00:00", True),
        # Rounded up to the second, beside one that was not.
        ("2024-01-01T10:00:01Z", "2024-01-01T10:00:00.7Z", True),
        ("2024-01-01T10:00:00.000002Z", "2024-01-01T10:00:00.000001Z", False),
        ("2024-01-01T10:00:02Z", "2024-01-01T10:00:00.7Z", False),
        ("2024-01-01T12:00:00+02:00", "2024-01-01T10:30:00Z", True),
    ],
)
def test_times_are_in_order_as_far_as_they_tell(created: str, joined: str, *, orderly: bool) -> None:
    item = {"created": created, "joined": joined, "reason": "hangup", "account": "a"}
    assert ([*oracles.consistent([item], LISTING)] == []) is orderly


def test_the_association_of_a_call_is_no_content() -> None:
    day = datetime(2024, 1, 1, tzinfo=UTC)
    call = Fact(0, day, None, None, day, "an agent", "a voice", {"key": "a value", "short": "x"}, "what was said")
    assert oracles.content_of(call) == {"text": "what was said"}
    assert oracles.content_of(call, ["agent", "metadata"]) == {"agent": "an agent", "metadata key": "a value"}
