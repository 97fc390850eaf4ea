"""Instants, durations and times of day: text in, microseconds out, and back."""

import re
import time
from datetime import UTC, datetime, timedelta

__all__ = ["DAY_US", "SECOND_US", "duration_us", "earliest_us", "latest_us", "now_us", "rfc3339", "time_of_day_us"]

SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_YEARS_US = range(
    (datetime(1, 1, 2, tzinfo=UTC) - _EPOCH) // _MICROSECOND,
    (datetime(9999, 12, 30, tzinfo=UTC) - _EPOCH) // _MICROSECOND,
)
"""What can be written with any offset without leaving the years 1 to 9999."""
_INSTANT = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[Tt](?P<clock>[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.(?P<part>[0-9]+))?(?P<zone>[Zz]|[+-][0-9]{2}:[0-9]{2})?)?"
)
_DURATION = re.compile(r"(?P<whole>[0-9]{1,12})(?:\.(?P<part>[0-9]{1,9}))?s")
_TIME_OF_DAY = re.compile(r"(?P<clock>[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.(?P<part>[0-9]{1,6}))?Z?")


def now_us() -> int:
    """Now, in microseconds since 1970."""
    return time.time_ns() // 1000


def rfc3339(instant_us: int) -> str:
    """Write an instant in UTC, with microseconds and `Z`."""
    return (_EPOCH + instant_us * _MICROSECOND).isoformat(timespec="microseconds").replace("+00:00", "Z")


def earliest_us(text: str) -> int:
    """Read the first microsecond not before an instant, or the start of a day (UTC unless said otherwise).

    Raises:
        ValueError: neither a date nor an RFC 3339 date-time.
    """
    return _instant_us(text, round_up=True)


def latest_us(text: str) -> int:
    """Read the last microsecond not after an instant, or the end of a day (UTC unless said otherwise).

    Raises:
        ValueError: neither a date nor an RFC 3339 date-time.
    """
    rest_of_day = 0 if "T" in text.upper() else DAY_US - 1
    return _instant_us(text, round_up=False) + rest_of_day


def _instant_us(text: str, *, round_up: bool) -> int:
    parts = _matched(_INSTANT, text)
    zone = (parts["zone"] or "Z").upper().replace("Z", "+00:00")
    whole = datetime.fromisoformat(f"{parts['date']}T{parts['clock'] or '00:00:00'}{zone}")
    instant = (whole - _EPOCH) // _MICROSECOND + _fraction_us(parts["part"], round_up=round_up)
    if instant not in _YEARS_US:
        raise ValueError(f"out of range: {text!r}")
    return instant


def duration_us(text: str, *, round_up: bool = False) -> int:
    """Read a duration in seconds, as `12.5s`.

    Raises:
        ValueError: another form.
    """
    parts = _matched(_DURATION, text)
    return int(parts["whole"] or "0") * SECOND_US + _fraction_us(parts["part"], round_up=round_up)


def time_of_day_us(text: str, *, to_end_of_second: bool = False) -> int:
    """Read a time of day, `HH:MM:SS` with or without a fraction, as microseconds since midnight.

    `to_end_of_second` gives the last microsecond of a second that was given without a fraction.

    Raises:
        ValueError: another form, or no such time.
    """
    parts = _matched(_TIME_OF_DAY, text)
    clock = datetime.fromisoformat(f"1970-01-01T{parts['clock']}+00:00")
    rest = SECOND_US - 1 if to_end_of_second and parts["part"] is None else 0
    return (clock - _EPOCH) // _MICROSECOND + _fraction_us(parts["part"], round_up=False) + rest


def _matched(pattern: re.Pattern[str], text: str) -> dict[str, str | None]:
    match = pattern.fullmatch(text)
    if match is None:
        raise ValueError(f"not understood: {text!r}")
    return match.groupdict()


def _fraction_us(digits: str | None, *, round_up: bool) -> int:
    """Digits past the sixth decide whether a lower bound moves up: such an instant lies between two microseconds."""
    if digits is None:
        return 0
    return int(digits[:6].ljust(6, "0")) + (round_up and digits[6:].strip("0") != "")
