"""Moments as a list writes and shows them."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from conformance import pointer
from conformance.rule import Vacuous
from conformance.scene import Scene

__all__ = ["ZONES", "minute_before", "moment_of", "stamp"]

ZONES = {
    "Z": UTC,
    "+00:00": timezone(timedelta(0)),
    "+02:00": timezone(timedelta(hours=2)),
    "-07:30": timezone(-timedelta(hours=7, minutes=30)),
}


def stamp(moment: datetime, zone: str = "Z") -> str:
    """An instant in RFC 3339, in one of a few zones."""
    text = moment.astimezone(ZONES[zone]).isoformat()
    return text.replace("+00:00", "Z") if zone == "Z" else text


def moment_of(scene: Scene, item: dict[str, Any]) -> datetime:
    """When an item says that its call was created.

    Raises:
        Vacuous: it says nothing readable.
    """
    try:
        moment = datetime.fromisoformat(str(pointer.get(item, scene.contract.listing["times"]["created"])))
    except ValueError:
        raise Vacuous("an item of the list has no readable creation time; schema.response says so") from None
    if moment.tzinfo is None:
        raise Vacuous("a creation time has no offset; schema.response says so")
    return moment


def minute_before(moment: datetime) -> str:
    """A stamp a minute earlier, in whole seconds."""
    return stamp(moment.replace(microsecond=0) - timedelta(minutes=1))
