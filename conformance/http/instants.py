"""RFC 3339 instants as intervals: a stamp with n fractional digits says no more than [t, t + 10^-n)."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

__all__ = ["Instant", "parse", "same"]

_RFC3339 = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:[0-5]\d)", re.ASCII)
_FINEST = 15
_RESOLUTIONS = tuple(Decimal(10) ** -digits for digits in range(_FINEST + 1))
_EPOCH = date(1970, 1, 1).toordinal()


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
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    away = _minutes(found[8])
    try:
        days = date(year, month, day).toordinal() - _EPOCH
    except ValueError:
        return None
    # A leap second is a lawful stamp.
    if hour > 23 or minute > 59 or second > 60 or away is None:
        return None
    seconds = Decimal(((days * 24 + hour) * 60 + minute - away) * 60 + second)
    # More digits than a Decimal adds exactly say nothing more: the stamp is taken as the coarser one.
    digits = (found[7] or "")[:_FINEST]
    return Instant(seconds + Decimal(f"0.{digits}") if digits else seconds, _RESOLUTIONS[len(digits)])


def _minutes(offset: str) -> int | None:
    """Minutes by which a zone is ahead of UTC; None of a day or more."""
    if offset in "Zz":
        return 0
    hours = int(offset[1:3])
    away = hours * 60 + int(offset[4:6])
    return None if hours > 23 else -away if offset[0] == "-" else away


def same(one: Any, other: Any) -> bool:
    """Whether two stamps name the same instant, at the coarser precision of the two.

    Text that is no instant is compared as it is.
    """
    left, right = parse(one), parse(other)
    if left is None or right is None:
        return bool(one == other)
    coarser = max(left.resolution, right.resolution)
    return abs(left.seconds - right.seconds) < coarser
