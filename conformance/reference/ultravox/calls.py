"""The call as it is stored, and its two public faces: the live call and the tombstone."""

import json
import re
from typing import Any, NamedTuple

from conformance.reference.ultravox.times import rfc3339

__all__ = ["END_REASONS", "Call", "is_uuid", "live", "tombstone"]

END_REASONS = ("unjoined", "hangup", "agent_hangup", "timeout", "connection_error", "system_error")

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Call(NamedTuple):
    """One row of the table `calls`; times in microseconds since 1970.

    `deletion_us` of a live call is its creation: a sort key must not be NULL.
    """

    id: str
    account: str
    deleted: bool
    created_us: int
    joined_us: int | None
    ended_us: int | None
    deletion_us: int
    max_duration: str
    end_reason: str | None
    recording_enabled: bool
    had_summary: bool
    agent_id: str | None
    voice_id: str | None
    text: str | None
    metadata: str
    """A JSON object of strings."""


def is_uuid(text: object) -> bool:
    """Tell whether this is a UUID in its usual hyphenated form."""
    return isinstance(text, str) and _UUID.fullmatch(text) is not None


def tombstone(call: Call) -> dict[str, Any]:
    """Show what stays of a deleted call: exactly the fields of the document's `CallTombstone`."""
    return {
        "callId": call.id,
        "accountId": call.account,
        "created": rfc3339(call.created_us),
        "deletionTime": rfc3339(call.deletion_us),
        "joined": None if call.joined_us is None else rfc3339(call.joined_us),
        "ended": None if call.ended_us is None else rfc3339(call.ended_us),
        "maxDuration": call.max_duration,
        "endReason": call.end_reason,
        "recordingEnabled": bool(call.recording_enabled),
        "hadSummary": bool(call.had_summary),
    }


def live(call: Call) -> dict[str, Any]:
    """Show a call that was not deleted."""
    shown = tombstone(call)
    del shown["accountId"], shown["deletionTime"], shown["hadSummary"]
    return shown | {"agentId": call.agent_id, "voiceId": call.voice_id, "metadata": json.loads(call.metadata)}
