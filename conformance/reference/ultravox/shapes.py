"""Variants of how things are written: timestamps, fields, the envelope, errors."""

import json
import random
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from starlette.responses import Response

from conformance.reference.switches import Switches
from conformance.reference.ultravox.calls import Call
from conformance.reference.ultravox.situation import Situation

__all__ = ["associations", "encoded", "error", "json_response", "shaped_envelope", "shaped_item"]

_TIMES = ("created", "deletionTime", "joined", "ended")
_OPTIONAL = ("joined", "ended")


def json_response(status: int, body: Any) -> Response:
    """Answer with JSON; it must be able to carry whatever a fault put in."""
    return Response(encoded(body), status, media_type="application/json")


def encoded(body: Any) -> bytes:
    """JSON as UTF-8 bytes."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def error(status: int, detail: str, switches: Switches[Situation]) -> Response:
    """Answer with an error body in the form of this server."""
    if switches.varies("problem-json"):
        body = encoded({"type": "about:blank", "title": detail, "status": status})
        return Response(body, status, media_type="application/problem+json")
    if switches.varies("plain-text-errors"):
        return Response(detail, status, media_type="text/plain")
    return json_response(status, {"detail": detail})


def _in_zone(hours: int) -> Callable[[str], str]:
    zone = timezone(timedelta(hours=hours))
    return lambda text: datetime.fromisoformat(text).astimezone(zone).isoformat(timespec="microseconds")


_TIME_SHAPES: dict[str, Callable[[str], str]] = {
    "times-plus-zero": lambda text: text.replace("Z", "+00:00"),
    "times-plus-two": _in_zone(2),
    "times-minus-five": _in_zone(-5),
    "times-in-milliseconds": lambda text: text[:23] + "Z",
    "times-in-seconds": lambda text: text[:19] + "Z",
    "times-trimmed": lambda text: text[:-1].rstrip("0").rstrip(".") + "Z",
}


def associations(call: Call, switches: Switches[Situation]) -> dict[str, Any]:
    """What filters go on to know of a deleted call, where this server's variant shows it."""
    if not switches.varies("associations-shown"):
        return {}
    return {"agentId": call.agent_id, "voiceId": call.voice_id, "metadata": json.loads(call.metadata)}


def _reordered(fields: dict[str, Any], switches: Switches[Situation]) -> dict[str, Any]:
    names = [*fields]
    if switches.varies("keys-in-changing-order"):
        random.shuffle(names)
    return {name: fields[name] for name in names}


def shaped_item(fields: dict[str, Any], switches: Switches[Situation]) -> dict[str, Any]:
    """Write one item as this server's variants would."""
    for name, shape in _TIME_SHAPES.items():
        if switches.varies(name):
            fields |= {k: shape(fields[k]) for k in _TIMES if isinstance(fields.get(k), str)}
    if switches.varies("null-fields-absent"):
        fields = {k: v for k, v in fields.items() if k not in _OPTIONAL or v is not None}
    if switches.varies("default-fields-absent") and fields.get("maxDuration") == "3600s":
        del fields["maxDuration"]
    if switches.varies("extra-fields"):
        fields |= {"region": "eu-west", "shard": 7}
    return _reordered(fields, switches)


def shaped_envelope(body: dict[str, Any], switches: Switches[Situation]) -> dict[str, Any]:
    """Write the envelope of a list as this server's variants would."""
    if switches.varies("no-total"):
        del body["total"]
    if switches.varies("null-links-absent"):
        body = {k: v for k, v in body.items() if k not in ("next", "previous") or v is not None}
    if switches.varies("extra-fields"):
        body |= {"object": "list", "took": 0.2}
    return _reordered(body, switches)
