"""What an exchange tells of the target's clock."""

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.http.exchange import Exchange, Request

NOW = 1_772_368_200.0


def offset(date: str) -> float:
    return Exchange(Request("GET", "http://h"), 200, (("Date", date),), b"", NOW, 0.0).clock_offset


@pytest.mark.parametrize(("ahead", "told"), [(3600, 3600), (-90, -90), (1, 0), (0, 0)])
def test_a_date_tells_how_far_the_clock_is_off(ahead: int, told: int) -> None:
    assert offset(formatdate(NOW + ahead, usegmt=True)) == told


@pytest.mark.parametrize(
    "date",
    [
        "",
        "yesterday",
        "Sun, 01 Mar 2026 12:30:00 +9999",
        "Sun, 01 Mar 2026 12:30:00 -9999999",
        "Sun, 01 Mar 99999 12:30:00 GMT",
        "Sun, 99 Mar 2026 12:30:00 GMT",
        "Sun, 01 Mar 2026 99:99:99 GMT",
        "Sun, 01 Mär 2026 12:30:00 GMT",
        "Sun, \uff10\uff11 Mar 2026 \u00b2 12:30:00 GMT",
        "\x00\x1b[31m",
        "," * 1000,
        "1" * 5000,
    ],
)
def test_an_absurd_date_is_left_unread(date: str) -> None:
    assert offset(date) == 0


@given(st.text(alphabet=st.sampled_from('SunMar 0129:+-,GMT²Ⅷ()"\\'), max_size=40) | st.text(max_size=40))
def test_no_date_is_too_odd_to_be_left_unread(date: str) -> None:
    assert isinstance(offset(date), float)
