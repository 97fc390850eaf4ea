"""RFC 3339 instants: read what a set-up gives, write in the form the variants ask for."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from conformance.reference.switches import Switches

__all__ = ["later", "now", "parse", "shown_as", "sort_key", "write"]

_RFC_3339 = re.compile(
    r"(?P<whole>\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.(?P<fraction>\d{1,9}))?(?P<offset>[Zz]|[+-]\d\d:\d\d)", re.ASCII
)

NOT_STARTED = 1 << 62
"""Sort key of a call without a start: it is yet to come, so before all others in newest-first order."""


def parse(text: str) -> datetime:
    """Read an instant, in UTC, to the microsecond.

    Raises:
        ValueError: it is no RFC 3339 date-time, or none that Python can hold.
    """
    found = _RFC_3339.fullmatch(text)
    if found is None:
        raise ValueError(f"not an RFC 3339 date-time: {text!r}")
    offset = "+00:00" if found["offset"] in "Zz" else found["offset"]
    fraction = (found["fraction"] or "0")[:6].ljust(6, "0")
    try:
        return datetime.fromisoformat(f"{found['whole'].upper()}.{fraction}{offset}").astimezone(UTC)
    except OverflowError as problem:
        raise ValueError(f"out of range: {text!r}") from problem


def write(instant: datetime) -> str:
    """Write as the correct server does: UTC with `Z`, and only as many decimals as it needs (0, 3 or 6)."""
    if instant.microsecond == 0:
        precision = "seconds"
    else:
        precision = "microseconds" if instant.microsecond % 1000 else "milliseconds"
    return instant.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def now() -> str:
    """Tell the time in milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def later(text: str, **by: float) -> str:
    """Move an instant by the `timedelta` of these arguments."""
    return write(parse(text) + timedelta(**by))


def sort_key(text: str | None) -> int:
    """Return microseconds since 1970, larger for newer."""
    if text is None:
        return NOT_STARTED
    return int((parse(text) - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))


def _local(instant: datetime) -> str:
    return instant.astimezone(timezone(timedelta(hours=2))).isoformat(timespec="milliseconds")


_FORMS: dict[str, Callable[[datetime], str]] = {
    "timestamps-whole-seconds": lambda t: f"{t:%Y-%m-%dT%H:%M:%S}Z",
    "timestamps-microseconds": lambda t: f"{t:%Y-%m-%dT%H:%M:%S.%f}Z",
    "timestamps-nanoseconds": lambda t: f"{t:%Y-%m-%dT%H:%M:%S.%f}000Z",
    "timestamps-zero-offset": lambda t: f"{t:%Y-%m-%dT%H:%M:%S.%f}+00:00",
    "timestamps-local-offset": _local,
}


def shown_as(switches: Switches[Any]) -> Callable[[str], str] | None:
    """Return how the variant that is on writes an instant, or nothing where they stay as stored."""
    for name, form in _FORMS.items():
        if switches.varies(name):
            return lambda text: form(parse(text))
    return None
