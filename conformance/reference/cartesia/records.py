"""The call record: which fields there are, what a deletion erases, what a recording looks like."""

import io
import wave
from typing import Any

__all__ = ["ENDED", "Record", "active", "erased", "is_phone", "recording", "redact"]

Record = dict[str, Any]

ENDED = frozenset({"completed", "failed"})
"""The terminal statuses: only such a call can be deleted."""

SENSITIVE = ("transcript", "summary", "metadata")
SENSITIVE_TELEPHONY = ("to", "from")


def active(record: Record) -> bool:
    """Tell whether the call has not ended."""
    return record["status"] not in ENDED


def erased(record: Record) -> bool:
    """Tell whether the call's sensitive data was deleted."""
    return record.get("redacted_at") is not None


def is_phone(record: Record) -> bool:
    """Tell whether the call was made by phone."""
    return (record.get("telephony_params") or {}).get("connection_type") == "phone"


def redact(record: Record) -> Record:
    """Return the record without its sensitive fields."""
    kept = {name: value for name, value in record.items() if name not in SENSITIVE}
    return without_telephony(kept, SENSITIVE_TELEPHONY)


def without_telephony(record: Record, fields: tuple[str, ...]) -> Record:
    """Return the record without these members of its telephony parameters."""
    telephony = record.get("telephony_params")
    if not telephony:
        return record
    return {**record, "telephony_params": {k: v for k, v in telephony.items() if k not in fields}}


def recording(marker: str) -> bytes:
    """Return a short WAV file (8 kHz, 8 bits, one channel) among whose samples stands the marker."""
    silence = bytes([128]) * 80
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(1)
        wav.setframerate(8000)
        wav.writeframes(silence + marker.encode("utf-8") + silence)
    return file.getvalue()
