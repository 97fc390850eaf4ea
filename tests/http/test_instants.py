"""Instants: RFC 3339 stamps as intervals of time."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.http.instants import Instant, parse, same

zones = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=zones)  # noqa: DTZ001 - given zones above


def read(text: str) -> Instant:
    found = parse(text)
    assert found is not None, text
    return found


@given(moments)
def test_a_stamp_is_read_to_the_microsecond_whatever_its_offset(moment: datetime) -> None:
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    micros = (since.days * 86400 + since.seconds) * 10**6 + since.microseconds
    assert read(moment.isoformat(timespec="microseconds")).seconds == Decimal(micros) / 10**6


@given(moments, zones)
def test_two_spellings_of_one_instant_are_the_same(moment: datetime, zone: timezone) -> None:
    here = moment.replace(year=2020)
    assert same(here.isoformat(), here.astimezone(zone).isoformat())


@given(moments, st.integers(0, 6))
def test_a_stamp_covers_every_instant_that_it_cuts_short(moment: datetime, digits: int) -> None:
    whole, micros = moment.isoformat(timespec="seconds"), f"{moment.microsecond:06d}"
    stamp, offset = whole[:19], whole[19:]
    cut = read(f"{stamp}.{micros[:digits]}{offset}" if digits else whole)
    full = read(f"{stamp}.{micros}{offset}")
    assert cut.seconds <= full.seconds < cut.end
    assert cut.resolution == Decimal(10) ** -digits
    assert same(f"{stamp}.{micros}{offset}", f"{stamp}.{micros[:digits]}{offset}" if digits else whole)


@given(st.text("0123456789", min_size=1, max_size=60))
def test_a_fraction_of_any_length_stays_within_its_second(fraction: str) -> None:
    whole, fine = read("2026-03-01T12:30:00Z"), read(f"2026-03-01T12:30:00.{fraction}Z")
    assert whole.seconds <= fine.seconds < fine.end <= whole.end


@given(st.text(max_size=30) | st.none() | st.integers() | st.lists(st.integers()))
def test_anything_is_an_instant_or_none(value: Any) -> None:
    assert parse(value) is None or isinstance(value, str)
    assert same(value, value)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T12:30:00",
        "2026-03-01",
        "2026-03-01 12:30:00Z",
        "2026-03-01T12:30Z",
        "2026-03-01T12:30:00.Z",
        "2026-03-01T12:30:00,5Z",
        "2026-03-01T24:00:00Z",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-03-01T12:60:00Z",
        "2026-03-01T12:30:61Z",
        "2026-03-01T12:30:00+0100",
        "2026-03-01T12:30:00+24:00",
        "2026-03-01T12:30:00+01:60",
        "2026-03-01T12:30:00Z\n",
        " 2026-03-01T12:30:00Z",
        "\u0662026-03-01T12:30:00Z",
        "",
        1772368200,
        None,
    ],
)
def test_what_is_no_rfc_3339_instant_is_none(text: Any) -> None:
    assert parse(text) is None


def test_lower_case_letters_and_a_leap_second_are_lawful() -> None:
    assert read("2026-03-01t12:30:00z") == read("2026-03-01T12:30:00Z")
    assert read("2016-12-31T23:59:60Z").seconds == read("2017-01-01T00:00:00Z").seconds
    assert read("2016-12-31T15:59:60-08:00").seconds == read("2016-12-31T23:59:60Z").seconds


def test_an_unknown_local_offset_is_utc() -> None:
    assert read("2026-03-01T12:30:00-00:00") == read("2026-03-01T12:30:00Z")


def test_other_instants_are_not_the_same() -> None:
    assert not same("2026-03-01T12:30:00Z", "2026-03-01T12:30:01Z")
    assert not same("2026-03-01T12:30:00.123Z", "2026-03-01T12:30:00.124Z")
    assert not same("2026-03-01T12:30:00Z", "2026-03-01T12:30:00+01:00")


def test_what_is_no_instant_is_compared_as_it_is() -> None:
    assert same("soon", "soon")
    assert not same("soon", "later")
    assert not same("2026-03-01T12:30:00Z", None)
