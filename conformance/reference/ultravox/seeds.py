"""Read the calls that a provider state or a client asks for."""

import json
import uuid
from collections.abc import Callable
from typing import Any

from conformance.reference.ultravox.calls import END_REASONS, Call, is_uuid
from conformance.reference.ultravox.refusal import Refusal
from conformance.reference.ultravox.times import SECOND_US, duration_us, latest_us, now_us

__all__ = ["DEFAULT_MAX_DURATION", "body_of", "seeded"]

DEFAULT_MAX_DURATION = "3600s"
_HOUR_US = 3600 * SECOND_US
_TALK_US = 60 * SECOND_US


def body_of(raw: bytes) -> dict[str, Any]:
    """Read a JSON object that can be stored.

    Raises:
        Refusal: no JSON, no object, or text that UTF-8 cannot hold.
    """
    try:
        body = json.loads(raw, parse_constant=_refused)
        if b"\\u" in raw:
            json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Refusal(400, "the body is not JSON") from None
    if not isinstance(body, dict):
        raise Refusal(400, "the body is not a JSON object")
    return body


def _refused(constant: str) -> None:
    raise ValueError(constant)


def _is_instant(value: Any) -> bool:
    return isinstance(value, str) and "T" in value.upper() and _reads(latest_us, value)


def _is_duration(value: Any) -> bool:
    return isinstance(value, str) and _reads(duration_us, value)


def _reads(reader: Callable[[str], int], text: str) -> bool:
    try:
        reader(text)
    except ValueError:
        return False
    return True


def _is_metadata(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(v, str) for v in value.values())


def _or_null(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or check(value)


_FIELDS: dict[str, Callable[[Any], bool]] = {
    "created": _is_instant,
    "joined": _or_null(_is_instant),
    "ended": _or_null(_is_instant),
    "deletionTime": _is_instant,
    "maxDuration": _is_duration,
    "endReason": _or_null(lambda value: value in END_REASONS),
    "recordingEnabled": lambda value: isinstance(value, bool),
    "hadSummary": lambda value: isinstance(value, bool),
    "agentId": _or_null(is_uuid),
    "voiceId": _or_null(is_uuid),
    "metadata": _is_metadata,
    "text": _or_null(lambda value: isinstance(value, str)),
}


def seeded(given: Any, account: str, *, deleted: bool) -> Call:
    """Make a call with the fields given; what is not given fits what is.

    Raises:
        Refusal: a field is unknown or has no value that it can take.
    """
    if not isinstance(given, dict):
        raise Refusal(400, "a call is a JSON object")
    for field, value in given.items():
        if field not in _FIELDS or not _FIELDS[field](value):
            raise Refusal(400, f"{field}: not a field of a call, or not a value for it")
    created, joined, ended, deletion = _times(given)
    return Call(
        id=str(uuid.uuid4()),
        account=account,
        deleted=deleted,
        created_us=created,
        joined_us=joined,
        ended_us=ended,
        deletion_us=deletion if deleted else created,
        max_duration=given.get("maxDuration", DEFAULT_MAX_DURATION),
        end_reason=given.get("endReason", "unjoined" if joined is None else "hangup"),
        recording_enabled=given.get("recordingEnabled", False),
        had_summary=given.get("hadSummary", False),
        agent_id=_lower(given.get("agentId")),
        voice_id=_lower(given.get("voiceId")),
        text=given.get("text"),
        metadata=json.dumps(given.get("metadata", {}), ensure_ascii=False),
    )


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()


def _times(given: dict[str, Any]) -> tuple[int, int | None, int | None, int]:
    """Fix when it was created, joined, ended and deleted, in this order unless what is given says otherwise."""
    fixed = {f: latest_us(given[f]) for f in ("created", "joined", "ended", "deletionTime") if given.get(f)}
    now = now_us()
    created = fixed.get("created", min([now - _HOUR_US, *(us - _TALK_US for us in fixed.values())]))
    joined = fixed.get("joined")
    if "joined" not in given and given.get("endReason") != "unjoined":
        joined = min([created, *fixed.values()])
    ended = fixed.get("ended")
    if "ended" not in given and joined is not None:
        ended = min(joined + _TALK_US, fixed.get("deletionTime", now)) if joined <= now else joined
    deletion = fixed.get("deletionTime", max(now, created, joined or created, ended or created))
    return created, joined, ended, deletion
