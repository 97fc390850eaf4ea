"""RFC 3339 instants as intervals: a stamp with n fractional digits says no more than [t, t + 10^-n)."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

__all__ = ["Instant", "parse", "same"]

_RFC3339 = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:[0-5]\d)", re.ASCII)
_FINEST = 15
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)  # noqa: UP017 - reads as the definition does


@dataclass(frozen=True, slots=True)
class Instant:
    """Seconds since the epoch, exactly, and how fine the stamp is (seconds)."""

    seconds: Decimal
    resolution: Decimal

    @property
    def end(self) -> Decimal:
        """The first moment that the stamp no longer covers."""
        return self.seconds + self.resolution


def parse(text: Any) -> Instant | None:
    """Read an RFC 3339 date-time with offset; None where it is none."""
    found = _RFC3339.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    *numbers, fraction, offset = found.groups()
    year, month, day, hour, minute, second = map(int, numbers)
    try:
        # A leap second is a lawful stamp that datetime does not know.
        whole = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=_zone(offset))
    except ValueError:
        return None
    if second > 60:
        return None
    since = whole - _EPOCH
    seconds = Decimal(since.days) * 86400 + since.seconds + (second == 60)
    # More digits than a Decimal adds exactly say nothing more: the stamp is taken as the coarser one.
    digits = (fraction or "")[:_FINEST]
    return Instant(seconds + (Decimal(f"0.{digits}") if digits else 0), Decimal(10) ** -len(digits))


def _zone(offset: str) -> timezone:
    if offset in "Zz":
        return timezone.utc  # noqa: UP017 - see above
    sign = -1 if offset[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(offset[1:3]), minutes=int(offset[4:6])))


def same(one: Any, other: Any) -> bool:
    """Whether two stamps name the same instant, at the coarser precision of the two.

    Text that is no instant is compared as it is.
    """
    left, right = parse(one), parse(other)
    if left is None or right is None:
        return bool(one == other)
    coarser = max(left.resolution, right.resolution)
    return abs(left.seconds - right.seconds) < coarser
