"""Moments as a list writes and shows them."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from conformance.contracts import pointer
from conformance.engine.context import Context
from conformance.engine.stops import NotReached
from conformance.http import instants

__all__ = ["DAY", "ZONES", "clock_of", "clock_text", "minute_before", "moment", "moment_of", "stamp"]

_OFFSETS: Final = {
    "Z": UTC,
    "+02:00": timezone(timedelta(hours=2)),
    "-07:30": timezone(-timedelta(hours=7, minutes=30)),
    "+00:00": timezone(timedelta(0)),
}
ZONES: Final = tuple(_OFFSETS)
"""Zones in which instants are written, the plainest first."""

DAY: Final = 86_400
"""Seconds of a day."""

_1970: Final = datetime(1970, 1, 1, tzinfo=UTC)


def stamp(instant: datetime, zone: str = "Z") -> str:
    """An instant in RFC 3339, in one of a few zones."""
    text = instant.astimezone(_OFFSETS[zone]).isoformat()
    return text.replace("+00:00", "Z") if zone == "Z" else text


def moment(shown: Any) -> datetime | None:
    """An RFC 3339 instant to the microsecond; None where it is none, or beyond the years that can be reckoned with."""
    read = instants.parse(shown)
    if read is None:
        return None
    try:
        return _1970 + timedelta(microseconds=int(read.seconds * 1_000_000))
    except OverflowError:
        return None


def moment_of(context: Context, item: dict[str, Any]) -> datetime:
    """When an item says that its call was created.

    Raises:
        NotReached: it says nothing readable.
    """
    created = moment(pointer.get(item, context.contract.listing.times["created"]))
    if created is None:
        raise NotReached("an item of the list has no readable creation time; schema.response says so")
    return created


def minute_before(instant: datetime) -> str:
    """A stamp a minute earlier, in whole seconds."""
    return stamp(instant.replace(microsecond=0) - timedelta(minutes=1))


def clock_of(instant: datetime) -> float:
    """Seconds since midnight, UTC."""
    utc = instant.astimezone(UTC)
    return (utc - utc.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()


def clock_text(seconds: int) -> str:
    """Seconds since midnight as HH:MM:SS."""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
